"""Take an app off this machine: its units end, and what rendering left for it goes. Its data, code and secrets stay
unless they are asked for too; then they are moved aside, and no store is touched."""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from station.errors import Refused, StationError
from station.fleet import Fleet, Host
from station.hosts import systemctl
from station.hosts.machine import starting
from station.hosts.machine.apply import Looked, alone, log_line, noted, shares_of, without_app
from station.hosts.machine.doing import Doing, carry_out
from station.hosts.machine.programs import run
from station.hosts.machine.writing import put
from station.hosts.rendering import memory, render
from station.hosts.rendering.change import Change
from station.hosts.rendering.files import File
from station.hosts.rendering.found import look
from station.hosts.rendering.memory import Share
from station.hosts.rendering.plan import Plan, plan

REMOVED = Path("/var/lib/station/removed")
ROOT = Path("/")
AGENT = "station-agent.service"


@dataclass(frozen=True)
class Leaving:
    """What is to go of an app, and what stays or, with its data, moves."""

    app: str
    share: Share
    looked: Looked
    stays: tuple[str, ...]
    comes_back: bool


@dataclass(frozen=True)
class Removed:
    """What was done, where the rest is, and what failed."""

    host: str
    app: str
    done: tuple[Change, ...]
    left: tuple[str, ...]
    moved: tuple[str, ...] = ()
    troubles: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def look_for(fleet: Fleet, host: Host, app: str) -> Leaving:
    """What there is of the app here, in the manifest or only remembered. StationError when there is nothing."""
    here = app in fleet.apps and host.name in fleet.apps[app].hosts
    rest = render(*without_app(fleet, host, app)) if here else render(fleet, host)
    found = look(rest, ROOT)
    share = found.remembered.apps.get(app) or (shares_of(fleet, host)[app] if here else None)
    if share is None:
        known = ", ".join(sorted(found.remembered.apps)) or "no app"
        raise StationError(f"There is nothing of {app} on {host.name}; there is {known}", "`station releases` has more")
    ours = {path for path in share.folders if Path(path).exists()}
    tops = sorted(path for path in ours if not any(Path(path).is_relative_to(up) for up in ours - {path}))
    shared = {path for path, text in rest.files.items() if here and text != render(fleet, host).files.get(path)}
    shared |= {"/etc/sysusers.d/station.conf", "/etc/tmpfiles.d/station.conf", "/etc/logrotate.d/station"}
    changes = tuple(_about(share, shared, plan(host.name, rest, found).changes))
    return Leaving(app, share, Looked(rest, found, Plan(host.name, changes)), tuple(tops), here)


def remove(fleet: Fleet, host: Host, app: str, *, purge: bool, now: datetime, tell: Callable[[str], None]) -> Removed:
    """Do it. Busy when somebody applies or deploys; with `purge`, Refused while restore points are not sent."""
    with alone(fleet, host) as free:
        leaving = look_for(fleet, host, app)
        free()
        if purge:
            _all_sent(host.paths.state(app))
        looked = leaving.looked
        doing = Doing(fleet, host, looked.wanted, looked.found, looked.plan.changes, now=now, tell=tell)
        with noted(looked):
            troubles, notes = carry_out(doing, list)
            changed = {one.name: looked.wanted.files[one.name] for one in doing.of("file", "change")}
            kept = memory.forgotten(looked.found.remembered, app, leaving.share, changed)
            put(Path(memory.PLACE), memory.written(kept).encode(), File("", mode=0o600))
        moved: list[str] = []
        if purge:
            with _without_agent():
                moved = list(_put_away(leaving.stays, REMOVED / f"{app}-{now:%Y%m%dT%H%M%SZ}"))
            troubles += _users_gone(doing, leaving.share.accounts)
    log_line(host, {"removed": app, "purged": purge, "troubles": troubles}, now)
    left = tuple(path for path in leaving.stays if Path(path).exists())
    return Removed(host.name, app, looked.plan.changes, left, tuple(moved), tuple(troubles), tuple(notes))


def _about(share: Share, shared: set[str], changes: Iterable[Change]) -> Iterator[Change]:
    """Of all that would change, what has to do with the app alone."""
    mine = {
        ("file", "remove"): set(share.files),
        ("file", "change"): shared,
        ("unit", "disable"): {*share.units, *share.for_users},
        ("unit", "restart"): {Path(path).name for path in shared},
    }
    return (change for change in changes if change.name in mine.get((change.kind, change.action), ()))


def _all_sent(state: Path) -> None:
    waiting = sorted((state / "outbox").glob("*.pending"))
    if waiting:
        raise Refused(
            f"Nothing was removed: {len(waiting)} restore points are still on their way to a store ({waiting[0]})",
            "Wait until they are sent, `station status` says when; or remove without --purge-data, which keeps all",
        )


@contextmanager
def _without_agent() -> Iterator[None]:
    """One that has not read the newest manifest would make the app's folders again. The apps run on meanwhile."""
    runs = systemctl.states([AGENT])[AGENT].active not in ("inactive", "failed")
    if runs:
        with suppress(StationError):  # what was moved is safe, whatever is made anew in its place
            systemctl.act("stop", [AGENT])
    try:
        yield
    finally:
        if runs:
            starting.start([AGENT])


def _put_away(paths: Iterable[str], aside: Path) -> Iterator[str]:
    """Move them below one folder that only root can read; on another disk they stay on it, under another name."""
    for path in paths:
        place = Path(path)
        if place.is_relative_to("/opt/venvs"):
            shutil.rmtree(place)
            yield f"{place} deleted: a deploy makes it again"
            continue
        target = aside / path.lstrip("/")
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside.chmod(0o700)
        try:
            place.rename(target)
        except OSError:  # another disk
            target = place.with_name(f"{place.name}.removed-{aside.name}")
            place.rename(target)
            os.chown(target, 0, 0)
            target.chmod(0o700)
        yield f"{place} -> {target}"


def _users_gone(doing: Doing, names: Iterable[str]) -> list[str]:
    """The users that ran the app and nothing else; a person's account stays."""
    applied = {one.name: one for one in doing.found.remembered.applied.accounts}
    troubles = []
    for name in names:
        if name in applied and not applied[name].person and name in doing.found.users:
            try:
                run(["userdel", name], f"End its processes, then `userdel {name}`")
            except StationError as why:
                troubles.append(f"{why.message}. {why.hint}")
    return troubles
