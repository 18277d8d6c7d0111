"""Which points are taken, and where they go."""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from station.errors import Busy, DatabaseError
from station.points.catalog import list_points
from station.points.restore import restore
from station.points.taker import PointTaker
from station.points.target import Rules
from station.sqlite.scan import scan_database, scan_file

Rows = Callable[[Path], list[tuple[object, ...]]]


def test_the_first_point_is_a_whole_copy_and_the_next_ones_are_what_changed(bench: Any, taker: PointTaker) -> None:
    first = bench.take(taker)
    bench.sql("update spots set note = 'changed' where id = 7")
    second = bench.take(taker)
    assert first is not None and second is not None
    assert (first.seq, first.is_base, first.changed_pages) == (0, True, first.page_count)
    assert (second.chain, second.seq, second.changed_pages) == (first.chain, 1, 1)
    assert [point.name for point in list_points(bench.store, bench.identity)] == [first.name, second.name]
    assert bench.restores_to_now(second)


def test_when_nothing_was_written_nothing_is_read_or_asked(bench: Any, taker: PointTaker) -> None:
    bench.take(taker)
    bench.store.path.rename(bench.folder / "away")  # whoever asks the store now gets an error
    started = time.process_time()
    for _ in range(500):
        assert taker.take(bench.epoch, bench.now, still_ours=lambda: None) is None
    assert time.process_time() - started < 1


def test_a_write_that_changes_no_page_makes_no_point(bench: Any, taker: PointTaker) -> None:
    bench.take(taker)
    bench.sql("update spots set note = note; insert into spots (note) values ('x'); delete from spots where note = 'x'")
    bench.sql("update spots set note = note")
    bench.take(taker)
    bench.sql("update spots set note = note")
    assert bench.take(taker) is None
    assert bench.take(taker, force=True) is None


def test_a_new_process_goes_on_with_the_chain(bench: Any) -> None:
    first = bench.take_once()
    assert bench.take_once() is None
    bench.add_rows(3)
    second = bench.take_once()
    assert first and second and (second.chain, second.seq) == (first.chain, 1)
    assert bench.restores_to_now(second)


def test_a_new_process_goes_on_after_the_database_shrank_by_much(bench: Any) -> None:
    bench.add_rows(600, 4000)
    first = bench.take_once()
    bench.sql("delete from spots where id > 20; vacuum")
    bench.take_once()
    bench.add_rows(1)
    third = bench.take_once()
    assert first and first.page_count > 512 and third and (third.chain, third.seq) == (first.chain, 2)


def test_a_new_epoch_and_another_host_start_a_chain_of_their_own(bench: Any) -> None:
    first = bench.take_once()
    bench.epoch = 2
    second = bench.take_once()
    with bench.taker("pi2") as other_host:
        third = bench.take(other_host)
    assert first and second and third
    assert [point.seq for point in (first, second, third)] == [0, 0, 0]
    assert first.chain < second.chain and second.chain.startswith("000002-pi-ctv-")
    assert third.chain.startswith("000002-pi2-")


def test_changes_that_outgrow_the_base_start_a_new_chain(bench: Any, taker: PointTaker) -> None:
    bench.add_rows(2100, 4000)
    seqs = []
    for _ in range(4):
        point = bench.take(taker)
        assert point
        seqs.append(point.seq)
        bench.sql("update spots set bytes = randomblob(4000)")
    assert seqs == [0, 1, 2, 0]
    assert bench.restores_to_now(bench.take(taker))


def test_a_full_copy_is_taken_when_it_is_asked_for(bench: Any, taker: PointTaker) -> None:
    first = bench.take(taker)
    second = bench.take(taker, full=True)
    assert first and second and second.is_base and second.chain > first.chain and second.digest == first.digest


WORKLOADS = {
    "grows": ["with recursive n(i) as (select 1 union all select i + 1 from n where i < 500) "
              "insert into spots (bytes) select randomblob(900) from n"],
    "shrinks": ["delete from spots where id > 5; vacuum", "delete from spots; vacuum"],
    "shrinks and grows again": ["delete from spots; vacuum", "insert into spots (bytes) values (zeroblob(100000))"],
    "changes its page size": ["pragma journal_mode = delete; pragma page_size = 1024; vacuum", "delete from spots"],
    "goes to a rollback journal": ["pragma journal_mode = delete", "delete from spots where id % 2", "vacuum"],
    "goes to a rollback journal and back": ["pragma journal_mode = truncate; delete from spots where id = 3",
                                            "pragma journal_mode = wal", "delete from spots where id = 4"],
    "vacuums itself": ["pragma auto_vacuum = incremental; vacuum", "delete from spots where id > 9",
                       "pragma incremental_vacuum(5)"],
    "changes its schema": ["alter table spots add column more text", "create index x on spots (note)", "drop index x"],
    "loses a table": ["create table more as select * from spots", "drop table spots; alter table more rename to spots"],
}  # fmt: skip


