"""Ten thousand points in one store: how many calls it takes to find, list and prune them."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from station.fleet import Keep
from station.points.catalog import list_points, newest
from station.points.inventory import Stocktaking, finish
from station.points.point import DatabaseId, Point, chain_name, to_record
from station.points.prune import prune, pruning
from station.stores.directory import DirectoryStore
from station.stores.store import Entry

START = datetime(2026, 11, 1, tzinfo=UTC)
MAIN = DatabaseId("bookedbiz", "main")
KEEP = Keep(last=50, hourly=24, daily=7, weekly=4, monthly=12)


class Counting:
    """A store that counts what is asked of it."""

    def __init__(self, store: Any) -> None:
        self.name = store.name
        self.store = store
        self.calls: Counter[str] = Counter()

    def list(self, prefix: str = "") -> Iterator[Entry]:
        self.calls["list"] += 1
        yield from self.store.list(prefix)

    def open(self, key: str) -> AbstractContextManager[BinaryIO]:
        self.calls["open"] += 1
        opened: AbstractContextManager[BinaryIO] = self.store.open(key)
        return opened

    def delete(self, key: str) -> None:
        self.calls["delete"] += 1
        self.store.delete(key)

    def put(self, key: str, source: Path | bytes) -> None:
        self.store.put(key, source)


def objects(chains: int, changes: int) -> Iterator[tuple[str, bytes]]:
    """What a store holds: chains of a base and so many changes each, a point a minute."""
    moment = START
    for _ in range(chains):
        chain = chain_name(1, "pi-ctv", moment)
        for seq in range(changes + 1):
            content = f"{chain}/{seq}".encode()
            point = Point(
                "bookedbiz", "main", chain, seq, 1, "pi-ctv", moment, 4096, 1000, 5, "0" * 32,
                len(content), hashlib.sha256(content).hexdigest(),
            )  # fmt: skip
            yield point.object_key, content
            yield point.record_key, to_record(point)
            moment += timedelta(minutes=1)


@pytest.fixture
def ten_thousand(tmp_path: Path) -> Counting:
    store = DirectoryStore("disk", tmp_path / "store")
    store.initialise()
    for key, content in objects(10, 999):
        file = store.path / key
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return Counting(store)


def test_the_newest_of_ten_thousand_points_takes_two_calls_and_a_list_of_them_one_for_each(
    ten_thousand: Counting,
) -> None:
    found = newest(ten_thousand, MAIN)
    assert found is not None and found.seq == 999
    assert ten_thousand.calls == {"list": 1, "open": 1}
    ten_thousand.calls.clear()
    assert len(list_points(ten_thousand, MAIN)) == 10_000
    assert ten_thousand.calls == {"list": 1, "open": 10_000}


def test_ten_thousand_points_are_pruned_with_one_call_for_each_thing_that_goes(ten_thousand: Counting) -> None:
    looks = []
    now = START + timedelta(minutes=10_000) + timedelta(days=3)
    plan = prune(ten_thousand, MAIN, KEEP, now, lambda: looks.append(1))
    freed = sum(len(each.keys) for each in plan.freed)
    assert plan.points == 10_000 and plan.freed_points > 1000
    assert ten_thousand.calls == {"list": 2, "open": 10_000, "delete": freed}
    assert len(looks) <= freed / 200 + len(plan.freed)


def test_a_station_that_runs_reads_each_record_once_and_not_with_every_prune(ten_thousand: Counting) -> None:
    stock = Stocktaking(ten_thousand, MAIN)
    now = START + timedelta(minutes=10_000) + timedelta(days=3)
    finish(pruning(stock, ten_thousand, KEEP, now, lambda: None))
    ten_thousand.calls.clear()
    finish(pruning(stock, ten_thousand, KEEP, now, lambda: None))
    assert ten_thousand.calls == {"list": 2}


@pytest.mark.parametrize(("kind", "at_once"), [("dropbox", 2000), ("s3", 1000)])
def test_over_the_internet_a_listing_takes_a_call_for_each_thousand_keys(
    bench: Any, remote: Callable[..., Any], kind: str, at_once: int
) -> None:
    far = remote(kind)
    keys = 0
    for key, content in objects(10 if kind == "dropbox" else 2, 999):
        keys += 1
        far.plant(key, content)
    before = far.calls()
    found = newest(bench.store, MAIN)
    assert found is not None and found.seq == 999
    assert far.calls() - before <= keys / at_once + 4
