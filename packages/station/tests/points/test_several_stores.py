"""One reading of the database for several stores, each with chains of its own, failing and catching up by itself."""

import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from station.errors import DamagedObject, StoreError
from station.points import delta, shadow
from station.points.aside import aside_path
from station.points.catalog import list_points
from station.points.point import Point
from station.points.restore import restore
from station.points.shadow import Shadow
from station.points.taker import PointTaker
from station.points.target import Rules, Target
from station.sqlite.follow import LogOvertaken, Moment
from station.sqlite.scan import Snapshot, scan_database, scan_file
from station.stores.directory import DirectoryStore


class Full(tempfile.SpooledTemporaryFile):  # type: ignore[type-arg]
    """A file on a disk that has no room."""

    def write(self, block: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


class Pair:
    """A taker with two stores, moved on by hand."""

    def __init__(self, bench: Any, taker: PointTaker, second: DirectoryStore) -> None:
        self.bench, self.taker, self.second = bench, taker, second
        self.targets = taker.targets

    def send(self, *targets: Target) -> None:
        for target in targets or self.targets:
            target.advance(self.bench.epoch, self.bench.now, lambda: None)

    def read(self, *targets: Target) -> dict[str, Any]:
        self.bench.later()
        return self.taker.read(targets or self.targets, self.bench.epoch, self.bench.now)

    def take(self) -> None:
        self.send()
        self.read()
        self.send()

    def points(self) -> list[list[Point]]:
        return [list_points(store, self.bench.identity) for store in (self.bench.store, self.second)]

    def both_restore_to_now(self) -> bool:
        now = scan_database(self.bench.database).digest
        return [self.restored(store) for store in (self.bench.store, self.second)] == [now, now]

    def restored(self, store: DirectoryStore) -> str:
        point = list_points(store, self.bench.identity)[-1]
        target = self.bench.folder / f"restored-{store.name}-{point.chain}-{point.seq}.db"
        restore(store, point, target)
        return scan_file(target).digest


@pytest.fixture(params=[("wal", "plain"), ("wal", "delta"), ("delete", "delta")], ids="-".join)
def pair(bench: Any, request: pytest.FixtureRequest) -> Iterator[Pair]:
    second = DirectoryStore("usb", bench.folder / "usb")
    second.initialise()
    journal, encoding = request.param
    bench.sql(f"pragma journal_mode = {journal}; pragma wal_autocheckpoint = 0; update spots set note = note")
    bench.rules = Rules(encoding=encoding)
    with bench.taker() as taker:
        taker.also_into(second)
        yield Pair(bench, taker, second)


def scans(monkeypatch: pytest.MonkeyPatch) -> list[Snapshot]:
    made: list[Snapshot] = []
    real = Snapshot.scan
    monkeypatch.setattr(Snapshot, "scan", lambda self, *more: (made.append(self), real(self, *more))[1])
    return made


def test_one_reading_serves_both_though_they_stand_at_different_points(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = scans(monkeypatch)
    pair.take()
    assert len(made) == 1
    pair.bench.add_rows(20)
    pair.read(pair.targets[0])
    pair.send()
    pair.bench.sql("update spots set note = 'later' where id = 3")
    pair.take()
    first, second = pair.points()
    assert [[point.seq for point in points] for points in (first, second)] == [[0, 1, 2], [0, 1]]
    assert second[1].changed_pages > first[2].changed_pages
    assert pair.both_restore_to_now()


def test_a_full_copy_for_one_and_a_change_for_the_other_come_of_one_reading(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair.send()
    pair.read(pair.targets[0])
    pair.send()
    pair.bench.add_rows(20)
    made = scans(monkeypatch)
    pair.take()
    first, second = pair.points()
    assert len(made) == 1
    assert [[point.seq for point in points] for points in (first, second)] == [[0, 1], [0]]
    assert first[0].chain != second[0].chain
    assert pair.both_restore_to_now()


def test_deltas_stay_small_for_a_store_that_missed_some_and_for_one_that_did_not(pair: Pair) -> None:
    if pair.bench.rules.encoding == "plain":
        pytest.skip("plain changes are as large as their pages")
    pair.take()
    for number in range(6):
        pair.bench.sql(f"update spots set note = 'number {number}'")
        pair.read(*pair.targets[: 1 + (number > 4)])
        pair.send()
    first, second = pair.points()
    size = first[0].object_bytes
    assert all(point.encoding == "delta" and point.object_bytes < size / 10 for point in (*first[1:], second[1]))
    assert second[1].changed_pages > 0 and pair.both_restore_to_now()


def put_aside(pair: Pair) -> Path:
    return aside_path(pair.bench.state, pair.bench.identity, pair.second.name)


def test_what_was_put_aside_for_a_store_goes_when_its_point_is_written(pair: Pair) -> None:
    if pair.bench.rules.encoding == "plain":
        pytest.skip("plain changes need no old pages")
    pair.take()
    pair.bench.sql("update spots set note = 'other' where id < 10")
    pair.read(pair.targets[0])
    kept = put_aside(pair).stat()
    assert 0 < kept.st_blocks * 512 < pair.bench.database.stat().st_size and kept.st_mode & 0o777 == 0o600
    pair.take()
    assert not put_aside(pair).exists() and pair.both_restore_to_now()


def test_a_new_full_copy_of_one_store_leaves_the_other_its_differences(pair: Pair) -> None:
    if pair.bench.rules.encoding == "plain":
        pytest.skip("plain changes are as large as their pages")
    pair.bench.add_rows(3000)
    pair.take()
    pair.bench.sql("update spots set note = note || '!'")
    pair.bench.store.delete(pair.points()[0][-1].record_key)
    pair.bench.later(120)
    pair.take()
    pair.take()
    first, second = pair.points()
    assert first[-1].is_base and [point.seq for point in second] == [0, 1]
    assert second[1].changed_pages > 300 and second[1].object_bytes < second[0].object_bytes / 10
    assert pair.both_restore_to_now()


def test_a_database_that_shrinks_meanwhile_leaves_a_slow_store_its_differences(pair: Pair) -> None:
    if pair.bench.rules.encoding == "plain":
        pytest.skip("plain changes are as large as their pages")
    pair.take()
    pair.bench.sql("create table away as select * from spots; delete from spots where id > 5; vacuum; drop table away")
    pair.read(pair.targets[0])
    pair.send()
    pair.bench.sql("vacuum")
    pair.read(pair.targets[0])
    pair.take()
    assert pair.both_restore_to_now()


def test_a_nearly_full_disk_keeps_nothing_aside(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    if pair.bench.rules.encoding == "plain":
        pytest.skip("plain changes need no old pages")
    pair.take()
    monkeypatch.setattr(shadow, "SPARE_BYTES", 1 << 60)
    pair.bench.sql("update spots set note = 'other'")
    pair.read(pair.targets[0])
    assert not put_aside(pair).exists()
    pair.take()
    assert pair.both_restore_to_now()


def test_a_difference_that_does_not_read_back_ends_differences_and_no_points(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    if pair.bench.rules.encoding == "plain":
        pytest.skip("plain changes are not read back")
    pair.take()
    pair.bench.sql("update spots set note = 'other'")
    with monkeypatch.context() as faulty:
        faulty.setattr(delta, "DeltaReader", lambda *_: ())
        failures = pair.read()
    assert {type(why) for why in failures.values()} == {DamagedObject}
    pair.take()
    assert [[point.encoding for point in points] for points in pair.points()] == [["plain", "plain"]] * 2
    assert pair.both_restore_to_now() and not list(pair.bench.state.glob("shadow-*"))


def test_a_disk_without_room_for_what_is_read_back_costs_the_shadow_and_no_point(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    if pair.bench.rules.encoding == "plain":
        pytest.skip("plain changes are not read back")
    pair.take()
    pair.bench.sql("update spots set note = 'other'")
    with monkeypatch.context() as full:
        full.setattr(delta.tempfile, "SpooledTemporaryFile", Full)
        assert not pair.read()
    pair.take()
    assert pair.both_restore_to_now()
    assert not list(pair.bench.state.glob("shadow-*"))
    pair.bench.sql("update spots set note = 'another'")
    pair.take()
    assert [[point.encoding for point in points] for points in pair.points()] == [["plain", "delta", "delta"]] * 2
    assert pair.both_restore_to_now()


def test_chains_that_begin_at_one_moment_have_different_names(pair: Pair) -> None:
    pair.take()
    first, second = pair.points()
    assert first[0].digest == second[0].digest and first[0].chain != second[0].chain


def test_a_store_that_is_away_holds_up_no_other_and_gets_what_it_missed(pair: Pair) -> None:
    pair.take()
    away = pair.second.path.rename(pair.bench.folder / "away")
    for _ in range(3):
        pair.bench.add_rows(5)
        pair.read(*[target for target in pair.targets if target.is_ready])
        pair.send(pair.targets[0])
        with pytest.raises(StoreError):
            pair.send(pair.targets[1])
    away.rename(pair.second.path)
    pair.take()
    first, second = pair.points()
    assert [point.seq for point in first] == [0, 1, 2, 3]
    assert [point.seq for point in second] == [0, 1, 2]  # what was sealed when it went away, and then all the rest
    assert pair.both_restore_to_now()


def test_each_store_goes_on_with_its_chain_in_a_new_process(pair: Pair) -> None:
    pair.take()
    pair.bench.add_rows(3)
    pair.taker.__exit__(None, None, None)
    with pair.bench.taker() as taker:
        taker.also_into(pair.second)
        Pair(pair.bench, taker, pair.second).take()
    assert [[point.seq for point in points] for points in pair.points()] == [[0, 1], [0, 1]]
    assert pair.both_restore_to_now()


def test_what_lies_in_the_outbox_for_one_store_is_left_alone_by_a_taker_of_the_other(pair: Pair) -> None:
    pair.take()
    pair.bench.add_rows(3)
    pair.read()
    pair.taker.__exit__(None, None, None)
    sealed = pair.targets[1].sealed
    assert sealed is not None
    pair.bench.take_once()
    assert sealed.file.exists()
    with pair.bench.taker() as taker:
        taker.also_into(pair.second)
        taker.targets[1].advance(pair.bench.epoch, pair.bench.now, lambda: None)
    assert pair.points()[1][-1] == sealed.point


def test_pages_that_changed_behind_the_logs_back_are_found_and_told(bench: Any) -> None:
    bench.rules = Rules(confirm_every_s=60)
    bench.sql("pragma wal_checkpoint(truncate)")
    with bench.taker() as taker:
        bench.take(taker)
        bench.sql("pragma wal_autocheckpoint = 0; update spots set note = 'told' where id = 1")
        followed = bench.take(taker)
        flip_a_byte_of(bench.database)
        bench.sql("pragma wal_autocheckpoint = 0; update spots set note = 'told too' where id = 1")
        unaware = bench.take(taker)
        assert taker.trouble is None and unaware.digest != scan_database(bench.database).digest
        bench.later(60)
        bench.sql("pragma wal_autocheckpoint = 0; update spots set note = 'and again' where id = 1")
        aware = bench.take(taker)
        assert taker.trouble and taker.trouble.startswith("1 pages of bookedbiz/main changed and its log did not tell")
        assert followed.seq == 1 and aware.digest == scan_database(bench.database).digest


def test_a_log_that_is_written_over_while_it_is_read_leads_to_a_scan(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(self: Moment, number: int) -> bytes:
        raise LogOvertaken(f"Page {number} is not to be had")

    pair.take()
    pair.bench.add_rows(3)
    pair.take()
    monkeypatch.setattr(Moment, "page", gone)
    pair.bench.add_rows(3)
    pair.take()
    assert [[point.seq for point in points] for points in pair.points()] == [[0, 1, 2], [0, 1, 2]]
    assert pair.taker.trouble is None and pair.both_restore_to_now()


def test_without_room_for_a_shadow_points_are_taken_all_the_same(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Shadow, "has_room", lambda self, page_count: False)
    for _ in range(3):
        pair.bench.add_rows(3)
        pair.take()
    assert not list(pair.bench.state.glob("shadow-*"))
    assert pair.both_restore_to_now()


def flip_a_byte_of(database: Path) -> None:
    """In the last row of the last page, through a second name: to open the file itself would drop SQLite's locks."""
    end = database.stat().st_size - 20
    child = os.fork()
    if not child:
        with database.open("r+b") as file:
            file.seek(end)
            byte = file.read(1)
            file.seek(end)
            file.write(bytes([byte[0] ^ 1]))
        os._exit(0)
    os.waitpid(child, 0)
