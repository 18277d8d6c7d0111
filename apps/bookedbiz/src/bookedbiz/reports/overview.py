"""Where do we stand this morning? The figures of the start page. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from bookedbiz.months import add_months, label, quarter_of
from bookedbiz.reports.booked import ByMonth
from bookedbiz.reports.calendar import Calendar, months_of, quarters_of, range_words
from bookedbiz.reports.filters import Filters
from bookedbiz.reports.plans import Plans, budget_of
from bookedbiz.reports.table import change_ratio, total


@dataclass(frozen=True)
class Standing:
    """One period: booked now, and what the same period of last year ended with."""

    name: str
    words: str
    booked: int
    before: int
    complete: bool
    opens: Filters
    budget: int | None = None
    then: int | None = None  # what was booked for last year's period a year ago today; None when that is not known

    @property
    def of_budget(self) -> float | None:
        """Booked as a share of the budget."""
        return self.booked / self.budget if self.budget else None

    @property
    def pace(self) -> float | None:
        """Ahead of, or behind, the same day last year."""
        return None if self.then is None else change_ratio(self.booked, self.then)

    @property
    def reached(self) -> float | None:
        """Booked as a share of last year's final figure."""
        return self.booked / self.before if self.before > 0 else None

    @property
    def change(self) -> float | None:
        return change_ratio(self.booked, self.before)

    @property
    def missing(self) -> int:
        """Cents still to be booked to reach last year; negative when it is passed."""
        return self.before - self.booked


def months_needed(calendar: Calendar) -> tuple[int, int]:
    """First and last month that the start page reads."""
    year = calendar.month // 100
    return (year - 2) * 100 + 1, (year + 1) * 100 + 12


@dataclass(frozen=True)
class Beside:
    """What stands beside the booked figures: plans, and what was booked a year ago today by month of that year."""

    plans: Plans
    year_ago: ByMonth | None


NOTHING = Beside({}, None)


def standings(booked: ByMonth, calendar: Calendar, beside: Beside = NOTHING) -> list[Standing]:
    """This month, this quarter and this year first; then what lies around them."""
    now = calendar.month
    year = now // 100
    quarter = quarters_of(year)[quarter_of(now) - 1]
    next_quarter = [add_months(month, 3) for month in quarter]
    ended = calendar.compared(year, Filters(year).span)
    periods = [
        (label(now), "this month", [now]),
        (f"Q{quarter_of(now)} {year}", f"this quarter, {range_words(quarter)}", quarter),
        (str(year), "this year", months_of(year)),
        *([(f"{range_words(ended)} {year}", "complete months", ended)] if ended else []),
        (label(add_months(now, -1)), "last month", [add_months(now, -1)]),
        (label(add_months(now, 1)), "next month", [add_months(now, 1)]),
        (label(add_months(now, 2)), "the month after", [add_months(now, 2)]),
        (f"Q{quarter_of(next_quarter[0])} {next_quarter[0] // 100}", "next quarter", next_quarter),
    ]
    return [_standing((name, words), months, booked, calendar, beside) for name, words, months in periods]


def _standing(
    names: tuple[str, str], months: Sequence[int], booked: ByMonth, calendar: Calendar, beside: Beside
) -> Standing:
    year_before = [add_months(month, -12) for month in months]
    is_future = all(month >= calendar.month for month in months)  # of a month that is over, pace says nothing
    one_month = f"m{months[0] % 100:02d}" if len(months) == 1 else "total"
    return Standing(
        name=names[0],
        words=names[1],
        booked=total(booked, months),
        before=total(booked, year_before),
        complete=all(calendar.is_complete(month) for month in months),
        opens=Filters(year=months[0] // 100, sort=one_month),
        budget=budget_of(beside.plans.values(), months),
        then=total(beside.year_ago, year_before) if beside.year_ago is not None and is_future else None,
    )
