"""A drill: the newest point restored beside the live database, checked, compared, and timed."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from station.errors import Busy, DamagedObject, NoSuchPoint
from station.points.copying import Source
from station.points.drill import RowsDiffer, differences, drill, drill_file, drills_prefix, last_passed_at
from station.stores.store import read


@pytest.fixture
def rehearse(bench):
    """Rehearse now, on the bench's host."""
    source = Source(bench.identity, bench.database, bench.state, "pi-ctv", 1)
    return lambda **options: drill(source, bench.store, lambda: bench.now, **options)


def left_over(bench) -> list[Path]:
    return list((bench.state / "drill").rglob("*"))


def test_a_whole_point_passes_and_its_rows_are_counted(bench, rehearse) -> None:
    point = bench.take_once()
    found = rehearse()
    assert (found.passed, found.point, found.rows) == (True, point.name, 50)
    assert (found.tables, found.differences, found.broken_references) == (1, [], 0)
    assert found.took_s >= found.restore_s > 0
    assert left_over(bench) == []


def test_rows_written_since_are_named_and_are_no_failure(bench, rehearse) -> None:
    bench.take_once()
    bench.add_rows(7)
    bench.sql("create table later (n integer); insert into later values (1)")
    found = rehearse()
    assert found.passed
    assert found.differences == [RowsDiffer("later", None, 1), RowsDiffer("spots", 50, 57)]


def test_a_table_with_a_name_that_must_be_quoted_is_counted(bench, rehearse) -> None:
    bench.sql('create table "two ""words" (n integer); insert into "two ""words" values (1); create table "select" (n)')
    bench.take_once()
    assert rehearse().rows == 51


def test_tables_behind_a_virtual_one_are_counted_and_not_itself(bench, rehearse) -> None:
    bench.sql("create virtual table search using fts5(note)")
    bench.take_once()
    found = rehearse()
    assert found.passed
    assert found.tables == 6  # spots, and the five in which fts5 keeps its rows


def test_a_broken_reference_is_told(bench, rehearse) -> None:
    bench.sql(
        "create table parents (id integer primary key);"
        "create table children (parent integer references parents); insert into children values (7)"
    )
    bench.take_once()
    found = rehearse()
    assert (found.passed, found.broken_references) == (True, 1)


def test_the_finding_is_kept_on_the_host_and_in_the_store(bench, rehearse) -> None:
    bench.take_once()
    found = rehearse()
    here = json.loads(drill_file(bench.state).read_text())["main"]
    (entry,) = bench.store.list(drills_prefix(bench.identity))
    assert json.loads(read(bench.store, entry.key)) == here
    assert (here["passed"], here["took_s"], here["point"]) == (True, found.took_s, found.point)
    bench.now += timedelta(days=1)
    rehearse()
    assert last_passed_at(bench.store, bench.identity) == bench.now
    assert len(list(bench.store.list(drills_prefix(bench.identity)))) == 2


def test_records_of_drills_are_no_points(bench, rehearse) -> None:
    point = bench.take_once()
    rehearse()
    assert rehearse().point == point.name


def test_a_point_that_does_not_restore_is_recorded_as_a_failure(bench, rehearse) -> None:
    file = bench.object_file(bench.take_once())
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(DamagedObject):
        rehearse()
    here = json.loads(drill_file(bench.state).read_text())["main"]
    assert not here["passed"]
    assert "base.db.zst" in here["fault"]
    assert left_over(bench) == []


def test_a_database_that_was_damaged_before_its_point_does_not_pass(bench, rehearse) -> None:
    bench.sql("pragma wal_checkpoint(truncate)")
    with bench.database.open("r+b") as file:
        file.seek(4096 * 3)
        file.write(b"x" * 4096)
    bench.take_once()
    found = rehearse()
    assert not found.passed
    assert found.differences == []


def test_without_a_point_there_is_nothing_to_rehearse(bench, rehearse) -> None:
    with pytest.raises(NoSuchPoint):
        rehearse()


def test_a_second_drill_is_told_who_is_at_it(bench, rehearse) -> None:
    bench.take_once()

    def second(_: object) -> None:
        with pytest.raises(Busy, match="A drill of bookedbiz/main not started: process"):
            rehearse()

    assert rehearse(progress=second).passed


def test_differences_name_every_table_that_is_not_equal() -> None:
    assert differences({"a": 1, "b": 2}, {"b": 2, "c": 3}) == [RowsDiffer("a", 1, None), RowsDiffer("c", None, 3)]
