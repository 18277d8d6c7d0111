"""What an account's figures say that somebody should know: six signals, each with its numbers in one line. Pure."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from bookedbiz.accounts.facts import EPOCH, Facts, Today, day_number
from bookedbiz.accounts.thresholds import Thresholds
from bookedbiz.months import add_months, first_day, label, month_of

CENTS: Final = 100


class Kind(StrEnum):
    """The most urgent first."""

    CHURNED = "churned"
    RENEWAL_GAP = "renewal gap"
    DECLINING = "declining"
    GONE_QUIET = "gone quiet"
    NEW_ACCOUNT = "new account"
    GROWING = "growing"


PRIORITY: Final = {
    Kind.CHURNED: 1,
    Kind.RENEWAL_GAP: 1,
    Kind.DECLINING: 2,
    Kind.GONE_QUIET: 3,
    Kind.NEW_ACCOUNT: 4,
    Kind.GROWING: 5,
}
GOOD: Final = frozenset({Kind.NEW_ACCOUNT, Kind.GROWING})


@dataclass(frozen=True)
class Signal:
    """One thing to know. `label` has its numbers."""

    kind: Kind
    label: str


def signals_of(facts: Facts, today: Today, limits: Thresholds) -> list[Signal]:
    """Every signal that shows on that day, the most urgent first."""
    churned = _churned(facts, limits)
    found = [
        churned,
        _renewal_gap(facts, today, limits),
        _declining(facts, limits),
        None if churned else _gone_quiet(facts, today, limits),
        _new_account(facts, today, limits),
        _growing(facts, limits),
    ]
    return [each for each in found if each is not None]


def most_urgent(kinds: list[Kind]) -> Kind | None:
    """The one that an account is shown with."""
    return min(kinds, key=lambda kind: (PRIORITY[kind], list(Kind).index(kind)), default=None)


def _churned(facts: Facts, limits: Thresholds) -> Signal | None:
    if facts.before_cents < limits.churned_dollars * CENTS or facts.ahead_spots:
        return None
    if facts.year_cents + facts.ahead_cents != 0:
        return None
    return Signal(Kind.CHURNED, f"{_dollars(facts.before_cents)} in the 12 months before, nothing since or ahead")


def _renewal_gap(facts: Facts, today: Today, limits: Thresholds) -> Signal | None:
    recent, coming = facts.recent_cents, facts.coming_cents
    if recent <= 0 or coming * 100 >= limits.gap_percent * recent:
        return None
    last = f"{label(add_months(today.month, -3))} to {label(add_months(today.month, -1))}"
    then = f"{label(today.month)} to {label(add_months(today.month, 2))}"
    return Signal(Kind.RENEWAL_GAP, f"{_dollars(recent)} in {last}, {_dollars(coming)} booked for {then}")


def _declining(facts: Facts, limits: Thresholds) -> Signal | None:
    year, before = facts.year_cents, facts.before_cents
    if before < limits.declining_dollars * CENTS or not 0 < year * 100 < limits.declining_percent * before:
        return None
    if facts.ahead_cents * 100 >= limits.declining_cover_percent * (before - year):
        return None
    fall = f"\u2212{1 - year / before:.0%}"
    said = f"{_dollars(year)} in 12 months, {_dollars(before)} in those before ({fall}), {_dollars(facts.ahead_cents)}"
    return Signal(Kind.DECLINING, f"{said} ahead")


def _gone_quiet(facts: Facts, today: Today, limits: Thresholds) -> Signal | None:
    if facts.ever_cents < limits.quiet_dollars * CENTS or facts.ahead_spots or facts.last_air_day is None:
        return None
    patience = (
        limits.quiet_often_days
        if facts.active_months >= limits.quiet_often_months
        else limits.quiet_regular_days
        if facts.active_months >= limits.quiet_regular_months
        else limits.quiet_rare_days
        if facts.active_months >= limits.quiet_rare_months
        else None
    )
    days = today.day - facts.last_air_day
    if patience is None or days <= patience:
        return None
    aired = EPOCH + timedelta(days=facts.last_air_day)
    return Signal(
        Kind.GONE_QUIET,
        f"last aired {days} days ago ({aired.isoformat()}), active in {facts.active_months} of 24 months",
    )


def _new_account(facts: Facts, today: Today, limits: Thresholds) -> Signal | None:
    first = facts.first_air_day
    if first is None or first > today.day or facts.ever_cents < limits.new_dollars * CENTS:
        return None
    aired, now = EPOCH + timedelta(days=first), EPOCH + timedelta(days=today.day)
    since = first_day(add_months(month_of(now), -limits.new_months)) + timedelta(days=now.day - 1)
    if first <= day_number(since):
        return None
    return Signal(Kind.NEW_ACCOUNT, f"first aired {aired.isoformat()}, {_dollars(facts.ever_cents)} booked")


def _growing(facts: Facts, limits: Thresholds) -> Signal | None:
    year, before = facts.year_cents, facts.before_cents
    if year < limits.growing_dollars * CENTS or before <= 0 or year * 100 <= limits.growing_percent * before:
        return None
    rise = f"+{year / before - 1:.0%}"
    return Signal(Kind.GROWING, f"{_dollars(year)} in 12 months, {_dollars(before)} in those before ({rise})")


def _dollars(cents: int) -> str:
    dollars = round(cents / CENTS)
    return f"{chr(0x2212) if dollars < 0 else ''}${abs(dollars):,}"
