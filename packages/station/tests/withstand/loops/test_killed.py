"""The points loop is killed two hundred times beside a writer that never stops: real processes, every kind of store."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from station.points.point import DatabaseId
from station.points.restore import restore
from station.points.verify import verify
from station.sqlite.scan import check_integrity, scan_file

KILLS = 50  # of each kind of store
SEED = 20261121
LONGEST_LIFE_S = 3.0  # of a loop on a busy machine
NOTES = DatabaseId("notes", "main")
WRITER = """
import random, sqlite3, sys, time
choice = random.Random(1)
app = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)
app.execute("pragma synchronous = off")
while True:
    account, amount = choice.randrange(40) + 1, choice.randrange(-50, 50)
    app.execute("begin immediate")
    app.execute("update checking set cents = cents - ? where id = ?", (amount, account))
    time.sleep(0.002)  # meanwhile the sums do not agree
    app.execute("update savings set cents = cents + ?, note = ? where id = ?",
                (amount, choice.randbytes(choice.randrange(6000)), choice.randrange(400) + 1))
    app.execute("commit")
    time.sleep(choice.uniform(0, 0.02))
"""


@contextmanager
def moving_money(station: Any) -> Iterator[None]:
    station.sql(
        "create table checking (id integer primary key, cents integer not null);"
        "create table savings (id integer primary key, cents integer not null, note blob);"
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 400) "
        "insert into savings select i, 0, randomblob(3000) from n;"
        "insert into checking select id, 1000 from savings where id <= 40;"
    )
    writer = subprocess.Popen([sys.executable, "-c", WRITER, station.file])
    yield
    assert writer.poll() is None, "the writer was disturbed"
    writer.kill()
    writer.wait()


def is_consistent(file: Path) -> bool:
    with closing(sqlite3.connect(file)) as restored:
        question = "select (select sum(cents) from checking) + (select sum(cents) from savings)"
        return check_integrity(file) is None and restored.execute(question).fetchone() == (40_000,)


def incoming(station: Any, kinds: list[str]) -> list[Path]:
    """What is left where stores on disks write what has no name yet."""
    if "sftp" in kinds:  # nobody knows over there who is still writing: what is a day old goes with the next run
        for file in station.folder.glob("store*/.incoming/*"):
            os.utime(file, (time.time() - 90_000, time.time() - 90_000))
        station.open_stores()[0].put("notes/note", b"anything")
    return list(station.folder.glob("store*/.incoming/*"))


def records(store: Any) -> set[str]:
    return {entry.key for entry in store.list("notes/main/") if entry.key.endswith(".json")}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kinds", "encoding", "encrypted"),
    [
        (["directory", "directory"], "delta", False),
        (["dropbox"], "delta", True),
        (["s3"], "delta", False),
        (["sftp"], "plain", False),
    ],
    ids=lambda value: " and ".join(value) if isinstance(value, list) else "",
)
def test_whatever_moment_the_loop_is_killed_at_nothing_is_lost_and_the_next_run_works(
    station: Any, kinds: list[str], encoding: str, encrypted: bool, until: Callable[..., Any]
) -> None:
    moments = random.Random(SEED)
    station.set_up(*kinds, encoding=encoding, encrypted=encrypted)
    seen: list[set[str]] = [set() for _ in station.stores]
    with moving_money(station):
        began_s = time.monotonic()
        station.start()
        until(lambda: all(records(store) for store in station.stores), 60, "the first points")
        to_the_first_point_s = time.monotonic() - began_s
        station.end(signal.SIGKILL)
        for _ in range(KILLS - 1):
            station.start()
            time.sleep(moments.uniform(0.02, min(max(1.6 * to_the_first_point_s, 0.3), LONGEST_LIFE_S)))
            assert station.end(signal.SIGKILL) == -signal.SIGKILL
            now = [records(store) for store in station.stores]
            assert all(before <= after for before, after in zip(seen, now, strict=True)), "a point is lost"
            seen = now
        station.start()
        time.sleep(0.5)
    until(lambda: all(station.is_in(store) for store in station.stores), 60, "the last points")
    until(lambda: not list((station.state / "outbox").iterdir()), 60, "an empty outbox")
    assert station.end() == 0
    for number, store in enumerate(station.stores):
        points = station.points(store)
        assert seen[number] <= {point.record_key for point in points}
        assert len(points) > KILLS // 5, "the loop was killed too early to do anything"
        assert [finding for finding in verify(store, NOTES, deep=True) if not finding.whole] == []
        for point in points[:: len(points) // 8]:
            target = station.folder / f"restored-{number}.db"
            restore(store, point, target)
            assert scan_file(target).digest == point.digest and is_consistent(target)
            target.unlink()
    assert incoming(station, kinds) == []
    kept = {"loop-main.json", "outbox", "pages-main.db", "points-main.lock", "role.json", "shadow-main.db"}
    kept |= {"pages-main@store1.db"} if len(kinds) > 1 else set()
    # pages put aside for a store that was behind stay when the loop is killed right after that store's point
    left = {file.name for file in station.state.rglob("*") if not file.match("shadow-main@*.db")}
    assert left == (kept if encoding == "delta" else kept - {"shadow-main.db"})
