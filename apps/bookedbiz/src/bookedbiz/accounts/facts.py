"""What one account has booked, by air date and by month label, as signals and health read it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from bookedbiz.months import add_months, month_of

EPOCH = date(1970, 1, 1)
ACTIVE_WITHIN = 24  # months


class Period(IntEnum):
    """When a spot airs, seen from a day."""

    AHEAD = 0
    YEAR = 1  # the 12 months up to that day
    BEFORE = 2  # the 12 months before those
    OLDER = 3


@dataclass(frozen=True)
class Facts:
    """Cents without Trade. Days are counted from 1970; None where nothing has aired, or nothing ever airs."""

    year_cents: int = 0
    before_cents: int = 0
    ahead_cents: int = 0
    ever_cents: int = 0
    ahead_spots: int = 0
    first_air_day: int | None = None
    last_air_day: int | None = None
    active_months: int = 0
    recent_cents: int = 0
    earlier_cents: int = 0
    coming_cents: int = 0
    markets: str = ""


@dataclass(frozen=True)
class Today:
    """The station's day, and the days that its periods begin after."""

    day: int
    year_began: int
    before_began: int
    month: int

    def period(self, air_day: int) -> Period:
        """When a spot of that day airs."""
        if air_day > self.day:
            return Period.AHEAD
        if air_day > self.year_began:
            return Period.YEAR
        return Period.BEFORE if air_day > self.before_began else Period.OLDER


@dataclass(frozen=True)
class Aired:
    """Spots of one customer and one month label that air within one period."""

    customer_id: int
    month: int
    period: Period
    first_day: int
    last_day: int
    spots: int
    cents: int


def today_of(day: date) -> Today:
    """29 February ends the same periods as 28 February."""
    return Today(day_number(day), day_number(years_before(day, 1)), day_number(years_before(day, 2)), month_of(day))


def years_before(day: date, years: int) -> date:
    """The same day of an earlier year."""
    leap = day.month == 2 and day.day == 29
    return date(day.year - years, day.month, 28 if leap else day.day)


def day_number(day: date) -> int:
    """Days since 1970-01-01, as the ledger counts them."""
    return (day - EPOCH).days


def facts_of(aired: Iterable[Aired], today: Today, markets: str = "") -> Facts:
    """All that is known of one account, from its airings in any order."""
    every = list(aired)
    cents = {period: sum(each.cents for each in every if each.period is period) for period in Period}
    by_label: dict[int, int] = {}
    for each in every:
        by_label[each.month] = by_label.get(each.month, 0) + each.cents
    past = [each for each in every if each.period is not Period.AHEAD]
    ahead = [each for each in every if each.period is Period.AHEAD]

    def labelled(first: int, count: int) -> int:
        return sum(by_label.get(add_months(today.month, first + number), 0) for number in range(count))

    active = {each.month for each in past if add_months(today.month, 1 - ACTIVE_WITHIN) <= each.month <= today.month}
    return Facts(
        year_cents=cents[Period.YEAR],
        before_cents=cents[Period.BEFORE],
        ahead_cents=cents[Period.AHEAD],
        ever_cents=sum(cents.values()),
        ahead_spots=sum(each.spots for each in ahead),
        first_air_day=min((each.first_day for each in every), default=None),
        last_air_day=max((each.last_day for each in past), default=None),
        active_months=len(active),
        recent_cents=labelled(-3, 3),
        earlier_cents=labelled(-6, 3),
        coming_cents=labelled(0, 3),
        markets=markets,
    )
