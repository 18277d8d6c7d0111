"""When a nightly job is due, above all in the two nights of the year that are not 24 hours long."""

import os
import time as clock
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.cluster.schedule import last_due, next_due, start_of
from station.fleet import Daily

HOUR = timedelta(hours=1)


def nightly(at: str = "02:05", zone: str | None = "Europe/Berlin", **more) -> Daily:
    return Daily(time.fromisoformat(at), zone, **more)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def runs(daily: Daily, begin: datetime, end: datetime) -> list[datetime]:
    """The moments at which somebody starts the job who looks every ten minutes."""
    found = []
    while begin < end:
        due = last_due(daily, begin)
        if begin - timedelta(minutes=10) < due <= begin and due not in found:
            found.append(due)
        begin += timedelta(minutes=10)
    return found


def test_it_is_due_at_the_wall_time_of_its_zone() -> None:
    assert last_due(nightly(), utc("2026-11-21 01:04")) == utc("2026-11-20 01:05")
    assert last_due(nightly(), utc("2026-11-21 01:05")) == utc("2026-11-21 01:05")
    assert next_due(nightly(), utc("2026-11-21 01:05")) == utc("2026-11-22 01:05")


@pytest.mark.parametrize(
    ("at", "due"),
    [
        ("01:30", ["2026-03-28 00:30", "2026-03-29 00:30", "2026-03-30 23:30"]),
        ("02:05", ["2026-03-28 01:05", "2026-03-29 01:05", "2026-03-30 00:05"]),  # 02:05 is not on the 29th: 03:05 is
        ("03:00", ["2026-03-28 02:00", "2026-03-29 01:00", "2026-03-30 01:00"]),
    ],
)
def test_in_the_night_the_clocks_go_forward_it_runs_once(at: str, due: list[str]) -> None:
    found = runs(nightly(at), utc("2026-03-27 23:00"), utc("2026-03-30 12:00"))
    assert len(found) == 3
    assert found[1] == utc(due[1])


@pytest.mark.parametrize(
    ("at", "due"),
    [
        ("01:30", "2026-10-24 23:30"),
        ("02:05", "2026-10-25 00:05"),  # 02:05 comes twice: the first counts
        ("03:00", "2026-10-25 02:00"),
    ],
)
def test_in_the_night_the_clocks_go_back_it_runs_once(at: str, due: str) -> None:
    found = runs(nightly(at), utc("2026-10-23 22:00"), utc("2026-10-26 12:00"))
    assert len(found) == 3
    assert utc(due) in found


@pytest.mark.parametrize("night", ["2026-03-29", "2026-10-25"])
def test_the_machines_own_zone_changes_its_clocks_too(night: str, in_berlin: None) -> None:
    begin = utc(f"{night} 00:00") - 30 * HOUR
    assert runs(nightly(zone=None), begin, begin + 72 * HOUR) == runs(nightly(), begin, begin + 72 * HOUR)


@pytest.fixture
def in_berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = os.environ.get("TZ")
    monkeypatch.setenv("TZ", "Europe/Berlin")
    clock.tzset()
    yield
    monkeypatch.delenv("TZ") if before is None else monkeypatch.setenv("TZ", before)
    clock.tzset()


def test_a_weekly_job_is_due_on_its_day_of_the_zone() -> None:
    weekly = nightly("00:30", "Pacific/Auckland", weekday=6)
    due = last_due(weekly, utc("2026-11-21 12:00"))  # Saturday noon here, Sunday morning there
    assert due == utc("2026-11-21 11:30")
    assert last_due(weekly, due - timedelta(seconds=1)) == due - 7 * 24 * HOUR
    assert next_due(weekly, due) == due + 7 * 24 * HOUR


moments = st.integers(1_577_836_800, 2_208_988_800).map(lambda stamp: datetime.fromtimestamp(stamp, UTC))
zones = st.sampled_from(["Europe/Berlin", "America/Los_Angeles", "Australia/Lord_Howe", "Pacific/Apia", "UTC"])


@given(moments, st.times(), zones, st.one_of(st.none(), st.integers(0, 6)))
def test_the_last_and_the_next_enclose_now_and_follow_each_other(now, at, zone, weekday) -> None:
    daily = Daily(at.replace(second=0, microsecond=0, fold=0), zone, weekday)
    last, following = last_due(daily, now), next_due(daily, now)
    assert last <= now < following
    assert last_due(daily, following) == following
    assert following - last <= (8 if weekday is not None else 2) * 24 * HOUR


def test_jitter_is_the_same_however_often_it_is_asked_and_never_too_long() -> None:
    daily = nightly(jitter_s=300)
    begin = utc("2026-01-01 01:05")
    drawn = [(start_of(daily, begin + day * 24 * HOUR, "ledger copy") - begin) % (24 * HOUR) for day in range(200)]
    assert all(timedelta() <= late < timedelta(seconds=300) for late in drawn)
    assert len(set(drawn)) == 200
    assert start_of(daily, begin, "ledger copy") == start_of(daily, begin, "ledger copy") != start_of(daily, begin, "b")
    assert start_of(nightly(), begin, "ledger copy") == begin
