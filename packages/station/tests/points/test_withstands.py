"""A writer that never stops, and kill -9 of the taker and of the mirror at many moments: real processes throughout."""

import multiprocessing
import os
import random
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from station.points.catalog import list_points
from station.points.point import Point
from station.points.restore import restore
from station.points.target import Rules
from station.points.verify import verify
from station.sqlite.scan import check_integrity, scan_database, scan_file

FORK = multiprocessing.get_context("fork")
ACCOUNTS, TOTAL = 40, 40_000


def fill_ledger(bench: Any, journal: str) -> None:
    bench.sql(
        f"pragma journal_mode = {journal};"
        "create table checking (id integer primary key, cents integer not null);"
        "create table savings (id integer primary key, cents integer not null, note blob);"
        f"with recursive n(i) as (select 1 union all select i + 1 from n where i < {ACCOUNTS}) "
        f"insert into checking select i, {TOTAL // ACCOUNTS} from n;"
        "insert into savings select id, 0, zeroblob(500) from checking;"
    )


def move_money_for_ever(database: Path, committed: Any) -> None:
    """Small transactions without a pause; between its two updates the sums do not agree."""
    choice = random.Random(1)
    with closing(sqlite3.connect(database, timeout=30, isolation_level=None)) as app:
        app.execute("pragma synchronous = off")
        while True:
            account, amount = choice.randrange(ACCOUNTS) + 1, choice.randrange(-50, 50)
            app.execute("begin immediate")
            app.execute("update checking set cents = cents - ? where id = ?", (amount, account))
            app.execute("insert into savings (cents, note) values (?, zeroblob(?))", (amount, choice.randrange(900)))
            if committed.value % 50 == 49:
                app.execute("delete from savings where cents = 0 and id % 3 = 1")
            app.execute("commit")
            committed.value += 1


def is_consistent(file: Path) -> bool:
    with closing(sqlite3.connect(file)) as restored:
        (total,) = restored.execute(
            "select (select sum(cents) from checking) + (select sum(cents) from savings)"
        ).fetchone()
    return check_integrity(file) is None and total == TOTAL


def killed_after(work: Callable[[], None], seconds: float) -> None:
    """Run the work in a process of its own and kill it in the middle of whatever it is doing."""
    process = FORK.Process(target=work)
    process.start()
    time.sleep(seconds)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()


@pytest.mark.parametrize(("journal", "encoding"), [("wal", "plain"), ("wal", "delta"), ("delete", "delta")])
def test_every_point_taken_beside_a_writer_that_never_stops_is_a_consistent_moment(
    bench: Any, journal: str, encoding: str
) -> None:
    bench.rules = Rules(encoding=encoding)
    fill_ledger(bench, journal)
    committed = FORK.Value("l", 0)
    writer = FORK.Process(target=move_money_for_ever, args=(bench.database, committed))
    writer.start()
    points = []
    try:
        with bench.taker() as taker:
            while len(points) < 12 or committed.value < 300:  # a writer that was held up would end in the time-out
                time.sleep(0.1)
                if point := bench.take(taker):
                    points.append(point)
    finally:
        writer.kill()
        writer.join()
    assert len({point.digest for point in points}) == len(points)
    for point in points:
        target = bench.folder / f"restored-{point.seq}-{point.chain}.db"
        restore(bench.store, point, target)
        assert is_consistent(target)
        bench.mirror.catch_up()
    assert scan_file(bench.mirror.file).digest == points[-1].digest


@pytest.mark.parametrize("encoding", ["plain", "delta"])
def test_whatever_moment_the_taker_is_killed_at_every_listed_point_restores(bench: Any, encoding: str) -> None:
    bench.rules = Rules(encoding=encoding)
    moments = random.Random(20261121)
    fill_ledger(bench, "wal")

    def write_and_take() -> None:
        step = random.Random(time.time_ns())
        with bench.taker() as taker:
            while True:
                bench.sql(f"begin; update checking set cents = cents - 1 where id = {step.randrange(ACCOUNTS) + 1};"
                          "insert into savings (cents, note) values (1, randomblob(6000)); commit")  # fmt: skip
                bench.take(taker, full=step.random() < 0.2)

    points: list[Point] = []
    deaths = 0
    while deaths < 20 or len(points) < 30:
        killed_after(write_and_take, moments.uniform(0.01, 0.12))
        deaths += 1
        points = list_points(bench.store, bench.identity)
        bench.now = points[-1].taken_at if points else bench.now
    for number, point in enumerate(points[:: max(1, len(points) // 40)]):
        target = bench.folder / f"restored-{number}.db"
        restore(bench.store, point, target)
        assert is_consistent(target)
        target.unlink()
    assert all(found.whole for found in verify(bench.store, bench.identity, deep=True))
    assert is_consistent_after_all(bench)


def is_consistent_after_all(bench: Any) -> bool:
    """The next point is the database as it is, and taking it sweeps what the killed runs left."""
    bench.sql("insert into savings (cents, note) values (0, randomblob(9))")  # without a change nothing is stored
    last = bench.take_once(force=True)
    assert list((bench.state / "outbox").iterdir()) == []
    assert list((bench.store.path / ".incoming").iterdir()) == []
    return bool(last.digest == scan_database(bench.database).digest)


def test_whatever_moment_the_mirror_is_killed_at_it_is_one_point_or_another(bench: Any) -> None:
    moments = random.Random(19700101)
    fill_ledger(bench, "wal")
    digests = {}
    bench.take_once()
    for _ in range(40):
        bench.sql("insert into savings (cents, note) values (0, randomblob(60000))")
        bench.take_once(full=moments.random() < 0.1)

    points = list_points(bench.store, bench.identity)
    digests = {point.digest: point for point in points}
    bench.store.path.rename(bench.folder / "all")
    bench.store.initialise()

    def publish(upto: int) -> None:
        for point in points[:upto]:
            for key in (point.object_key, point.record_key):
                if not (bench.store.path / key).exists():
                    bench.store.put(key, bench.folder / "all" / key)

    at = None
    for turn in range(40):
        publish(turn + 1)
        killed_after(bench.mirror.catch_up, moments.uniform(0.0, 0.03))
        position = bench.mirror.position
        if position is None:
            assert at is None or turn == 0
            continue
        seen_by_sqlite = scan_database(bench.mirror.file).digest if turn % 2 else position.digest
        assert seen_by_sqlite in digests
        assert at is None or (digests[seen_by_sqlite].taken_at >= at), "the mirror went back"
        at = position.taken_at
    publish(len(points))
    assert bench.mirror.catch_up() == points[-1]
    bench.mirror.prove()
    assert bench.mirror.damage == []
