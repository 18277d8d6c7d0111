"""End an old primary that does not answer, and keep it from serving until the lease has moved.

A folder host lies on this machine, so its agent can be killed; its units die with it. The mark in its state folder
tells the next agent there that a switch is under way.
"""

import os
import signal
import time
from datetime import datetime
from pathlib import Path

from station.clock import from_text, to_text
from station.cluster.files import read_json, write_json
from station.cluster.guarding import Fence
from station.cluster.instance import Instance, holder, started_ticks
from station.cluster.roles import Role
from station.errors import Refused
from station.fleet import Host

FENCED_S = 60.0
_GONE_WITHIN_S = 10.0


def fence(host: Host, app: str, epoch: int, now: datetime) -> str:
    """Make sure that the host does not serve the app in `epoch` any more. What was done, in words.

    Only the very process that holds the agent's lock is killed: its id and its start time must both match.
    Refused when it does not end.
    """
    mark_fenced(host, app, epoch, now)
    units = [Instance(pid, ticks) for pid in _unit_pids(host) if (ticks := started_ticks(pid)) is not None]
    agent = holder(host.paths.lock("agent"))
    if agent is None:
        done = f"no agent runs on {host.name}"
    else:
        _kill(agent)
        done = f"the agent of {host.name} (pid {agent.pid}) did not answer and was ended"
    _wait_until_gone(host, [*([agent] if agent else []), *units])
    _correct_last_words(host)
    return done


def mark_fenced(host: Host, app: str, epoch: int, now: datetime) -> None:
    """Whoever starts as an agent there in the next minute does not serve that epoch."""
    write_json(_mark(host, app), {"epoch": epoch, "at": to_text(now)}, durable=True)


def fenced_epoch(host: Host, app: str, now: datetime) -> int | None:
    """The epoch that the host may not serve for the moment, or None. The mark wears off after a minute."""
    found = read_json(_mark(host, app))
    try:
        age_s = (now - from_text(found["at"])).total_seconds() if found else FENCED_S
        return int(found["epoch"]) if found and 0 <= age_s < FENCED_S else None
    except (ValueError, TypeError, KeyError):
        return None


def last_fenced(host: Host, app: str) -> int | None:
    """The epoch that the host was told not to serve, however long ago; None when it has learnt how that ended."""
    epoch = (read_json(_mark(host, app)) or {}).get("epoch")
    return epoch if isinstance(epoch, int) else None


def fence_of(host: Host, app: str, now: datetime) -> Fence:
    """What the guard asks of it."""
    return Fence(fenced_epoch(host, app, now), last_fenced(host, app))


def unfence(host: Host, app: str) -> None:
    _mark(host, app).unlink(missing_ok=True)


def _mark(host: Host, app: str) -> Path:
    return host.paths.state(app) / "fenced.json"


def _unit_pids(host: Host) -> list[int]:
    """The processes that the agent said were its units; all of them are tied to it and end when it ends."""
    apps = (read_json(host.paths.status_file) or {}).get("apps", {})
    units = [unit for app in apps.values() for unit in app.get("units", {}).values()]
    return [unit["pid"] for unit in units if isinstance(unit.get("pid"), int)]


def _correct_last_words(host: Host) -> None:
    """Its status still says that it serves: whoever reads that beside the new primary's would see two primaries."""
    file = host.paths.status_file
    said = read_json(file)
    if not said:
        return
    written_s = file.stat().st_mtime
    for app in said.get("apps", {}).values():
        app["role"] = Role.DEMOTED.value
        for unit in app.get("units", {}).values():
            unit |= {"state": "stopped", "pid": None, "healthy": None}
    write_json(file, said, durable=False)
    os.utime(file, (written_s, written_s))  # nobody heard from it later than that


def _kill(agent: Instance) -> None:
    try:
        handle = os.pidfd_open(agent.pid)
    except ProcessLookupError:
        return
    try:
        # the handle names one process for good: compare once more, then nobody else can be hit
        if agent.is_alive:
            signal.pidfd_send_signal(handle, signal.SIGKILL)
    finally:
        os.close(handle)


def _wait_until_gone(host: Host, processes: list[Instance]) -> None:
    deadline_s = time.monotonic() + _GONE_WITHIN_S
    while any(process.is_alive for process in processes):
        if time.monotonic() > deadline_s:
            left = ", ".join(str(process.pid) for process in processes if process.is_alive)
            raise Refused(
                f"{host.name} cannot be fenced: its processes {left} do not end",
                "Two primaries would lose rows. End them by hand, then run the command again",
            )
        time.sleep(0.02)