@pytest.mark.parametrize("steps", WORKLOADS.values(), ids=WORKLOADS.keys())
def test_every_point_of_a_database_that(bench: Any, steps: list[str], rows: Rows) -> None:
    bench.add_rows(100)
    expected = {}  # SQLite leaves WAL only when nobody else has the database open, so the taker opens it anew each time
    bench.take_once()
    for step in steps:
        bench.sql(step)
        point = bench.take_once()
        assert point
        expected[point.name] = (point, bench.rows(), scan_database(bench.database).digest)
    for number, (point, content, digest) in enumerate(expected.values()):
        target = bench.folder / f"restored-{number}.db"
        restore(bench.store, point, target)
        assert scan_file(target).digest == digest == point.digest
        assert target.stat().st_size == point.page_count * point.page_size
        assert rows(target) == content


def test_a_database_that_was_empty_and_is_empty_again(bench: Any, taker: PointTaker) -> None:
    for suffix in ("", "-wal", "-shm"):
        bench.database.with_name(bench.database.name + suffix).unlink(missing_ok=True)
    bench.database.touch()
    empty = bench.take(taker)
    assert empty and (empty.page_count, empty.changed_pages) == (0, 0) and bench.restores_to_now(empty)
    assert bench.take(taker) is None
    assert bench.take(taker, force=True) is None
    bench.add_rows(1)
    filled = bench.take(taker)
    assert filled and filled.is_base and filled.chain != empty.chain and bench.restores_to_now(filled)
    bench.database.unlink()
    bench.database.touch()
    again = bench.take(taker)
    assert again and again.page_count == 0 and bench.restores_to_now(again)


def test_a_database_that_was_replaced_is_taken_as_it_is_now(bench: Any, taker: PointTaker) -> None:
    bench.take(taker)
    bench.sql(f"vacuum into '{bench.folder / 'other.db'}'")
    for suffix in ("-wal", "-shm"):
        bench.database.with_name(bench.database.name + suffix).unlink(missing_ok=True)
    (bench.folder / "other.db").rename(bench.database)
    bench.sql("delete from spots where id = 1")
    assert bench.restores_to_now(bench.take(taker))


def test_a_second_taker_is_told_who_holds_the_lock(bench: Any, taker: PointTaker) -> None:
    with pytest.raises(Busy, match=r"bookedbiz/main not started: process \d+ on pi-ctv \(since "), bench.taker("pi2"):
        pass


def test_the_lock_of_a_taker_that_is_gone_is_free(bench: Any) -> None:
    bench.take_once()
    assert "process" in (bench.state / "points-main.lock").read_text()
    bench.take_once()


def test_a_database_that_is_not_there_yet_is_an_error_and_can_come_later(bench: Any, taker: PointTaker) -> None:
    bench.database.rename(bench.folder / "elsewhere")
    with pytest.raises(DatabaseError, match="no such file"):
        bench.take(taker)
    (bench.folder / "elsewhere").rename(bench.database)
    assert bench.restores_to_now(bench.take(taker))


def test_the_chain_brings_its_own_restore_script(bench: Any) -> None:
    point = bench.take_once()
    assert point
    script = (bench.store.path / point.folder / "restore.sh").read_text()
    assert script.startswith("#!/bin/sh") and "unzstd" in script


@pytest.mark.slow
def test_a_database_beyond_1_gib_has_a_page_that_never_holds_data(bench: Any) -> None:
    bench.sql(
        "pragma journal_mode = delete; drop table spots; pragma page_size = 65536; vacuum; create table big (b blob);"
        "pragma journal_mode = off; pragma synchronous = off;"
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 11) "
        "insert into big select zeroblob(100000000) from n"
    )
    assert bench.database.stat().st_size > 2**30 + 65536
    try:
        base = bench.take_once()
        bench.sql("insert into big values (randomblob(300000)); update big set b = x'01' where rowid = 11")
        point = bench.take_once()
        assert base and point and point.seq == 1 and bench.restores_to_now(point)
        script = bench.store.path / point.folder / "restore.sh"
        by_hand = bench.folder / "by-hand.db"
        subprocess.run(["sh", script, by_hand], check=True, capture_output=True)
        assert scan_file(by_hand).digest == point.digest
    finally:
        for file in bench.folder.glob("*.db"):
            file.unlink(missing_ok=True)


def test_a_chain_begun_without_deltas_gets_the_script_with_its_first(bench: Any) -> None:
    base = bench.take_once()
    assert base is not None
    script = bench.store.path / base.folder / "restore.py"
    whole = script.read_bytes()
    script.unlink()
    bench.rules = Rules(encoding="delta")
    bench.add_rows(1)
    assert bench.take_once() is not None and script.read_bytes() == whole
