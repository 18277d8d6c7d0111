"""What a host is for an app, and what the lease makes of it. `decide` is pure; role.json is the host's memory.

role.json says which epoch the database in place belongs to. It is written after the database is in place and taken away
after the database was moved aside, so that a start after any kill finds out what was begun.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from station.clock import to_text
from station.cluster.files import read_json, write_json
from station.cluster.lease import Holding
from station.durable import sync_folder


class Role(StrEnum):
    STARTING = "starting"  # the lease is not known yet, or something is missing
    PRIMARY = "primary"
    STANDBY = "standby"
    DEMOTED = "demoted"  # it stopped on request and waits for the lease to move


class Next(StrEnum):
    """What to do when the lease is what it is."""

    WAIT = "wait"  # nobody is primary yet, and it is not for us to begin
    BEGIN = "begin"  # take the first epoch
    SERVE = "serve"  # we are primary and our database belongs to this epoch
    FINISH = "finish"  # we hold the epoch, but a kill came between taking it and having the database in place
    MISSING = "missing"  # we are primary and our database is gone
    REJOIN = "rejoin"  # somebody else is primary, and we have a database that was live
    FOLLOW = "follow"  # somebody else is primary


@dataclass(frozen=True)
class Facts:
    """What a host knows of itself. `epoch` is role.json's; `complete`: every database is in place; `remains`: any file
    of a live database is; `fresh`: the app makes its own databases and has not had the time yet."""

    host: str
    is_named_primary: bool
    epoch: int | None
    complete: bool
    remains: bool
    fresh: bool = False


def decide(facts: Facts, holding: Holding | None) -> Next:
    """What the host has to do now. The lease alone says who is primary."""
    if holding is None:
        return _without_a_primary(facts)
    if holding.holder != facts.host:
        return Next.REJOIN if facts.remains or facts.epoch is not None else Next.FOLLOW
    if facts.epoch != holding.epoch:
        return Next.FINISH
    return Next.SERVE if facts.complete or facts.fresh else Next.MISSING


def _without_a_primary(facts: Facts) -> Next:
    # A store that was replaced holds no epochs either: who was primary last goes on, from its own epoch.
    if facts.complete and (facts.epoch is not None or facts.is_named_primary):
        return Next.BEGIN
    if facts.fresh and facts.is_named_primary:
        return Next.BEGIN
    return Next.WAIT if facts.is_named_primary else Next.FOLLOW


def is_fresh(state: Path) -> bool:
    """Whether the app's first start was begun here and its databases are still to be made by it."""
    return _first_start(state).exists()


def mark_fresh(state: Path) -> None:
    write_json(_first_start(state), {}, durable=True)


def forget_fresh(state: Path) -> None:
    if is_fresh(state):
        _first_start(state).unlink(missing_ok=True)
        sync_folder(state)


def _first_start(state: Path) -> Path:
    return state / "first-start.json"


def read_epoch(state: Path) -> int | None:
    """The epoch of the database in place, or None when there is none."""
    epoch = (read_json(state / "role.json") or {}).get("epoch")
    return epoch if isinstance(epoch, int) else None


def write_epoch(state: Path, epoch: int, now: datetime) -> None:
    write_json(state / "role.json", {"epoch": epoch, "written_at": to_text(now)}, durable=True)


def forget_epoch(state: Path) -> None:
    (state / "role.json").unlink(missing_ok=True)
    sync_folder(state)
