"""Months: the broadcast calendar, and every way to write one."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bookedbiz.months import (
    add_months,
    broadcast_month,
    broadcast_range,
    iso,
    label,
    month_of,
    months_between,
    parse_month,
    quarter_of,
    station_day,
)


def weeks_in(month: int) -> int:
    first, last = broadcast_range(month)
    return ((last - first).days + 1) // 7


@pytest.mark.parametrize(
    ("month", "first", "last", "weeks"),
    [
        (202601, "2025-12-29", "2026-01-25", 4),
        (202602, "2026-01-26", "2026-02-22", 4),
        (202603, "2026-02-23", "2026-03-29", 5),
        (202604, "2026-03-30", "2026-04-26", 4),
        (202605, "2026-04-27", "2026-05-31", 5),
        (202606, "2026-06-01", "2026-06-28", 4),
        (202607, "2026-06-29", "2026-07-26", 4),
        (202608, "2026-07-27", "2026-08-30", 5),
        (202609, "2026-08-31", "2026-09-27", 4),
        (202610, "2026-09-28", "2026-10-25", 4),
        (202611, "2026-10-26", "2026-11-29", 5),
        (202612, "2026-11-30", "2026-12-27", 4),
        (202701, "2026-12-28", "2027-01-31", 5),
    ],
)
def test_a_broadcast_month_runs_from_monday_to_the_last_sunday(month: int, first: str, last: str, weeks: int) -> None:
    assert broadcast_range(month) == (date.fromisoformat(first), date.fromisoformat(last))
    assert weeks_in(month) == weeks


def test_every_day_lies_in_the_range_of_its_broadcast_month() -> None:
    for offset in range(365 * 6):
        day = date(2023, 1, 1) + timedelta(days=offset)
        first, last = broadcast_range(broadcast_month(day))
        assert first <= day <= last


def test_forty_days_of_2026_are_of_another_broadcast_month_than_calendar_month() -> None:
    days = [date(2026, 1, 1) + timedelta(days=offset) for offset in range(365)]
    assert sum(broadcast_month(day) != month_of(day) for day in days) == 40


def test_long_months_and_long_years_are_those_of_the_industry() -> None:
    assert [month for month in months_between(202501, 202512) if weeks_in(month) == 5] == [
        202503,
        202506,
        202508,
        202511,
    ]
    assert [month for month in months_between(202701, 202712) if weeks_in(month) == 5] == [
        202701,
        202705,
        202708,
        202710,
    ]
    weeks = {year: sum(map(weeks_in, months_between(year * 100 + 1, year * 100 + 12))) for year in range(2021, 2030)}
    assert [year for year, count in weeks.items() if count == 53] == [2023, 2028]


@pytest.mark.parametrize(
    "text",
    [
        "Nov-26", "nov-26", "NOV 26", "Nov-2026", "November 2026", "november, 2026", "Nov. 2026", "Nov'26",
        "2026-11-01", "2026-11", "2026-11-01 00:00:00", "2026-11-01T00:00:00", "11/1/2026", "11/15/26", "11/2026",
        "202611", "15-Nov-26",
    ],
)  # fmt: skip
def test_every_spelling_of_a_month_is_the_same_month(text: str) -> None:
    assert parse_month(text) == 202611


@pytest.mark.parametrize("text", ["", "Nov", "26", "Nox-26", "13/1/2026", "2026-13-01", "Novum 26", "tbd", "Nov-126"])
def test_a_text_that_names_no_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="names no month"):
        parse_month(text)


def test_a_month_prints_and_reads_back() -> None:
    for month in months_between(202401, 202812):
        assert parse_month(label(month)) == parse_month(iso(month)) == month
    assert (label(202611), iso(202611), quarter_of(202611)) == ("Nov-26", "2026-11-01", 4)


def test_months_are_added_over_the_turn_of_the_year() -> None:
    assert [add_months(202611, count) for count in (-11, -1, 0, 1, 2, 14)] == [
        202512, 202610, 202611, 202612, 202701, 202801,
    ]  # fmt: skip


def test_the_day_is_that_of_the_station_not_of_the_server() -> None:
    assert station_day(datetime(2026, 12, 1, 3, 0, tzinfo=UTC)) == date(2026, 11, 30)
    with pytest.raises(ValueError, match="zone"):
        station_day(datetime(2026, 12, 1, 3, 0))  # noqa: DTZ001 - that is what is refused
