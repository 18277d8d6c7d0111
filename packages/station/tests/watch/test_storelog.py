"""What is read of a store: every record once, and a store that is gone is news, not a crash."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from station.points.point import Point, to_record
from station.stores.directory import DirectoryStore
from station.watch.storelog import StoreLog, look_within

START = datetime(2026, 11, 21, tzinfo=UTC)


class CountingStore(DirectoryStore):
    """A real store that counts what is opened."""

    opened = 0

    def open(self, key: str):
        self.opened += 1
        return super().open(key)


@pytest.fixture
def store(tmp_path: Path) -> CountingStore:
    fresh = CountingStore("disk", tmp_path / "store")
    fresh.initialise()
    return fresh


def _point(seq: int, chain: str = "000001-pi2-x") -> Point:
    taken = START + timedelta(seconds=seq)
    return Point("bookedbiz", "main", chain, seq, 1, "pi2", taken, 4096, 10, 2, "d" * 32, 100, "s" * 64)


def _epoch(store: DirectoryStore, number: int, holder: str) -> None:
    said = {"epoch": number, "holder": holder, "nonce": "n", "taken_at": "2026-11-21T00:00:00.000Z", "reason": "first"}
    store.create(f"bookedbiz/epochs/{number:06d}.json", json.dumps(said).encode())


def test_the_newest_epoch_is_the_lease_and_points_are_in_order(store: CountingStore) -> None:
    for number, holder in ((1, "pi-ctv"), (2, "pi2")):
        _epoch(store, number, holder)
    for seq in (1, 0):
        store.put(_point(seq).record_key, to_record(_point(seq)))
    view = StoreLog(store, "bookedbiz", ("main",)).look()
    assert view.lease is not None
    assert (view.lease.epoch, view.lease.holder) == (2, "pi2")
    assert [point.seq for point in view.points] == [0, 1]


def test_a_record_is_read_once(store: CountingStore) -> None:
    _epoch(store, 1, "pi2")
    store.put(_point(0).record_key, to_record(_point(0)))
    log = StoreLog(store, "bookedbiz", ("main",))
    log.look()
    store.put(_point(1).record_key, to_record(_point(1)))
    before = store.opened
    assert len(log.look().points) == 2
    assert store.opened == before + 1


def test_a_point_that_was_deleted_is_forgotten(store: CountingStore) -> None:
    store.put(_point(0).record_key, to_record(_point(0)))
    log = StoreLog(store, "bookedbiz", ("main",))
    log.look()
    store.delete(_point(0).record_key)
    assert log.look().points == ()


def test_a_record_that_cannot_be_read_is_named_and_read_again(store: CountingStore) -> None:
    key = _point(0).record_key
    store.put(key, b"{}")
    log = StoreLog(store, "bookedbiz", ("main",))
    assert log.look().unreadable == (key,)
    store.put(key, to_record(_point(0)))
    assert log.look().unreadable == ()


def test_a_store_that_is_gone_is_news(tmp_path: Path) -> None:
    news = look_within(StoreLog(DirectoryStore("disk", tmp_path / "none"), "bookedbiz", ("main",)), 5)
    assert news.view is None
    assert news.error is not None
    assert "is gone" in news.error


def test_a_store_without_anything_has_no_lease(store: CountingStore) -> None:
    assert StoreLog(store, "bookedbiz", ("main",)).look().lease is None


def test_a_store_that_hangs_does_not_hang_us(store: CountingStore, tmp_path: Path) -> None:
    key = "bookedbiz/epochs/000001.json"
    _epoch(store, 1, "pi2")
    (tmp_path / "store" / key).unlink()
    os.mkfifo(tmp_path / "store" / key)  # opening it waits for a writer that never comes
    news = look_within(StoreLog(store, "bookedbiz", ("main",)), 0.2)
    assert news.error == "The store does not answer within 0.2 s"
    with (tmp_path / "store" / key).open("wb"):  # let the waiting thread go
        pass


def test_records_of_portable_copies_and_drills_are_no_records_of_points(store: CountingStore) -> None:
    for name in ("database.db.json", "backups/one.db.json", "drills/20261121T033000123Z.json"):
        store.put(f"bookedbiz/main/{name}", b"{}")
    view = StoreLog(store, "bookedbiz", ("main",)).look()
    assert (view.points, view.unreadable) == ((), ())
