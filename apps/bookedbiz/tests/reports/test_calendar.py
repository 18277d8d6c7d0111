"""Where a month stands decides what it may be compared with."""

from datetime import date

import pytest

from bookedbiz.reports.calendar import Calendar, State, quarters_of, range_words
from bookedbiz.reports.filters import Span

CALENDAR = Calendar(date(2026, 11, 20), frozenset({202601, 202602, 202603}))


@pytest.mark.parametrize(
    ("month", "state"),
    [
        (202603, State.CLOSED),
        (202604, State.ENDED),
        (202610, State.ENDED),
        (202611, State.RUNNING),
        (202612, State.AHEAD),
        (202701, State.AHEAD),
    ],
)
def test_a_month_is_closed_ended_running_or_ahead(month: int, state: State) -> None:
    assert CALENDAR.state(month) is state


def test_the_running_month_is_not_over_on_its_last_day() -> None:
    assert not Calendar(date(2026, 11, 30), frozenset()).is_complete(202611)
    assert Calendar(date(2026, 12, 1), frozenset()).is_complete(202611)


@pytest.mark.parametrize(
    ("span", "counted", "compared"),
    [
        (Span.ALL, "Jan\u2013Dec", "Jan\u2013Oct"),
        (Span.ENDED, "Jan\u2013Oct", "Jan\u2013Oct"),
        (Span.CLOSED, "Jan\u2013Mar", "Jan\u2013Mar"),
    ],
)
def test_only_complete_months_are_compared(span: Span, counted: str, compared: str) -> None:
    assert range_words(CALENDAR.counted(2026, span)) == counted
    assert range_words(CALENDAR.compared(2026, span)) == compared


def test_a_year_ahead_has_nothing_to_compare() -> None:
    assert range_words(CALENDAR.compared(2027, Span.ALL)) == "no month"


def test_a_gap_between_months_is_said() -> None:
    assert range_words([202601, 202603, 202604]) == "Jan, Mar\u2013Apr"


def test_the_quarters_are_the_year() -> None:
    assert [month for quarter in quarters_of(2026) for month in quarter] == list(range(202601, 202613))
