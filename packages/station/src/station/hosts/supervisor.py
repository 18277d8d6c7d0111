"""Keeps a whole fleet of folder hosts running from one process: an agent per host, and the page."""

import http.client
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from station.clock import Clock
from station.errors import GateFailed
from station.fleet import App, Fleet, Host
from station.fleet.addresses import reachable
from station.hosts.foreground import Foreground, UnitSpec, UnitState, last_lines
from station.hosts.units import Programs, unit_name

POLL_S = 0.2
READY_WITHIN_S = 60.0  # besides the time that the slowest app's health gate allows it
AGENT_STOP_S = 60.0  # it stops its app, takes the last point and stops its loops
LONGEST_PAUSE_S = 4.0  # without its agent a host does nothing at all
PAGE = "control-page"

Say = Callable[[str], None]


@dataclass(frozen=True)
class Launch:
    """What the children are started with: the manifest, our programs and the whole environment."""

    programs: Programs
    env: dict[str, str]


class Supervisor:
    """Starts, watches and ends the children of `station up`. Only its main thread may use it."""

    def __init__(self, fleet: Fleet, launch: Launch, now: Clock, say: Say) -> None:
        self._fleet = fleet
        self._launch = launch
        self._say = say
        self._children = Foreground(now)

    def start(self) -> None:
        for host in self._fleet.hosts.values():
            host.paths.status_file.unlink(missing_ok=True)  # what an earlier run said counts no more
            self._children.start(self._station(_agent_name(host), host, "agent", host.name))
        control = self._fleet.hosts[self._fleet.control.host]
        self._children.start(self._station(PAGE, control, "serve"))

    def watch(self) -> None:
        """Start again who died, and tell it. Call it often."""
        for event in self._children.supervise():
            self._say(event)

    def wait_until_ready(self, ended: Callable[[], bool]) -> None:
        """Return when every host has its role, every app is healthy and the page answers, or when `ended`.

        GateFailed, with the last lines that were logged, when that takes too long.
        """
        longest_gate_s = max(
            (app.gate.health.within_s for app in self._fleet.apps.values() if app.gate.health), default=0
        )
        deadline_s = time.monotonic() + READY_WITHIN_S + longest_gate_s
        said: set[str] = set()
        while (waiting_for := self._waiting_for()) and not ended():
            self.watch()
            if waiting_for not in said:
                said.add(waiting_for)
                self._say(f"waiting for {waiting_for}")
            if time.monotonic() > deadline_s or self._keeps_dying():
                raise self._not_ready(waiting_for)
            time.sleep(POLL_S)

    def end(self) -> None:
        """End everything in order: who serves an app first, so that its last point is taken and can be mirrored."""
        hosts = sorted(self._fleet.hosts.values(), key=lambda host: not _serves(read_status(host)))
        for host in hosts:
            self._say(f"stopping {host.name}")
            self._children.stop([_agent_name(host)])
        self._children.stop([PAGE])

    def _station(self, name: str, host: Host, *words: str) -> UnitSpec:
        command = ("station", "--fleet", str(self._fleet.path), *words)
        return UnitSpec(
            name=name,
            command=self._launch.programs.command(command),
            env=self._launch.env,
            log=host.paths.log(name),
            stop_s=AGENT_STOP_S,
            longest_pause_s=LONGEST_PAUSE_S,
        )

    def _waiting_for(self) -> str:
        """What is not ready yet, in words; empty when everything is."""
        statuses = {host.name: read_status(host) for host in self._fleet.hosts.values()}
        for host, status in statuses.items():
            if status.get("pid") != self._children.units[_agent_name(self._fleet.hosts[host])].pid:
                return f"the agent of {host}"
        for app in self._fleet.apps.values():
            if missing := _app_waits_for(app, statuses):
                return missing
        control = self._fleet.control
        return "" if _answers(control.bind, control.port) else "the Control Station page"

    def _keeps_dying(self) -> bool:
        """Whether an app's process, an agent or the page died several times in a row: waiting is of no use then."""
        if any(unit.state is UnitState.FAILED for unit in self._children.units.values()):
            return True
        apps = [app for host in self._fleet.hosts.values() for app in read_status(host).get("apps", {}).values()]
        return any(unit.get("state") == UnitState.FAILED for app in apps for unit in app.get("units", {}).values())

    def _not_ready(self, waiting_for: str) -> GateFailed:
        logs = [host.paths.log(name) for host in self._fleet.hosts.values() for name in self._log_names(host)]
        newest = max((log for log in logs if log.exists()), key=lambda log: log.stat().st_mtime, default=None)
        said = ""
        if newest is not None:
            said = f"\nThe last lines of {newest}:\n" + "\n".join(f"    {x}" for x in last_lines(newest).splitlines())
        return GateFailed(
            f"The fleet did not come up: it still waited for {waiting_for}{said}",
            "The logs are in var/log of each host's folder",
        )

    def _log_names(self, host: Host) -> list[str]:
        units = [unit_name(app, process) for app in self._fleet.apps.values() for process in app.processes]
        return [_agent_name(host), PAGE, *units]


def read_status(host: Host) -> dict[str, Any]:
    """What the agent wrote last; empty when there is nothing."""
    try:
        found = json.loads(host.paths.status_file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def folders_of(fleet: Fleet) -> list[Path]:
    """The folders that must be there before anything starts."""
    found = []
    for host in fleet.hosts.values():
        found += [host.paths.run, host.paths.log("any").parent]
        found += [host.paths.state(app.name) for app in fleet.apps.values() if host.name in app.hosts]
    return found


def _agent_name(host: Host) -> str:
    return f"agent-{host.name}"


def _serves(status: dict[str, Any]) -> bool:
    return any(app.get("role") == "primary" for app in status.get("apps", {}).values())


def _app_waits_for(app: App, statuses: dict[str, dict[str, Any]]) -> str:
    parts = {host: statuses[host].get("apps", {}).get(app.name, {}) for host in app.hosts}
    primary = next((host for host, part in parts.items() if part.get("role") == "primary"), None)
    if primary is None:
        errors = [part["lease_error"] for part in parts.values() if part.get("lease_error")]
        return f"a primary of {app.name}" + (f" ({errors[0]})" if errors else "")
    unit = parts[primary].get("units", {}).get(app.gate.name, {})
    if not unit.get("healthy"):
        return f"{app.name} on {primary} to be healthy"
    for host, part in parts.items():
        if host != primary and part.get("role") != "standby":
            return f"{host} to be standby of {app.name}"
        if any(not database.get("point") for database in part.get("databases", {}).values()):
            what = "the first restore point of" if host == primary else f"the copy on {host} of"
            return f"{what} {app.name}"
    return ""


def _answers(bind: str, port: int) -> bool:
    connection = http.client.HTTPConnection(reachable(bind), port, timeout=1.0)
    try:
        connection.request("GET", "/health")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def child_environment(env: dict[str, str], ports: str) -> dict[str, str]:
    """The environment of agents and page: ours, and the ports that were chosen for this run."""
    chosen = {"STATION_PORTS": ports} if ports else {}
    return {name: value for name, value in env.items() if name != "STATION_PORTS"} | chosen | {"PYTHONUNBUFFERED": "1"}
