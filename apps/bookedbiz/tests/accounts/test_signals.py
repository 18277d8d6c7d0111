"""Which figures make which signal, at the edge of each threshold."""

from dataclasses import replace
from datetime import date

import pytest

from bookedbiz.accounts.facts import Facts, Period, day_number, today_of
from bookedbiz.accounts.signals import Kind, most_urgent, signals_of
from bookedbiz.accounts.thresholds import Thresholds

TODAY = today_of(date(2026, 11, 20))
LONG_AGO = day_number(date(2023, 1, 2))
STEADY = Facts(
    year_cents=20_000_00, before_cents=20_000_00, ahead_cents=5_000_00, ever_cents=60_000_00, ahead_spots=9,
    first_air_day=LONG_AGO, last_air_day=TODAY.day - 2, active_months=24, recent_cents=5_000_00,
    earlier_cents=5_000_00, coming_cents=5_000_00,
)  # fmt: skip
GONE = replace(STEADY, year_cents=0, ahead_cents=0, ahead_spots=0, recent_cents=0, coming_cents=0)
QUIET = replace(STEADY, ahead_cents=0, ahead_spots=0, recent_cents=0, coming_cents=0)

CASES = [
    ("steady", STEADY, set()),
    ("nothing at all", Facts(), set()),
    ("churned from 10,000", replace(GONE, before_cents=10_000_00), {"churned"}),
    ("too small to churn", replace(GONE, before_cents=9_999_99, active_months=0), set()),
    ("a free spot ahead is no churn", replace(GONE, ahead_spots=1), set()),
    ("churned is not quiet, too", replace(GONE, last_air_day=TODAY.day - 500, active_months=24), {"churned"}),
    ("gap below a quarter", replace(STEADY, recent_cents=4_000_00, coming_cents=999_99), {"renewal gap"}),
    ("no gap at a quarter", replace(STEADY, recent_cents=4_000_00, coming_cents=1_000_00), set()),
    ("no gap after nothing", replace(STEADY, recent_cents=0, coming_cents=0), set()),
    ("declining below 70 %", replace(STEADY, year_cents=13_999_99, ahead_cents=0), {"declining"}),
    ("not declining at 70 %", replace(STEADY, year_cents=14_000_00, ahead_cents=0), set()),
    ("half of the gap is ahead", replace(STEADY, year_cents=10_000_00, ahead_cents=5_000_00), set()),
    ("less than half is", replace(STEADY, year_cents=10_000_00, ahead_cents=4_999_99), {"declining"}),
    ("too small to decline", replace(STEADY, before_cents=9_999_99, year_cents=1_00, ahead_cents=0), set()),
    ("often, 91 days", replace(QUIET, last_air_day=TODAY.day - 91), {"gone quiet"}),
    ("often, 90 days", replace(QUIET, last_air_day=TODAY.day - 90), set()),
    ("regular, 121 days", replace(QUIET, active_months=19, last_air_day=TODAY.day - 121), {"gone quiet"}),
    ("regular, 120 days", replace(QUIET, active_months=19, last_air_day=TODAY.day - 120), set()),
    ("now and then, 241 days", replace(QUIET, active_months=6, last_air_day=TODAY.day - 241), {"gone quiet"}),
    ("now and then, 240 days", replace(QUIET, active_months=11, last_air_day=TODAY.day - 240), set()),
    ("seldom is never quiet", replace(QUIET, active_months=5, last_air_day=TODAY.day - 900), set()),
    ("quiet with spots ahead", replace(QUIET, ahead_spots=1, last_air_day=TODAY.day - 300), set()),
    ("too small to be missed", replace(QUIET, ever_cents=9_999_99, last_air_day=TODAY.day - 300), set()),
    ("new within 12 months", replace(STEADY, first_air_day=day_number(date(2025, 11, 21))), {"new account"}),
    ("new 12 months ago", replace(STEADY, first_air_day=day_number(date(2025, 11, 20))), set()),
    ("new, not aired yet", replace(STEADY, first_air_day=TODAY.day + 1), set()),
    ("new and too small", replace(STEADY, first_air_day=TODAY.day, ever_cents=4_999_99), set()),
    ("growing above 130 %", replace(STEADY, year_cents=26_000_01), {"growing"}),
    ("not growing at 130 %", replace(STEADY, year_cents=26_000_00), set()),
    ("growing from nothing is new", replace(STEADY, before_cents=0), set()),
    ("growing and with a gap", replace(STEADY, year_cents=30_000_00, coming_cents=0), {"growing", "renewal gap"}),
]


@pytest.mark.parametrize(("facts", "kinds"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_which_figures_make_which_signal(facts: Facts, kinds: set[str]) -> None:
    assert {signal.kind.value for signal in signals_of(facts, TODAY, Thresholds())} == kinds


def test_a_signal_says_its_numbers() -> None:
    facts = replace(STEADY, year_cents=10_000_00, ahead_cents=2_500_00, recent_cents=8_000_00, coming_cents=1_200_00)
    gap, declining = signals_of(facts, TODAY, Thresholds())
    assert gap.label == "$8,000 in Aug-26 to Oct-26, $1,200 booked for Nov-26 to Jan-27"
    assert declining.label == "$10,000 in 12 months, $20,000 in those before (\u221250%), $2,500 ahead"
    (quiet,) = signals_of(replace(QUIET, last_air_day=TODAY.day - 100), TODAY, Thresholds())
    assert quiet.label == "last aired 100 days ago (2026-08-12), active in 24 of 24 months"


def test_thresholds_are_settings() -> None:
    grown = replace(STEADY, year_cents=22_000_00)
    assert signals_of(grown, TODAY, Thresholds()) == []
    assert [each.kind for each in signals_of(grown, TODAY, Thresholds(growing_percent=105))] == [Kind.GROWING]


def test_an_account_is_shown_with_its_most_urgent_signal() -> None:
    assert most_urgent([Kind.GROWING, Kind.RENEWAL_GAP]) is Kind.RENEWAL_GAP
    assert most_urgent([]) is None


@pytest.mark.parametrize(
    ("day", "period"),
    [
        (date(2026, 11, 21), Period.AHEAD),
        (date(2026, 11, 20), Period.YEAR),
        (date(2025, 11, 21), Period.YEAR),
        (date(2025, 11, 20), Period.BEFORE),
        (date(2024, 11, 21), Period.BEFORE),
        (date(2024, 11, 20), Period.OLDER),
    ],
)
def test_the_twelve_months_end_today(day: date, period: Period) -> None:
    assert TODAY.period(day_number(day)) is period


def test_a_leap_day_has_a_year_before_it() -> None:
    assert today_of(date(2028, 2, 29)).year_began == day_number(date(2027, 2, 28))
