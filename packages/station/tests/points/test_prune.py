"""Pruning a real store: what is left restores, whoever is killed when, and ten thousand points are no trouble."""

import json
import multiprocessing
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from station.errors import LeaseLost
from station.fleet import Keep
from station.points import retention, taker, target
from station.points.catalog import list_points, recorded
from station.points.inventory import Stocktaking, finish, take_inventory
from station.points.point import DatabaseId, to_record
from station.points.prune import prune, pruning
from station.points.restore import restore
from station.points.retention import plan
from station.points.verify import verify
from station.stores.directory import DirectoryStore

SEED = int(os.environ.get("STATION_KILL_SEED", "20261121"))
KILL_WITHIN = int(os.environ.get("STATION_KILL_WITHIN", "30"))  # steps; fewer make more kills
FORK = multiprocessing.get_context("fork")
START = datetime(2026, 11, 21, 2, 45, tzinfo=UTC)
DAY = timedelta(days=1)
RULE = Keep(last=2, hourly=0, daily=3, weekly=2, monthly=0)


def ours() -> None:
    """The lease is where it was."""


@pytest.fixture
def weeks(bench: Any) -> Any:
    """Three weeks of a point every eight hours in chains of eleven; `bench.now` is a month later."""
    with bench.taker() as open_taker:
        for number in range(63):
            bench.now += DAY / 3
            bench.add_rows(2)
            assert open_taker.take(1, bench.now, still_ours=ours, full=number % 11 == 0)
    bench.now += 30 * DAY
    return bench


def restores(bench: Any) -> int:
    """How many points are listed; each of them restores, since the last of each chain is built upon all of it."""
    chains = recorded(bench.store, bench.identity)
    points = {point.name: point for point in list_points(bench.store, bench.identity)}
    for chain, numbers in chains.items():
        assert numbers == list(range(len(numbers)))
        target = bench.folder / "restored.db"
        restore(bench.store, points[f"{chain}/{numbers[-1]:06d}"], target)
        target.unlink()
    return len(points)


def keys(store: DirectoryStore) -> list[str]:
    return [entry.key for entry in store.list()]


def test_what_is_left_restores_and_what_the_rule_names_is_left(weeks) -> None:
    before = take_inventory(weeks.store, weeks.identity)
    done = prune(weeks.store, weeks.identity, RULE, weeks.now, ours)
    left = list_points(weeks.store, weeks.identity)
    assert 0 < restores(weeks) == len(left) == done.points - done.freed_points < 40
    assert set(done.kept) <= set(left)
    assert len(before.chains) == 6 and len(recorded(weeks.store, weeks.identity)) == 2
    assert all(finding.whole for finding in verify(weeks.store, weeks.identity, deep=True))
    assert take_inventory(weeks.store, weeks.identity).unreferenced == []
    assert prune(weeks.store, weeks.identity, RULE, weeks.now, ours).freed == ()


def test_the_bytes_freed_are_those_that_are_gone(weeks) -> None:
    before = sum(entry.size_bytes for entry in weeks.store.list())
    done = prune(weeks.store, weeks.identity, RULE, weeks.now, ours)
    assert done.bytes - done.freed_bytes == sum(
        entry.size_bytes for entry in weeks.store.list() if not entry.key.endswith("newest")
    )
    assert before - sum(entry.size_bytes for entry in weeks.store.list()) == done.freed_bytes > 0


def test_the_taker_and_the_mirror_go_on_after_it(weeks) -> None:
    weeks.mirror.catch_up()
    prune(weeks.store, weeks.identity, RULE, weeks.now, ours)
    weeks.add_rows(1)
    taken = weeks.take_once()
    assert taken and taken.seq == 8
    assert weeks.mirror.catch_up() == taken
    weeks.mirror.prove()


def test_whoever_lost_the_lease_frees_nothing_more(weeks) -> None:
    before = keys(weeks.store)

    def lost() -> None:
        raise LeaseLost("Another host is primary")

    with pytest.raises(LeaseLost):
        prune(weeks.store, weeks.identity, RULE, weeks.now, lost)
    assert keys(weeks.store) == before


def dies_before_step(number: int, work: Callable[[], object]) -> bool:
    """Run the work in a process that is killed before it removes or syncs for that time; whether it came to that."""

    def run() -> None:
        left = number

        def before(frame: FrameType, event: str, called: Any) -> None:
            nonlocal left
            if event == "c_call" and called.__name__ in ("unlink", "fsync"):
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.setprofile(before)
        work()
        sys.setprofile(None)

    process = FORK.Process(target=run)
    process.start()
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode != 0


def test_killed_at_any_moment_every_listed_point_restores_and_the_next_run_finishes(weeks) -> None:
    chance = random.Random(SEED)
    uncut = DirectoryStore("uncut", weeks.folder / "uncut")
    uncut.initialise()
    for entry in weeks.store.list():
        uncut.put(entry.key, weeks.store.path / entry.key)
    prune(uncut, weeks.identity, RULE, weeks.now, ours)
    counts, leftovers = [restores(weeks)], 0
    while dies_before_step(
        chance.randint(2, KILL_WITHIN), lambda: prune(weeks.store, weeks.identity, RULE, weeks.now, ours)
    ):
        counts.append(restores(weeks))
        assert all(finding.whole for finding in verify(weeks.store, weeks.identity)), (SEED, counts)
        leftovers += len(take_inventory(weeks.store, weeks.identity).unreferenced)
    assert len(set(counts)) > 5 and counts == sorted(counts, reverse=True) and leftovers
    assert keys(weeks.store) == keys(uncut)


