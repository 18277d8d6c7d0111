"""Two hosts of one name and one epoch add points by mistake, or two processes of one host: the second is refused."""

import shutil
from collections.abc import Callable
from typing import Any

import pytest

from station.errors import Busy, LeaseLost, StoreError
from station.points.catalog import list_points
from station.points.publish import Contested
from station.points.taker import PointTaker
from station.points.target import Rules
from station.points.verify import verify
from station.stores.store import read

KINDS = ["directory", "dropbox", "s3", "sftp"]


class Twins:
    """A host and its clone: the same name, epoch and page table, two databases that go different ways."""

    def __init__(self, bench: Any, far: Any) -> None:
        self.bench, self.far = bench, far
        bench.take_once()
        self.database, self.state = bench.folder / "clone.db", bench.folder / "clone"
        bench.sql("pragma wal_checkpoint(truncate)")
        shutil.copy(bench.database, self.database)
        shutil.copytree(bench.state, self.state)
        bench.add_rows(3)
        self.first = PointTaker(bench.database, bench.identity, bench.store, bench.state, "pi-ctv", rules=bench.rules)
        self.clone = PointTaker(self.database, bench.identity, far.open(), self.state, "pi-ctv", rules=bench.rules)

    def clone_writes(self) -> None:
        mine, self.bench.database = self.bench.database, self.database
        self.bench.add_rows(30)
        self.bench.database = mine

    def everything(self) -> dict[str, bytes]:
        store = self.bench.store
        return {entry.key: read(store, entry.key) for entry in store.list() if "/main/0" in entry.key}


@pytest.fixture(params=KINDS)
def twins(bench: Any, remote: Callable[..., Any], request: pytest.FixtureRequest) -> Twins:
    bench.rules = Rules(encoding="delta")
    made = Twins(bench, remote(request.param))
    made.clone_writes()
    return made


def test_of_two_hosts_with_one_name_the_second_is_refused_and_the_first_goes_on(bench: Any, twins: Twins) -> None:
    with twins.first as first, twins.clone as clone:
        (target,) = clone.targets
        target.advance(1, bench.now, lambda: None)
        clone.read([target], 1, bench.now)
        bench.take(first)  # quicker by a hair
        with pytest.raises(LeaseLost, match="another writer"):
            target.advance(1, bench.now, lambda: None)
        there = twins.everything()
        for _ in range(3):
            bench.add_rows(3)
            assert bench.take(first) is not None
        assert there.items() <= twins.everything().items(), "something was written over"
    assert all(found.whole for found in verify(bench.store, bench.identity, deep=True))
    assert bench.restores_to_now(list_points(bench.store, bench.identity)[-1])


def test_what_another_has_stored_and_is_about_to_record_is_not_written_over(bench: Any, twins: Twins) -> None:
    refused = []

    def meanwhile() -> None:  # the object of the first is there, its record is not
        with twins.clone as clone:
            try:
                clone.take(1, bench.now, still_ours=lambda: None)
            except (StoreError, LeaseLost) as why:
                refused.append(why)

    with twins.first as first:
        point = first.take(1, bench.now, still_ours=meanwhile)
    assert [type(why) for why in refused] == [Contested] and "another station" in refused[0].hint
    assert point is not None and bench.restores_to_now(point)
    assert all(found.whole for found in verify(bench.store, bench.identity, deep=True))


def test_two_processes_of_one_host_cannot_take_points_at_once(bench: Any) -> None:
    with bench.taker() as taker:
        bench.take(taker)
        with pytest.raises(Busy), bench.taker():
            pytest.fail("both are at it")
        bench.add_rows(3)
        assert bench.restores_to_now(bench.take(taker))
