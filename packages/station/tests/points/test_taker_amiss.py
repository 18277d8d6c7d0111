"""What a taker does after others, or it itself, went wrong."""

import shutil
from datetime import timedelta
from typing import Any

import pytest

from station.errors import DatabaseError, LeaseLost, StoreError
from station.points.catalog import list_points
from station.points.pagetable import table_path
from station.points.point import Point, to_record
from station.points.publish import Contested
from station.points.taker import PointTaker


def test_a_taker_that_was_killed_between_record_and_table_catches_up(bench: Any) -> None:
    bench.take_once()
    table = table_path(bench.state, bench.identity)
    for change in ("update spots set note = 'one' where id = 1", "insert into spots (note) values ('two')"):
        older = table.read_bytes()
        bench.sql(change)
        recorded = bench.take_once()
        table.write_bytes(older)
        bench.sql("insert into spots (bytes) values (randomblob(9000))")
        point = bench.take_once()
        assert recorded and point and (point.chain, point.seq) == (recorded.chain, recorded.seq + 1)
        assert bench.restores_to_now(point)


def test_a_taker_that_was_killed_after_its_first_record_goes_on_with_that_chain(bench: Any) -> None:
    first = bench.take_once()
    table_path(bench.state, bench.identity).unlink()
    bench.add_rows(1)
    second = bench.take_once()
    assert first and second and (second.chain, second.seq) == (first.chain, 1) and bench.restores_to_now(second)


def test_a_point_that_was_recorded_though_the_table_could_not_be_written_is_found_again(
    bench: Any, taker: PointTaker
) -> None:
    first = bench.take(taker)
    table = table_path(bench.state, bench.identity)
    table.rename(table.with_suffix(".away"))
    table.mkdir()  # as a disk that refuses
    bench.add_rows(1)
    with pytest.raises(DatabaseError, match="page table"):
        bench.take(taker)
    table.rmdir()
    table.with_suffix(".away").rename(table)
    bench.add_rows(1)
    point = bench.take(taker)
    assert first and point and (point.chain, point.seq) == (first.chain, 2) and bench.restores_to_now(point)


def test_an_older_table_is_not_built_upon(bench: Any) -> None:
    bench.take_once()
    older = table_path(bench.state, bench.identity).read_bytes()
    for _ in range(3):
        bench.add_rows(2)
        last = bench.take_once()
    table_path(bench.state, bench.identity).write_bytes(older)
    bench.add_rows(2)
    point = bench.take_once()
    assert last and point and point.is_base and point.chain > last.chain and bench.restores_to_now(point)


@pytest.mark.parametrize("damage", ["flipped hash", "no database", "cut short"])
def test_a_table_that_does_not_add_up_is_not_believed(bench: Any, damage: str) -> None:
    first = bench.take_once()
    bench.add_rows(3)
    second = bench.take_once()
    table = table_path(bench.state, bench.identity)
    content = bytearray(table.read_bytes())
    if damage == "flipped hash":
        import apsw

        connection = apsw.Connection(str(table))
        connection.execute("update blocks set hashes = zeroblob(length(hashes))")
        connection.close()
    else:
        table.write_bytes(b"nonsense" * 1000 if damage == "no database" else content[: len(content) // 2])
    bench.add_rows(3)
    third = bench.take_once()
    assert first and second and third and third.is_base and bench.restores_to_now(third)
    bench.add_rows(3)
    fourth = bench.take_once()
    assert fourth and (fourth.chain, fourth.seq) == (third.chain, 1)


def test_an_object_left_without_a_record_is_written_over_when_nobody_records_it_for_a_minute(bench: Any) -> None:
    first = bench.take_once()
    assert first
    leftover = bench.store.path / first.folder / "000001.wal.zst"
    leftover.write_bytes(b"half of something")
    bench.add_rows(1)
    with bench.taker() as taker:
        for wait_s in (3, 40):
            bench.later(wait_s)
            with pytest.raises(Contested, match="no record of it"):
                bench.take(taker)
            assert leftover.read_bytes() == b"half of something"
        bench.later(20)
        bench.take(taker)
        point = taker.last
    assert point and point.seq == 1 and bench.restores_to_now(point)


def test_a_point_that_somebody_else_recorded_is_not_touched(bench: Any, taker: PointTaker) -> None:
    first = bench.take(taker)
    assert first
    foreign = Point(**(vars(first) | {"seq": 1, "digest": "0" * 32}))
    bench.store.create(foreign.object_key, b"theirs")
    bench.store.create(foreign.record_key, to_record(foreign))
    bench.add_rows(1)
    with pytest.raises(LeaseLost, match="another writer"):
        bench.take(taker)
    assert bench.object_file(foreign).read_bytes() == b"theirs"


def test_a_lost_lease_leaves_no_point_and_no_trace_in_the_next_one(bench: Any, taker: PointTaker) -> None:
    bench.take(taker)
    bench.add_rows(1)

    def lost() -> None:
        raise LeaseLost("pi2 is primary")

    with pytest.raises(LeaseLost):
        taker.take(1, bench.now, still_ours=lost)
    assert len(list_points(bench.store, bench.identity)) == 1
    point = bench.take(taker)
    assert point and point.seq == 1 and bench.restores_to_now(point)


def test_a_store_that_was_gone_gets_the_missed_changes_when_it_is_back(bench: Any, taker: PointTaker) -> None:
    bench.take(taker)
    bench.store.path.rename(bench.folder / "unmounted")
    bench.add_rows(1)
    with pytest.raises(StoreError, match="is gone"):
        bench.take(taker)
    (bench.folder / "unmounted").rename(bench.store.path)
    point = bench.take(taker)
    assert point and point.seq == 1 and bench.restores_to_now(point)
    assert list((bench.state / "outbox").iterdir()) == []


def test_another_disk_gets_a_whole_copy(bench: Any, taker: PointTaker) -> None:
    bench.take(taker)
    shutil.rmtree(bench.store.path)
    bench.store.initialise()
    bench.add_rows(1)
    point = bench.take(taker)
    assert point and point.is_base and bench.restores_to_now(point)


def test_an_emptied_store_is_noticed_though_nothing_is_written(bench: Any, taker: PointTaker) -> None:
    bench.take(taker)
    shutil.rmtree(bench.store.path)
    bench.store.initialise()
    bench.now += timedelta(minutes=2)
    point = bench.take(taker)
    assert point and point.is_base


def test_points_sort_by_time_though_the_clock_went_back(bench: Any) -> None:
    taken = [bench.take_once()]
    bench.now -= timedelta(days=300)
    bench.add_rows(1)
    taken.append(bench.take_once())
    taken.append(bench.take_once(full=True))
    assert [point.name for point in list_points(bench.store, bench.identity)] == [
        point.name for point in taken if point
    ]
    assert taken[2] and taken[1] and taken[2].chain > taken[1].chain
