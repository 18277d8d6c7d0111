"""Make this machine what the manifest says: see what differs, do that in an order that may be cut, look again.

Killed at any moment and run again, it finishes. What was rendered is remembered last.
"""

import getpass
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from station.clock import to_text
from station.errors import Refused
from station.fleet import Fleet, Host
from station.hosts.listening import allowed, listeners
from station.hosts.machine import conflicts
from station.hosts.machine.doing import Doing, carry_out
from station.hosts.machine.writing import put, sweep, take_away
from station.hosts.rendering import memory, pending, render
from station.hosts.rendering.change import Change
from station.hosts.rendering.files import File, HostFiles
from station.hosts.rendering.found import Found, look
from station.hosts.rendering.memory import Share
from station.hosts.rendering.plan import Plan, plan
from station.hosts.rendering.unit_changes import restarts, waits_for
from station.points.holding import locked

ROOT = Path("/")
_PRIVATE = File("", mode=0o600)
_LOG = "applied.jsonl"
Tell = Callable[[str], None]
Tools = Callable[[Fleet, Host, Tell], list[str]]


@dataclass(frozen=True)
class Looked:
    """What a machine should have, what it has, and what there is to do."""

    wanted: HostFiles
    found: Found
    plan: Plan


@dataclass(frozen=True)
class Applied:
    """What was done, and what is left: changes that are a person's to make, units that wait for them, what failed."""

    host: str
    digest: str
    done: tuple[Change, ...]
    left: tuple[Change, ...] = ()
    waiting: tuple[str, ...] = ()
    troubles: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        return not (self.left or self.waiting or self.troubles)


def look_at(fleet: Fleet, host: Host, root: Path = ROOT) -> Looked:
    """Changes nothing. StationError when we may not look."""
    wanted = render(fleet, host)
    found = look(wanted, root)
    return Looked(wanted, found, plan(host.name, wanted, found))


def apply(fleet: Fleet, host: Host, digest: str, tools: Tools, *, now: datetime, tell: Tell) -> Applied:
    """Carry out the plan with that digest, "" for whatever there is to do. Nothing to do changes nothing.

    Refused when there is another plan by now, Busy when somebody is at it or deploys, PortTaken or StationError when
    something is in the way; all of these before the first change.
    """
    with alone(fleet, host) as free:
        before = look_at(fleet, host)
        same_plan(before.plan, digest)
        if not before.plan.changes:
            remember(fleet, host, before)
            return Applied(host.name, before.plan.digest, (), notes=additions(before))
        if is_for_people(before):
            return Applied(host.name, before.plan.digest, (), before.plan.changes, told_waiting(before))
        in_the_way(fleet, host, before)
        free()
        doing = Doing(fleet, host, before.wanted, before.found, before.plan.changes, now=now, tell=tell)
        with noted(before):
            troubles, notes = carry_out(doing, lambda: tools(fleet, host, tell))
            remember(fleet, host, before)
        after = look_at(fleet, host)
    left = after.plan.changes
    did = tuple(change for change in before.plan.changes if change not in left)
    troubles += falling(after)
    applied = Applied(
        host.name, before.plan.digest, did, left, told_waiting(after), tuple(troubles), (*notes, *additions(after))
    )
    log(host, applied, now)
    return applied


def same_plan(found: Plan, digest: str) -> None:
    """Refused when the plan is not the one that was looked at."""
    if digest and not found.digest.startswith(digest):
        raise Refused(
            f"Nothing was changed: there is another plan by now, {found.digest[:12]} in place of {digest[:12]}",
            f"Look at it again: `station plan {found.host}`",
        )


def in_the_way(fleet: Fleet, host: Host, looked: Looked) -> None:
    """PortTaken or StationError when the plan cannot be carried out; each names what is in the way."""
    conflicts.require_accounts(looked.wanted, looked.found.users)
    conflicts.require_data_at_home(looked.wanted, os.path.isdir)
    conflicts.require_folders(looked.wanted, looked.found.paths)
    taken = allowed.conflicts(listeners.listeners(), fleet, host)
    conflicts.require_ports(taken, looked.wanted, looked.found.states)


def is_for_people(looked: Looked) -> bool:
    """Whether nothing of it can be done here: all that is missing are secrets that somebody has to write."""
    given = {one.path for one in looked.wanted.needed if one.made != "generate"}
    return all((one.kind, one.action) == ("secret", "add") and one.name in given for one in looked.plan.changes)


