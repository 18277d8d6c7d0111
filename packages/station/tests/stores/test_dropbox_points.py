"""Restore points and the lease on Dropbox, end to end."""

import sqlite3
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import apsw
import pytest

from dropbox_emulator.emulator import Emulator
from dropbox_emulator.faults import Fault
from station.cluster.lease import Lease
from station.errors import LeaseLost, StoreError
from station.points.catalog import list_points
from station.points.mirror import Mirror
from station.points.point import DatabaseId
from station.points.restore import restore
from station.points.taker import PointTaker
from station.points.verify import verify

NOW = datetime(2026, 11, 21, 2, 45, tzinfo=UTC)
IDENTITY = DatabaseId("bookedbiz", "main")


def sql(database: Path, script: str) -> None:
    with closing(apsw.Connection(str(database))) as connection:
        connection.execute(script).fetchall()


def add_rows(database: Path, count: int, width: int = 400) -> None:
    sql(
        database,
        "create table if not exists spots (id integer primary key, bytes blob);"
        f"with recursive n(i) as (select 1 union all select i + 1 from n where i < {count}) "
        f"insert into spots (bytes) select randomblob({width}) from n;",
    )


@pytest.fixture
def database(tmp_path: Path) -> Path:
    file = tmp_path / "live.db"
    sql(file, "pragma journal_mode = wal")
    add_rows(file, 100)
    return file


def test_points_are_taken_mirrored_verified_and_restored(
    dropbox_store, database: Path, tmp_path: Path, emulator: Emulator
) -> None:
    store = dropbox_store(state=tmp_path / "state")
    with PointTaker(database, IDENTITY, store, tmp_path / "state", "pi-ctv") as taker:
        for step in range(4):
            emulator.faults.add(Fault("files/*", answer=503, skip=2 * step, times=2))
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
    dropbox_store, database: Path, tmp_path: Path, emulator: Emulator
) -> None:
    add_rows(database, 5000, 4000)
    state = tmp_path / "state"
    emulator.faults.add(Fault("files/upload_session/append_v2", answer=503, skip=2, times=6))
    with (
        PointTaker(database, IDENTITY, dropbox_store(state=state), state, "pi-ctv") as taker,
        pytest.raises(StoreError),
    ):
        taker.take(1, NOW, still_ours=lambda: None)
    emulator.ledger.clear()
    store = dropbox_store(state=state)
    with PointTaker(database, IDENTITY, store, state, "pi-ctv") as taker:
        point = taker.take(1, NOW + timedelta(minutes=1), still_ours=lambda: None)
    assert point is not None
    resumed = emulator.ledger.received_bytes("files/upload_session")
    assert resumed == point.object_bytes - 2 * 4 * 1024 * 1024
    assert all(finding.problem is None for finding in verify(store, IDENTITY, deep=True))


def test_of_two_hosts_one_gets_the_lease_though_its_answer_is_lost(dropbox_store, emulator: Emulator) -> None:
    one, other = Lease(dropbox_store(), "bookedbiz"), Lease(dropbox_store(), "bookedbiz")
    emulator.faults.add(Fault("files/upload", cut_reply_after=-1))
    held = one.take("pi-ctv", 0, "first start", NOW)
    assert one.current() == other.current() == held
    with pytest.raises(LeaseLost):
        other.take("pi2", 0, "failover", NOW)
    emulator.faults.add(Fault("files/list_folder", stale_by=1))
    with pytest.raises(LeaseLost):
        other.take("pi2", 0, "failover", NOW)


def test_a_full_copy_that_was_cut_goes_on_though_the_database_changes_all_the_time(
    dropbox_store, database: Path, tmp_path: Path, emulator: Emulator
) -> None:
    add_rows(database, 5000, 4000)
    state = tmp_path / "state"
    cut = Fault("files/upload_session/append_v2", answer=503, skip=2, times=99)
    kept = runs = 0
    point = None
    while point is None:
        emulator.ledger.clear()
        emulator.faults.clear()
        emulator.faults.add(replace(cut))
        runs += 1
        add_rows(database, 50)
        taker = PointTaker(database, IDENTITY, dropbox_store(state=state), state, "pi-ctv")
        with suppress(StoreError), taker:
            point = taker.take(1, NOW + timedelta(minutes=runs), still_ours=lambda: None)
        kept += sum(line.received_bytes for line in emulator.ledger.lines("files/upload_session") if line.status == 200)
    base, change = list_points(dropbox_store(state=state), IDENTITY)
    assert runs > 3 and change == point
    assert kept == base.object_bytes
    restore(dropbox_store(), point, tmp_path / "restored.db")
    with closing(sqlite3.connect(tmp_path / "restored.db")) as restored:
        assert restored.execute("select count(*) from spots").fetchone() == (5100 + runs * 50,)
