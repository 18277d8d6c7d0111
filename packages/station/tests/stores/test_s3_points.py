"""Restore points and the lease in S3, end to end."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import apsw
import pytest

from station.cluster.lease import Lease
from station.errors import LeaseLost, StoreError
from station.points.catalog import list_points
from station.points.mirror import Mirror
from station.points.point import DatabaseId
from station.points.restore import restore
from station.points.taker import PointTaker
from station.points.verify import verify
from station.stores.s3.store import S3Store

NOW = datetime(2026, 11, 21, 2, 45, tzinfo=UTC)
IDENTITY = DatabaseId("bookedbiz", "main")
MakeStore = Callable[..., S3Store]


def add_rows(database: Path, count: int, width: int = 400) -> None:
    with closing(apsw.Connection(str(database))) as connection:
        connection.execute(
            "create table if not exists spots (id integer primary key, bytes blob);"
            f"with recursive n(i) as (select 1 union all select i + 1 from n where i < {count}) "
            f"insert into spots (bytes) select randomblob({width}) from n;"
        ).fetchall()


@pytest.fixture
def database(tmp_path: Path) -> Path:
    file = tmp_path / "live.db"
    with closing(apsw.Connection(str(file))) as connection:
        connection.execute("pragma journal_mode = wal").fetchall()
    add_rows(file, 100)
    return file


def test_points_are_taken_mirrored_verified_and_restored(
    s3_store: MakeStore, s3_line: Any, database: Path, tmp_path: Path
) -> None:
    store = s3_store(state=tmp_path / "state")
    with PointTaker(database, IDENTITY, store, tmp_path / "state", "pi-ctv") as taker:
        for step in range(4):
            s3_line.faults.append(s3_line.Fault(".", answer=(503, "SlowDown"), skip=2 * step, times=2))
            assert taker.take(1, NOW + timedelta(seconds=step), still_ours=lambda: None) is not None
            add_rows(database, 20)
        last = taker.take(1, NOW + timedelta(seconds=9), still_ours=lambda: None)
    assert last is not None and [point.seq for point in list_points(store, IDENTITY)] == [0, 1, 2, 3, 4]
    assert all(finding.problem is None for finding in verify(store, IDENTITY, deep=True))
    restore(store, last, tmp_path / "restored.db")
    with closing(sqlite3.connect(tmp_path / "restored.db")) as restored:
        assert restored.execute("select count(*) from spots").fetchone() == (180,)
        assert restored.execute("pragma integrity_check").fetchone() == ("ok",)
    assert Mirror(tmp_path / "pi2" / "mirror", store, IDENTITY).catch_up() == last


def test_a_full_copy_that_was_cut_goes_on_with_the_next_point(
    s3_store: MakeStore, s3_line: Any, database: Path, tmp_path: Path
) -> None:
    add_rows(database, 500, 4000)
    state = tmp_path / "state"
    s3_line.faults.append(s3_line.Fault("partNumber=3&", cut_request_after=0, times=6))
    with PointTaker(database, IDENTITY, s3_store(state=state), state, "pi-ctv") as taker, pytest.raises(StoreError):
        taker.take(1, NOW, still_ours=lambda: None)
    s3_line.calls.clear()
    store = s3_store(state=state)
    with PointTaker(database, IDENTITY, store, state, "pi-ctv") as taker:
        point = taker.take(1, NOW + timedelta(minutes=1), still_ours=lambda: None)
    assert point is not None
    assert s3_line.sent("partNumber=") == point.object_bytes - 2 * store.place.part_bytes
    assert all(finding.problem is None for finding in verify(store, IDENTITY, deep=True))


def test_of_two_hosts_one_gets_the_lease_though_its_answer_is_lost(s3_store: MakeStore, s3_line: Any) -> None:
    one, other = Lease(s3_store(), "bookedbiz"), Lease(s3_store(), "bookedbiz")
    s3_line.faults.append(s3_line.Fault("PUT /", cut_reply_after=-1))
    held = one.take("pi-ctv", 0, "first start", NOW)
    assert one.current() == other.current() == held
    with pytest.raises(LeaseLost):
        other.take("pi2", 0, "failover", NOW)
