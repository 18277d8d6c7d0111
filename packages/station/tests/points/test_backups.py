"""Pruning of backups and drill records: the plan as tables, and the deleting on a real store."""

from datetime import UTC, datetime, timedelta

import pytest

from station.clock import to_text
from station.errors import LeaseLost
from station.fleet import Keep
from station.points.backups import CopiesPlan, plan_copies, prune_copies, pruning_copies
from station.points.point import DatabaseId
from station.points.portable import Copy, Kept, backup_key, list_backups, record_key, to_record
from station.stores.directory import DirectoryStore
from station.stores.store import Entry

COUNTER = DatabaseId("counter", "main")
NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
DAY = timedelta(days=1)


def copy_of(taken_at: datetime) -> Copy:
    return Copy("counter", "main", 1, "one", taken_at, 4096, 1, "0" * 32, True, 3, "0" * 64)


def timed(days_ago: float, *, record: bool = True) -> Kept:
    at = NOW - days_ago * DAY
    return Kept(f"database_backup_{at:%Y%m%d_%H%M%S}.db", 3, copy_of(at) if record else None)


def drill(days_ago: float, failed: str = "") -> Entry:
    stamp = to_text(NOW - days_ago * DAY).replace("-", "").replace(":", "").replace(".", "")
    return Entry(f"counter/main/drills/{stamp}{failed}.json", 10)


def planned(backups=(), drills=(), keep: int = 2, keys=()) -> CopiesPlan:
    return plan_copies(COUNTER, backups, keys, drills, (keep, NOW))


def test_the_newest_backups_are_kept_and_the_copy_goes_before_its_record() -> None:
    old, newer, newest = timed(9), timed(5), timed(1)
    found = planned([newest, old, newer])
    assert found.freed_backups == (old.name,)
    key = backup_key(COUNTER, old.name)
    assert found.keys == (key, record_key(key))
    assert found.freed_bytes == 3


def test_nought_keeps_all_backups() -> None:
    assert planned([timed(day) for day in range(400)], keep=0).keys == ()


def test_a_named_backup_is_never_freed_and_does_not_count() -> None:
    named = Kept("before-migration.db", 3, copy_of(NOW - 900 * DAY))
    likely = Kept("database_backup_2020.db", 3, None)
    found = planned([named, likely, timed(1), timed(2)])
    assert found.keys == ()
    assert found.backups == 2


def test_a_backup_is_as_old_as_its_record_says_not_as_its_name_does() -> None:
    at = NOW - 3 * DAY  # taken in the hour that comes twice, under the wall time of the first
    late = Kept("database_backup_20261025_020500.db", 3, copy_of(at))
    found = planned([late, timed(4), timed(5)])
    assert found.freed_backups == (timed(5).name,)


def test_a_backup_without_a_readable_record_goes_by_its_name() -> None:
    found = planned([timed(9, record=False), timed(5), timed(1, record=False)])
    assert found.freed_backups == (timed(9).name,)


def test_a_record_without_its_copy_goes_when_no_copy_can_be_on_its_way() -> None:
    old, fresh = (record_key(backup_key(COUNTER, timed(days).name)) for days in (3, 1))
    named = record_key(backup_key(COUNTER, "mine.db"))
    there = backup_key(COUNTER, timed(4).name)
    found = planned([timed(4)], keys=[old, fresh, named, there, record_key(there)])
    assert found.keys == (old,)


def test_a_hundred_drills_are_kept_and_every_failure_of_ninety_days() -> None:
    passed = [drill(day) for day in range(110)]
    failed = [drill(80.5, "-failed"), drill(105.5, "-failed"), drill(300, "-failed")]
    found = planned(drills=[*passed, *failed])
    assert found.drills == 113
    kept = {entry.key.rpartition("/")[2] for entry in (*passed, *failed)} - set(found.freed_drills)
    assert len(kept) == 100
    assert failed[0].key.rpartition("/")[2] in kept
    many = [drill(day / 2, "-failed") for day in range(150)]
    assert planned(drills=many).freed_drills == ()
    assert len(planned(drills=[*many, *[drill(200 + day) for day in range(5)]]).freed_drills) == 5


def test_what_no_drill_was_recorded_under_stays() -> None:
    other = Entry("counter/main/drills/readme.json", 5)
    assert other.key not in planned(drills=[*[drill(day) for day in range(120)], other]).keys


@pytest.fixture
def store(tmp_path) -> DirectoryStore:
    made = DirectoryStore("disk", tmp_path / "store")
    made.initialise()
    for kept in (timed(9), timed(5), timed(1), Kept("mine.db", 3, copy_of(NOW - 99 * DAY))):
        key = backup_key(COUNTER, kept.name)
        assert kept.copy is not None
        made.put(record_key(key), to_record([kept.copy]))
        made.put(key, b"abc")
    for day in range(103):
        made.put(drill(day).key, b"{}")
    return made


def names(store: DirectoryStore) -> list[str]:
    return [kept.name for kept in list_backups(store, COUNTER)]


def test_a_dry_run_says_the_same_and_frees_nothing(store) -> None:
    before = [entry.key for entry in store.list()]
    dry = prune_copies(store, COUNTER, Keep(backups=2), NOW, dry_run=True)
    assert [entry.key for entry in store.list()] == before
    assert prune_copies(store, COUNTER, Keep(backups=2), NOW, dry_run=False) == dry
    assert names(store) == ["mine.db", timed(5).name, timed(1).name]
    assert len(list(store.list("counter/main/drills/"))) == 100
    assert prune_copies(store, COUNTER, Keep(backups=2), NOW, dry_run=False).keys == ()


def test_killed_after_any_step_no_copy_is_without_its_record_and_the_next_run_ends_it(store) -> None:
    steps = pruning_copies(store, COUNTER, Keep(backups=1), NOW, lambda: None)
    for _ in range(3):
        next(steps)
        assert all(kept.copy for kept in list_backups(store, COUNTER))
    prune_copies(store, COUNTER, Keep(backups=1), NOW, dry_run=False)
    assert names(store) == ["mine.db", timed(1).name]
    assert len(list(store.list(backup_key(COUNTER, "")))) == 4


def test_nothing_is_freed_once_another_host_is_primary(store) -> None:
    def lost() -> None:
        raise LeaseLost("two is primary")

    with pytest.raises(LeaseLost):
        prune_copies(store, COUNTER, Keep(backups=1), NOW, dry_run=False, still_ours=lost)
    assert len(names(store)) == 4
