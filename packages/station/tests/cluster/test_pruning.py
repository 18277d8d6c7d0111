"""Pruning beside the taking of points: seldom, in short moments, while the lease is ours, and never fatal."""

import itertools
import json
import multiprocessing
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import apsw
import pytest

from station.cluster import pruning as module
from station.cluster.lease import Lease
from station.cluster.loop_report import report_file
from station.cluster.points_loop import points_loop
from station.cluster.pruning import Pruning
from station.cluster.roles import write_epoch
from station.cluster.storethread import StoreThread
from station.errors import StoreError
from station.fleet import Keep, load_fleet
from station.fleet.reference import SMALLEST_APP, SMALLEST_FLEET
from station.points.catalog import list_points, recorded
from station.points.point import DatabaseId, Point, chain_name, to_record
from station.stores.directory import DirectoryStore

FORK = multiprocessing.get_context("fork")
START = datetime(2026, 11, 21, 2, 45, tzinfo=UTC)
DAY = timedelta(days=1)


class Yard:
    """A store with a chain for each of twelve days, two points each, and a clock that stands a month later."""

    def __init__(self, folder: Path) -> None:
        self.said: list[str] = []
        self.store = DirectoryStore("disk", folder / "store")
        self.store.initialise()
        self.lease = Lease(self.store, "counter")
        self.lease.take("one", 0, "first start", START)
        for day in range(12):
            for seq in (0, 1):
                self._point(START + day * DAY, seq)
        self.app = SimpleNamespace(
            name="counter", databases={"main": None}, keep=Keep(last=1, hourly=0, daily=3, weekly=0, monthly=0)
        )

    def _point(self, began: datetime, seq: int) -> None:
        chain = chain_name(1, "one", began)
        taken_at = began + timedelta(hours=seq)
        point = Point("counter", "main", chain, seq, 1, "one", taken_at, 4096, 1, 1, "0" * 32, 3, "0" * 64)
        self.store.put(point.object_key, b"abc")
        self.store.put(point.record_key, to_record(point))

    def pruning(self) -> Pruning:
        return Pruning(self.app, self.store, lambda: self.lease.require(1), lambda: START + 30 * DAY, self.said.append)

    @property
    def chains(self) -> int:
        return len({entry.key.split("/")[2] for entry in self.store.list("counter/main/")})


@pytest.fixture
def yard(tmp_path: Path) -> Yard:
    return Yard(tmp_path)


