"""The clock is set back an hour, or forward a year and back: points sort as taken, and none is freed for it."""

from datetime import timedelta
from typing import Any

import pytest

from station.cluster.lease import Lease
from station.errors import LeaseLost
from station.fleet import Keep
from station.points.catalog import list_points
from station.points.point import Point
from station.points.prune import prune
from station.points.verify import verify

HOUR, YEAR = timedelta(hours=1), timedelta(days=365)
KEEP = Keep(last=5, hourly=24, daily=7, weekly=4, monthly=12)


def take(bench: Any, taker: Any, count: int = 3) -> list[Point]:
    made = []
    for _ in range(count):
        bench.add_rows(2)
        made.append(bench.take(taker))
    return made


@pytest.mark.parametrize(
    "jumps", [[-HOUR], [YEAR, -YEAR], [-YEAR, YEAR]], ids=["back", "forward and back", "back and on"]
)
@pytest.mark.parametrize("anew", [False, True], ids=["one run", "a new run each time"])
def test_points_sort_as_they_were_taken_and_the_mirror_follows(bench: Any, jumps: list[timedelta], anew: bool) -> None:
    taken = []
    taker = bench.taker()
    with taker:
        taken += take(bench, taker)
        for jump in jumps:
            bench.now += jump
            if not anew:
                taken += take(bench, taker)
    if anew:
        for jump in jumps:
            bench.now += jump
            with bench.taker() as later:
                taken += take(bench, later)
    assert list_points(bench.store, bench.identity) == taken
    assert [point.taken_at for point in taken] == sorted({point.taken_at for point in taken})
    assert bench.mirror.catch_up() == taken[-1]
    assert bench.restores_to_now(taken[-1])
    assert all(found.whole for found in verify(bench.store, bench.identity, deep=True))


@pytest.mark.parametrize("jump", [-HOUR, YEAR, -YEAR])
def test_a_clock_that_jumped_frees_nothing_that_the_right_one_keeps(bench: Any, jump: timedelta) -> None:
    with bench.taker() as taker:
        for _ in range(4):
            take(bench, taker)
            bench.take(taker, full=True)
            bench.now += timedelta(days=2)
        kept = set(prune(bench.store, bench.identity, KEEP, bench.now, lambda: None).kept)
        bench.now += jump
        take(bench, taker)
        prune(bench.store, bench.identity, KEEP, bench.now, lambda: None)
        bench.now -= jump
        prune(bench.store, bench.identity, KEEP, bench.now, lambda: None)
    there = set(list_points(bench.store, bench.identity))
    assert {point.taken_at.date() for point in kept} <= {point.taken_at.date() for point in there}


def test_no_clock_takes_part_in_who_holds_the_lease(bench: Any) -> None:
    lease, other = Lease(bench.store, "bookedbiz"), Lease(bench.store, "bookedbiz")
    lease.take("pi-ctv", 0, "first start", bench.now)
    other.take("pi2", 1, "failover", bench.now - YEAR)
    with pytest.raises(LeaseLost, match="pi2"):
        lease.require(1)
    with pytest.raises(LeaseLost):
        lease.take("pi-ctv", 1, "again", bench.now + YEAR)
    assert lease.take("pi-ctv", 2, "failback", bench.now).epoch == 3