def test_a_prune_that_stops_for_something_else_between_any_two_steps_does_the_same(weeks) -> None:
    taken_at = weeks.now - DAY * 2
    steps = pruning(Stocktaking(weeks.store, weeks.identity), weeks.store, RULE, weeks.now, ours)
    with weeks.taker() as open_taker:
        for number, _ in enumerate(steps):
            if number % 40 == 0:
                weeks.add_rows(1)
                taken_at += timedelta(hours=1)
                assert open_taker.take(1, taken_at, still_ours=ours, full=number % 80 == 0)
    assert restores(weeks) == len(list_points(weeks.store, weeks.identity))
    assert set(plan(take_inventory(weeks.store, weeks.identity), RULE, weeks.now).kept) <= set(
        list_points(weeks.store, weeks.identity)
    )


def test_records_are_read_only_once(weeks, monkeypatch) -> None:
    stock = Stocktaking(weeks.store, weeks.identity)
    first = finish(stock.steps())
    weeks.add_rows(1)
    taken = weeks.take_once()
    opened: list[str] = []
    real = weeks.store.open
    monkeypatch.setattr(weeks.store, "open", lambda key: (opened.append(key), real(key))[1])
    second = finish(stock.steps())
    assert opened == [taken.record_key]
    assert len(second.chains[-1].points) == len(first.chains[-1].points) + 1


def test_a_chain_ends_a_week_after_it_was_begun_when_something_is_written(bench) -> None:
    rules = target.Rules(keep=Keep())
    with taker.PointTaker(bench.database, bench.identity, bench.store, bench.state, "pi-ctv", rules=rules) as weekly:
        first = weekly.take(1, START, still_ours=ours)
        assert weekly.take(1, START + 8 * DAY, still_ours=ours) is None
        bench.add_rows(1)
        sixth = weekly.take(1, START + 5 * DAY, still_ours=ours)
        bench.add_rows(1)
        eighth = weekly.take(1, START + 8 * DAY, still_ours=ours)
    assert first and sixth and eighth
    assert (sixth.chain, sixth.seq, eighth.seq) == (first.chain, 1, 0)


def test_the_last_point_before_a_switch_is_never_a_full_copy_for_the_chains_age(bench) -> None:
    first = bench.take_once()
    bench.add_rows(1)
    bench.now += 99 * DAY
    assert bench.take_once().chain == first.chain


def test_no_number_gets_a_seventh_digit(bench, monkeypatch) -> None:
    monkeypatch.setattr(target, "LAST_NUMBER", 2)
    assert retention.LAST_NUMBER == 999_999
    numbers = []
    for _ in range(4):
        numbers.append(bench.take_once().seq)
        bench.add_rows(1)
    assert numbers == [0, 1, 2, 0]


@pytest.fixture
def ten_thousand(tmp_path: Path, history: Callable[..., Any]) -> tuple[DirectoryStore, datetime]:
    """Ten thousand points of a fortnight, two minutes apart; the objects have their sizes and no content."""
    made = history()
    made.base_bytes, made.change_bytes = 4000, 400
    now = made.every(timedelta(minutes=2), 10_000)
    store = DirectoryStore("disk", tmp_path / "store")
    store.initialise()
    for point in made.points:
        if point.is_base:
            (store.path / point.folder).mkdir(parents=True)
        (store.path / point.object_key).write_bytes(bytes(point.object_bytes))
        (store.path / point.record_key).write_bytes(to_record(point))
    return store, now


@pytest.mark.slow
def test_ten_thousand_points_are_listed_and_pruned_quickly(ten_thousand) -> None:
    store, now = ten_thousand
    identity, rule = DatabaseId("bookedbiz", "main"), Keep(last=1, hourly=0, daily=1, weekly=0, monthly=0)
    began_s = time.process_time()
    assert len(list_points(store, identity)) == 10_000
    assert time.process_time() - began_s < 3
    began_s = time.process_time()
    done = prune(store, identity, rule, now + DAY, ours)
    assert time.process_time() - began_s < 10
    assert done.freed_points > 4000
    assert len(list_points(store, identity)) == 10_000 - done.freed_points


def test_a_point_that_a_stored_divergence_counts_from_stays(weeks) -> None:
    points = list_points(weeks.store, weeks.identity)
    for database, since in (("main", points[3].name), ("other", points[14].name), ("main", "")):
        key = f"bookedbiz/divergence/pi-ctv/{database}-{len(since)}.json"
        weeks.store.put(key, json.dumps({"database": database, "since": since}).encode())
    weeks.store.put("bookedbiz/divergence/pi-ctv/torn.json", b"{")
    prune(weeks.store, weeks.identity, RULE, weeks.now, ours)
    first = [point.seq for point in list_points(weeks.store, weeks.identity) if point.chain == points[3].chain]
    assert first == [0, 1, 2, 3]
    assert points[14].chain not in recorded(weeks.store, weeks.identity)
    restores(weeks)
