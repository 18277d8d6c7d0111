"""Restore points and the lease on another machine, end to end, over a line that is cut."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import apsw
import pytest

from station.cluster.lease import Lease
from station.errors import LeaseLost
from station.fleet import StoreSpec
from station.points.catalog import list_points
from station.points.mirror import Mirror
from station.points.point import DatabaseId
from station.points.restore import restore
from station.points.taker import PointTaker
from station.points.verify import verify
from station.stores.opening import open_store
from station.stores.sftp.store import SftpStore
from station.stores.trial import Trial

NOW = datetime(2026, 11, 21, 2, 45, tzinfo=UTC)
IDENTITY = DatabaseId("bookedbiz", "main")


@pytest.fixture
def live(tmp_path):
    with closing(apsw.Connection(str(tmp_path / "live.db"))) as connection:
        connection.execute(
            "pragma journal_mode = wal; create table spots (id integer primary key, bytes blob)"
        ).fetchall()
        yield connection


def add_rows(live, count):
    live.execute(
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < ?) "
        "insert into spots (bytes) select randomblob(400) from n",
        (count,),
    )


def test_points_are_taken_mirrored_verified_and_restored(sftp_store, live, tmp_path, wire):
    store, far = sftp_store(port=wire.port), sftp_store()
    mirror = Mirror(tmp_path / "pi2" / "mirror", far, IDENTITY)
    with PointTaker(tmp_path / "live.db", IDENTITY, store, tmp_path / "state", "pi-ctv") as taker:
        for step in range(5):
            add_rows(live, 20)
            wire.cut()
            last = taker.take(1, NOW + timedelta(seconds=step), still_ours=lambda: None)
            assert mirror.catch_up() == last
    assert [point.seq for point in list_points(store, IDENTITY)] == [0, 1, 2, 3, 4]
    assert all(finding.problem is None for finding in verify(store, IDENTITY, deep=True))
    restore(store, last, tmp_path / "restored.db")
    with closing(sqlite3.connect(tmp_path / "restored.db")) as restored:
        assert restored.execute("select count(*) from spots").fetchone() == (100,)
        assert restored.execute("pragma integrity_check").fetchone() == ("ok",)


def test_of_two_hosts_one_gets_the_lease(sftp_store):
    one, other = Lease(sftp_store(), "bookedbiz"), Lease(sftp_store(), "bookedbiz")
    held = one.take("pi-ctv", 0, "first start", NOW)
    assert one.current() == other.current() == held
    with pytest.raises(LeaseLost):
        other.take("pi2", 0, "failover", NOW)


def test_the_manifests_store_is_opened_and_passes_the_trial(sshd, sftp_store, tmp_path):
    place = sftp_store().place
    spec = StoreSpec(
        "far",
        "sftp",
        tmp_path / "far",
        server=place.server,
        port=place.port,
        user=place.user,
        private_key=place.private_key,
        known_hosts=place.known_hosts,
        upload_kib_s=500,
    )
    store = open_store(spec)
    assert isinstance(store, SftpStore)
    assert [step.name for step in Trial(store).steps() if step.failure is not None] == []
    assert store.meter.piece(10_000_000) == 500 * 1024
    store.close()
