"""What a switch has begun, written down before it is done, so that whoever comes after a kill or a cut can end it.

Who switches holds the lock of the app's deploys, which dies with its holder. A journal whose lock nobody holds is that
of a switch that was cut: until `station.hosts.switching.recovering` has ended it, nothing of the app may start.
"""

import fcntl
import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path

from station.durable import durable_write, sync_folder
from station.errors import Busy, StationError
from station.fleet import Host
from station.points.holding import locked

_FORMAT = 1
_FLICKER_S = 2.0  # who only asks whether a deploy is under way holds the lock for an instant


class Phase(StrEnum):
    """How far a switch has come. What may be done in a phase is done after it was written down."""

    PREPARING = "preparing"  # copies are made, beside everything that counts
    STOPPING = "stopping"  # the app is being stopped; its databases are as the old release left them
    CHANGING = "changing"  # the snapshot is whole; the new release may write to the databases
    TRYING = "trying"  # parts of the new release run in their place, to be judged
    PROVEN = "proven"  # the new release is healthy: from here on it goes forward
    UNDOING = "undoing"  # databases and links are being put back
    UNDONE = "undone"  # they are as they were; the old release has to be started


@dataclass(frozen=True)
class Journal:
    """A switch that is under way. `old` and `new` are releases; `old` is "" when the app runs here for the first time.

    `databases`: those that had a file before; only of these there is a snapshot. `started`: what has to run again in
    the end besides the app's processes. `kept`: the folder that takes what the new release wrote, when it is undone.
    `migrated`: a migration was begun. `why` it is undone, and whether the databases are brought back too (`restore`).
    """

    app: str
    kind: str
    old: str
    new: str
    begun_at: str
    phase: Phase = Phase.PREPARING
    databases: tuple[str, ...] = ()
    started: tuple[str, ...] = field(default=())
    kept: str = ""
    migrated: bool = False
    why: str = ""
    restore: bool = True


def journal_file(host: Host, app: str) -> Path:
    return host.paths.state(app) / "deploy.json"


def lock_file(host: Host, app: str) -> Path:
    """Held by whoever deploys the app, for as long as that takes."""
    return host.paths.lock(f"deploy-{app}")


def write(host: Host, journal: Journal) -> None:
    """Write it down durably, in place of what it said before."""
    file = journal_file(host, journal.app)
    file.parent.mkdir(parents=True, exist_ok=True)
    durable_write(file, json.dumps({"format": _FORMAT} | asdict(journal), indent=1).encode() + b"\n")


def read(host: Host, app: str) -> Journal | None:
    """The journal, None when no switch was begun. StationError when it cannot be read: then nothing may start."""
    file = journal_file(host, app)
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as why:
        raise _unreadable(file, why) from why
    try:
        if told.pop("format") != _FORMAT:
            raise ValueError("another version of Control Station wrote it")
        told |= {name: tuple(told[name]) for name in ("databases", "started")}
        return Journal(**(told | {"phase": Phase(told["phase"])}))
    except (AttributeError, KeyError, TypeError, ValueError) as why:
        raise _unreadable(file, why) from why


def remove(host: Host, app: str) -> None:
    """The switch is over, durably: the last thing of all."""
    journal_file(host, app).unlink(missing_ok=True)
    with suppress(FileNotFoundError):
        sync_folder(host.paths.state(app))


@contextmanager
def holding(host: Host, app: str, what: str, holder: str = "") -> Iterator[None]:
    """Hold the lock of the app's deploys. Busy, naming the holder, when another process does. `holder`: who we are."""
    ends = time.monotonic() + _FLICKER_S
    with ExitStack() as held:
        while True:
            try:
                held.enter_context(locked(lock_file(host, app), what, host.name, holder))
                break
            except Busy:
                if time.monotonic() > ends:
                    raise
                time.sleep(0.05)
        yield


def is_under_way(host: Host, app: str) -> bool:
    """Whether somebody deploys the app, or recovers it, right now."""
    try:
        with lock_file(host, app).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def is_cut(host: Host, app: str) -> bool:
    """Whether a switch was begun and its holder is gone: then `recover` comes before anything of the app starts."""
    file = journal_file(host, app)
    # Looked at twice: one that ends in between takes its journal away before it lets go of the lock.
    return file.exists() and not is_under_way(host, app) and file.exists()


def stillness(host: Host, app: str) -> str:
    """Why nothing of the app may start now, in words; "" when a deploy does not mind. What the units' guard asks.

    In the middle of a switch, between the old release's end and the new one's start, not even a start by hand or by a
    timer may bring old code to a database that is being migrated.
    """
    try:
        journal = read(host, app)
        if journal is None:
            return ""
        if is_cut(host, app):
            return f"A deploy of {app} ({journal.new}) was cut while it was {journal.phase}: it is recovered first"
    except StationError as why:
        return why.message
    still = journal.phase in (Phase.STOPPING, Phase.CHANGING, Phase.UNDOING)
    return f"{app} is being deployed ({journal.new}, {journal.phase}): the deploy starts it" if still else ""


def _unreadable(file: Path, why: Exception) -> StationError:
    return StationError(
        f"The journal of a deploy, {file}, cannot be read: {why}",
        "Nothing of the app starts while it is there. Look at the databases and at the links, then remove it",
    )