def told_waiting(looked: Looked) -> tuple[str, ...]:
    """The units that are not started before a person has written their secrets."""
    lines = []
    for unit in looked.wanted.enable:
        if missing := waits_for(looked.wanted, looked.found, unit):
            lines.append(f"{unit} waits for {', '.join(missing)}")
    return tuple(lines)


def additions(looked: Looked) -> tuple[str, ...]:
    """What somebody added to units of ours, which is not ours to remove."""
    added = looked.found.drop_ins.items()
    return tuple(f"{unit} is not as rendered: somebody added {', '.join(paths)}" for unit, paths in added)


def falling(looked: Looked) -> list[str]:
    """Units that systemd starts again and again, for they do not stay up."""
    states = [looked.found.states[unit] for unit in looked.wanted.enable if unit in looked.found.states]
    return [
        f"{state.name} does not stay up ({state.result}, exit code {state.exit_status}): `journalctl -u {state.name}`"
        for state in states
        if state.sub == "auto-restart"
    ]


@contextmanager
def alone(fleet: Fleet, host: Host) -> Iterator[Callable[[], None]]:
    """Nobody else applies meanwhile, and once `free()` was called nobody deploys either. Busy, naming who does."""
    with ExitStack() as held:
        held.enter_context(locked(host.paths.run.with_name("station-apply.lock"), "The apply was", host.name))

        def free() -> None:
            for name, app in fleet.apps.items():
                if host.name in app.hosts:
                    held.enter_context(locked(host.paths.lock(f"deploy-{name}"), "The apply was", host.name))

        yield free


@contextmanager
def noted(looked: Looked) -> Iterator[None]:
    """What is being done is noted until the block ends well; what a run that was killed left beside files goes."""
    place = Path(pending.PLACE)
    place.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    sweep([*looked.found.pending.files, pending.PLACE, memory.PLACE])
    running = {unit: looked.found.states[unit].invocation for unit in restarts(looked.wanted, looked.found)}
    files = {path: memory.digest(file.text.encode()) for path, file in looked.wanted.files.items()}
    note = pending.Pending(files, {**looked.found.pending.restart, **running})
    put(place, pending.written(note).encode(), _PRIVATE)
    yield
    take_away(place)


def remember(fleet: Fleet, host: Host, looked: Looked) -> None:
    """Put down what the machine has now, if that is not what is put down already."""
    text = memory.written(memory.memory_of(looked.wanted, shares_of(fleet, host)))
    place = Path(memory.PLACE)
    if not place.exists() or place.read_text(encoding="utf-8") != text:
        put(place, text.encode(), _PRIVATE)


def shares_of(fleet: Fleet, host: Host) -> Mapping[str, Share]:
    """What the host has for each app alone."""
    whole = render(fleet, host)
    return {
        name: memory.share(whole, render(*without_app(fleet, host, name)))
        for name, app in fleet.apps.items()
        if host.name in app.hosts
    }


def without_app(fleet: Fleet, host: Host, app: str) -> tuple[Fleet, Host]:
    """The fleet and the host as if there were no such app."""
    bare = replace(host, mounts={name: mount for name, mount in host.mounts.items() if mount.app != app})
    apps = {name: its for name, its in fleet.apps.items() if name != app}
    return replace(fleet, apps=apps, hosts={**fleet.hosts, host.name: bare}), bare


def log(host: Host, applied: Applied, now: datetime) -> None:
    """A line about who changed what, without the text of anything."""
    changes = [f"{one.action} {one.kind} {one.name}" for one in applied.done]
    left = [f"{one.kind} {one.name}" for one in applied.left]
    troubles = list(applied.troubles)
    log_line(host, {"plan": applied.digest[:12], "changes": changes, "left": left, "troubles": troubles}, now)


def log_line(host: Host, told: Mapping[str, object], now: datetime) -> None:
    who = os.environ.get("SUDO_USER") or getpass.getuser()
    host.paths.logs.mkdir(parents=True, exist_ok=True)
    with (host.paths.logs / _LOG).open("a", encoding="utf-8") as file:
        file.write(json.dumps({"at": to_text(now), "who": who, **told}) + "\n")
