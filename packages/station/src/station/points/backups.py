"""Freeing what is kept beside the restore points: backups that have a time for a name, and the records of drills.

What goes is decided by `plan_copies`, which is pure. A backup under a name of somebody's choice is never freed.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from station.clock import from_text
from station.fleet import Keep
from station.points.drill import FAILED, drills_prefix
from station.points.inventory import Steps, finish
from station.points.point import DatabaseId
from station.points.portable import Kept, backup_key, list_backups, record_key
from station.stores.store import Entry, Store

DRILLS_KEPT = 100
FAILURES_KEPT_FOR = timedelta(days=90)
UNDER_WAY = timedelta(days=2)  # a record without its copy may be of one that is being sent; names are in wall time

_BY_TIME = re.compile(r"database_backup_(\d{8}_\d{6})\.db(\.age)?")
_DRILL = re.compile(r"(\d{8}T\d{6})(\d{3})Z(-failed)?\.json")


@dataclass(frozen=True)
class CopiesPlan:
    """What of one database's backups and drill records goes. `keys` in the order in which they may be deleted."""

    backups: int
    drills: int
    freed_backups: tuple[str, ...]
    freed_drills: tuple[str, ...]
    freed_bytes: int
    keys: tuple[str, ...]


def prune_copies(
    store: Store,
    identity: DatabaseId,
    keep: Keep,
    now: datetime,
    dry_run: bool,
    still_ours: Callable[[], None] = lambda: None,
) -> CopiesPlan:
    """Free what may go and say what it was; `dry_run` only says it. StoreError; LeaseLost from `still_ours`."""
    decided = take_plan(store, identity, keep, now)
    if not dry_run:
        finish(free_copies(store, decided, still_ours))
    return decided


def pruning_copies(
    store: Store, identity: DatabaseId, keep: Keep, now: datetime, still_ours: Callable[[], None]
) -> Steps[CopiesPlan]:
    """As `prune_copies`, one small step at a time."""
    decided = take_plan(store, identity, keep, now)
    yield
    yield from free_copies(store, decided, still_ours)
    return decided


def take_plan(store: Store, identity: DatabaseId, keep: Keep, now: datetime) -> CopiesPlan:
    """What may go of what the store holds. StoreError."""
    backups = list_backups(store, identity) if keep.backups else []
    records = [entry.key for entry in store.list(backup_key(identity, ""))] if keep.backups else []
    return plan_copies(identity, backups, records, list(store.list(drills_prefix(identity))), (keep.backups, now))


def plan_copies(
    identity: DatabaseId,
    backups: Iterable[Kept],
    keys: Iterable[str],
    drills: Iterable[Entry],
    rule: tuple[int, datetime],
) -> CopiesPlan:
    """What goes. `keys`: all that lies among the backups; `rule`: how many of them are kept (0: all), and now. Pure."""
    newest, now = rule
    timed = sorted((each for each in backups if _BY_TIME.fullmatch(each.name)), key=_taken_at, reverse=True)
    going = timed[newest:] if newest else []
    rehearsals = sorted(drills, key=lambda entry: entry.key, reverse=True)
    told = [entry for place, entry in enumerate(rehearsals) if _may_go(entry.key, place, now)]
    copies = [backup_key(identity, each.name) for each in going]
    orphans = _orphans(identity, set(keys), now) if newest else []
    return CopiesPlan(
        backups=len(timed),
        drills=len(rehearsals),
        freed_backups=tuple(each.name for each in going),
        freed_drills=tuple(entry.key.rpartition("/")[2] for entry in told),
        freed_bytes=sum(each.bytes for each in going) + sum(entry.size_bytes for entry in told),
        # the copy before its record: a copy must never lie there without one
        keys=(*(key for copy in copies for key in (copy, record_key(copy))), *orphans, *(entry.key for entry in told)),
    )


def free_copies(store: Store, decided: CopiesPlan, still_ours: Callable[[], None]) -> Steps[None]:
    """Delete what a plan frees, in its order. `still_ours` raises LeaseLost when this is no longer ours to do."""
    for place, key in enumerate(decided.keys):
        if place % 50 == 0:
            still_ours()
        store.delete(key)
        yield


def _taken_at(kept: Kept) -> datetime:
    return kept.copy.taken_at if kept.copy else _named_at(kept.name)


def _named_at(name: str) -> datetime:
    """The wall time in the name, as if it were UTC; long ago when it is no time."""
    found = _BY_TIME.fullmatch(name)
    try:
        return datetime.strptime(found[1], "%Y%m%d_%H%M%S").replace(tzinfo=UTC) if found else _LONG_AGO
    except ValueError:
        return _LONG_AGO


_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def _may_go(key: str, place: int, now: datetime) -> bool:
    """Whether the record of a drill, the `place`-th newest, is not kept. What has no time in its name stays."""
    found = _DRILL.fullmatch(key.rpartition("/")[2])
    if found is None or place < DRILLS_KEPT:
        return False
    failed = found[3] == FAILED
    return not failed or from_text(f"{found[1]}.{found[2]}Z") < now - FAILURES_KEPT_FOR


def _orphans(identity: DatabaseId, keys: set[str], now: datetime) -> list[str]:
    """Records whose copy is gone: of a prune that was killed, or of a backup that never came."""
    folder = backup_key(identity, "")
    return sorted(
        key
        for key in keys
        if key.endswith((".db.json", ".db.age.json"))
        and key.removesuffix(".json") not in keys
        and _BY_TIME.fullmatch(name := key.removeprefix(folder).removesuffix(".json"))
        and _named_at(name) < now - UNDER_WAY
    )
