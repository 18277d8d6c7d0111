"""Times as a person types them."""

from datetime import UTC, datetime, timedelta, timezone

import click
import pytest

from station.cli.moments import moment

ZONE = timezone(timedelta(hours=-8))
NOW = datetime(2026, 11, 21, 17, 12, 7, tzinfo=UTC)  # 09:12:07 in ZONE

CASES = {
    "2026-11-21T08:12:00Z": datetime(2026, 11, 21, 8, 12, tzinfo=UTC),
    "2026-11-21T09:12:00+01:00": datetime(2026, 11, 21, 8, 12, tzinfo=UTC),
    "2026-11-21 09:12": datetime(2026, 11, 21, 17, 12, tzinfo=UTC),
    "2026-11-21 09:12:05": datetime(2026, 11, 21, 17, 12, 5, tzinfo=UTC),
    "2026-11-21": datetime(2026, 11, 21, 8, tzinfo=UTC),
    "09:12": datetime(2026, 11, 21, 17, 12, tzinfo=UTC),
    "9:05": datetime(2026, 11, 21, 17, 5, tzinfo=UTC),
    "10m ago": NOW - timedelta(minutes=10),
    "10 minutes ago": NOW - timedelta(minutes=10),
    "45s ago": NOW - timedelta(seconds=45),
    "2 hours ago": NOW - timedelta(hours=2),
    "3d ago": NOW - timedelta(days=3),
}


@pytest.mark.parametrize(("text", "expected"), CASES.items())
def test_a_time_is_understood(text: str, expected: datetime) -> None:
    assert moment(text, NOW, ZONE) == expected


@pytest.mark.parametrize("text", ["", "yesterday", "10m", "25:00", "2026-13-01"])
def test_what_is_no_time_is_wrong_usage(text: str) -> None:
    with pytest.raises(click.BadParameter, match=f"^'{text}' is no time"):
        moment(text, NOW, ZONE)


def test_without_a_zone_the_machines_own_is_meant() -> None:
    assert moment("2026-11-21 09:12", NOW) == datetime(2026, 11, 21, 9, 12).astimezone()