@pytest.fixture
def due(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_AFTER_S", 0.0)


def test_nothing_is_pruned_in_the_first_minutes(yard: Yard) -> None:
    assert not yard.pruning().go_on(9)
    assert yard.chains == 12


def test_it_is_done_once_and_then_not_for_an_hour(yard: Yard, due: None, monkeypatch: pytest.MonkeyPatch) -> None:
    pruning = yard.pruning()
    assert not pruning.go_on(99)
    assert yard.chains == 3 and yard.said[0].startswith("pruned app=counter database=main points=18 of=24 ")
    monkeypatch.setattr(yard.store, "list", lambda prefix: pytest.fail("it looked again"))
    assert not pruning.go_on(99)
    now_s = time.monotonic()
    monkeypatch.setattr(module.time, "monotonic", lambda: now_s + module.EVERY_S + 1)
    with pytest.raises(pytest.fail.Exception):
        pruning.go_on(99)


def test_a_moment_is_a_moment_and_the_work_goes_on_in_the_next(yard: Yard, due: None) -> None:
    pruning = yard.pruning()
    moments = 1
    while pruning.go_on(0):
        moments += 1
    assert moments > 24 + 18 * 2  # a step each for what is read and what is deleted
    assert yard.chains == 3


def test_a_lease_that_is_lost_stops_it_and_is_told(yard: Yard, due: None) -> None:
    yard.lease.take("two", 1, "failover", START)
    pruning = yard.pruning()
    assert not pruning.go_on(99)
    assert yard.chains == 12
    trouble = pruning.trouble["main"]
    assert trouble and trouble.startswith("Old restore points not freed: The lease of counter is two's")


def test_a_store_that_is_gone_is_told_until_it_works_again(
    yard: Yard, due: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = yard.store.path.with_name("away")
    yard.store.path.rename(away)
    pruning = yard.pruning()
    assert not pruning.go_on(99)
    assert pruning.trouble["main"] and "is gone" in pruning.trouble["main"] and yard.said == [pruning.trouble["main"]]
    away.rename(yard.store.path)
    now_s = time.monotonic()
    monkeypatch.setattr(module.time, "monotonic", lambda: now_s + module.EVERY_S + 1)
    assert not pruning.go_on(99)
    assert pruning.trouble == {"main": None} and yard.chains == 3


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Callable[..., tuple[Any, DirectoryStore, Path]]]:
    """Starts the loop of a real app in a process of its own: its host, its store and its database."""
    processes = []

    def start(now: Callable[[], datetime]) -> tuple[Any, DirectoryStore, Path]:
        (tmp_path / "fleet.toml").write_text(SMALLEST_FLEET + "[apps.notes.points]\nevery_s = 0.1\n")
        (tmp_path / "notes").mkdir()
        (tmp_path / "notes" / "app.toml").write_text(SMALLEST_APP)
        fleet = load_fleet(tmp_path / "fleet.toml")
        app, host = fleet.apps["notes"], fleet.hosts["pi1"]
        store = DirectoryStore("disk", fleet.stores["disk"].path)
        store.initialise()
        Lease(store, "notes").take("pi1", 0, "first start", START)
        write_epoch(host.paths.state("notes"), 1, START)
        file = host.paths.database("notes", app.databases["main"])
        file.parent.mkdir(parents=True)
        with closing(apsw.Connection(str(file))) as writer:
            writer.execute("pragma journal_mode = wal; create table t (a)").fetchall()
        processes.append(FORK.Process(target=points_loop, args=(app, host, [fleet.stores["disk"]], now)))
        processes[-1].start()
        return host, store, file

    yield start
    for process in processes:
        process.terminate()
        process.join()


def test_the_loop_ends_a_chain_that_has_outlived(running, wait_for) -> None:
    clock = itertools.count()
    _, store, file = running(lambda: START + next(clock) * 8 * DAY)
    identity = DatabaseId("notes", "main")
    for chains in (1, 2):
        with closing(apsw.Connection(str(file))) as writer:
            writer.execute("insert into t values (1)").fetchall()
        wait_for(lambda chains=chains: len(recorded(store, identity)) == chains, 60, "a chain")
    assert all(numbers == [0] for numbers in recorded(store, identity).values())


def test_the_loop_takes_points_and_reports_that_it_cannot_prune(running, wait_for, due, monkeypatch) -> None:
    def fails(*_: object) -> Iterator[None]:
        yield
        raise StoreError("The store refuses to delete")

    monkeypatch.setattr(module, "pruning", fails)
    host, store, file = running(lambda: START)
    report = report_file(host.paths.state("notes"), "main")
    said = "Old restore points not freed: The store refuses to delete"
    wait_for(lambda: report.exists() and json.loads(report.read_text())["error"] == said, 60, "the report")
    with closing(apsw.Connection(str(file))) as writer:
        writer.execute("insert into t values (1)").fetchall()
    wait_for(lambda: len(list_points(store, DatabaseId("notes", "main"))) == 2, 60, "a point after it")


class Busy:
    """A prune that has always more to do."""

    def __init__(self) -> None:
        self.moments: list[float] = []

    def go_on(self, for_s: float) -> bool:
        self.moments.append(for_s)
        time.sleep(for_s)
        return True


def test_a_point_waits_no_longer_than_a_moment_for_the_pruning_of_its_store(wait_for) -> None:
    busy, done = Busy(), threading.Event()
    thread = StoreThread("disk", busy.go_on, lambda: None)
    wait_for(lambda: len(busy.moments) > 2, 60, "some pruning")
    thread.begin(done.set)
    assert done.wait(10)
    assert max(busy.moments) <= 0.1


def test_pruning_that_raises_what_nobody_expects_is_not_hidden(wait_for) -> None:
    thread = StoreThread("disk", lambda for_s: 1 // 0 > 0, lambda: None)
    assert isinstance(wait_for(lambda: thread.failure, 60, "the failure"), ZeroDivisionError)
