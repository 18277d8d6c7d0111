"""Are we ahead of the same day last year? What is booked now beside what the snapshots say was booked a year ago today.

The snapshots are by entity, revenue type, market and sector, and begin with the ledger's first import: a day before it
is not known, and is shown as not known.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bookedbiz.months import add_months, first_day, label, months_between, quarter_of
from bookedbiz.reports import booked, plans
from bookedbiz.reports.booked import ByMonth
from bookedbiz.reports.calendar import Calendar, quarters_of
from bookedbiz.reports.filters import BLANK, Filters, Measure
from bookedbiz.reports.table import Cell, Column, Figure, Kind, Role, Row, Table, change_ratio, share, total
from station_kit import statements

_SQL = statements.load("bookedbiz.reports")

MONTHS_AHEAD = 8  # after the current one
PICK_UP_DAYS = (7, 28)
_CURVE_DAYS = 300  # before the end of the month


@dataclass(frozen=True)
class Known:
    """What was booked at the end of some days; None: nothing was recorded yet on that day."""

    now: ByMonth
    year_ago: ByMonth | None
    pick_up: tuple[ByMonth | None, ...]
    final: ByMonth  # last year's months as they stand now


@dataclass(frozen=True)
class Curve:
    """Dollars booked for one month, by days before its end, beside the same month of last year."""

    name: str
    days: tuple[int, ...]
    now: tuple[int | None, ...]
    before: tuple[int | None, ...]

    def to_json(self) -> dict[str, object]:
        return {"name": self.name, "days": self.days, "now": self.now, "before": self.before}


@dataclass(frozen=True)
class PacingReport:
    """Everything the page and its exports need. `since`: the first day that was recorded."""

    table: Table
    figures: tuple[Figure, ...]
    curve: Curve
    since: date | None
    same_day: date

    @property
    def tables(self) -> tuple[Table, ...]:
        return (self.table,)

    @property
    def knows_last_year(self) -> bool:
        return self.since is not None and self.since <= self.same_day


def pacing_report(db: sqlite3.Connection, filters: Filters, calendar: Calendar) -> PacingReport:
    """The report for the current month and those after it."""
    filters = _by_entity(db, filters)
    months = months_between(calendar.month, add_months(calendar.month, MONTHS_AHEAD))
    since, same_day = first_recorded(db), a_year_before(calendar.today)
    known = _known(db, filters, calendar, months, since)
    found = plans.planned(db, filters, months[0], months[-1])
    periods = [*((label(month), [month]) for month in months), *_whole_quarters(months)]
    return PacingReport(
        table=_table(filters, periods, known, found),
        figures=_figures(periods[:1] + periods[len(months) : len(months) + 1], known, found),
        curve=_curve(db, filters, calendar),
        since=since,
        same_day=same_day,
    )


def first_recorded(db: sqlite3.Connection) -> date | None:
    """The first day whose bookings were recorded."""
    taken = db.execute("SELECT min(taken_on) FROM snapshot").fetchone()[0]
    return date.fromisoformat(taken) if taken else None


def booked_at(db: sqlite3.Connection, filters: Filters, day: date, first_month: int, last_month: int) -> ByMonth | None:
    """What was booked at the end of that day; None when nothing was recorded then."""
    since = first_recorded(db)
    if since is None or day < since:
        return None
    column = "gross_cents" if filters.measure is Measure.GROSS else "net_cents"
    parameters = _parameters(filters) | {
        "first_month": first_month,
        "last_month": last_month,
        "day": day.isoformat(),
    }
    return {row["month"]: row[column] for row in db.execute(_SQL["snapshot_at"], parameters)}


def a_year_before(day: date) -> date:
    """The same day of last year; of 29 February the 28th."""
    return day.replace(year=day.year - 1, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year - 1)


def year_ago(db: sqlite3.Connection, filters: Filters, calendar: Calendar) -> ByMonth | None:
    """What was booked a year ago today for the months of that year and the next; None when it is not known.

    Not for one AE's book: the snapshots are by entity, and an entity's business may be a part of it.
    """
    if filters.only_ae_id is not None:
        return None
    first = add_months(calendar.month, -12)
    return booked_at(db, filters, a_year_before(calendar.today), first, add_months(first, 23))


def _by_entity(db: sqlite3.Connection, filters: Filters) -> Filters:
    """The question asked of entities, as the snapshots have them: an AE is the entity that belongs to them."""
    if filters.only_ae_id is None and filters.ae is None:
        return filters
    row = db.execute(
        "SELECT name FROM entity WHERE ae_id = COALESCE(?, (SELECT id FROM ae WHERE name = ?))",
        (filters.only_ae_id, filters.ae),
    ).fetchone()
    return filters.having(entity="(none)" if row is None else row[0], ae=None)


def _parameters(filters: Filters) -> dict[str, object]:
    return {
        "entity": filters.entity,
        "revenue_type": "" if filters.revenue_type == BLANK else filters.revenue_type,
        "market": filters.market,
        "sector": filters.sector,
    }


def _known(
    db: sqlite3.Connection, filters: Filters, calendar: Calendar, months: Sequence[int], since: date | None
) -> Known:
    asked = filters.having(customer=None, language=None)
    year_ago = [add_months(month, -12) for month in months]
    amounts = booked.by_month(db, asked, year_ago[0], months[-1])
    before = booked_at(db, filters, a_year_before(calendar.today), year_ago[0], year_ago[-1])
    return Known(
        now={month: amounts.get(month, 0) for month in months},
        year_ago=None if before is None else {add_months(month, 12): cents for month, cents in before.items()},
        pick_up=tuple(
            booked_at(db, filters, calendar.today - timedelta(days=days), months[0], months[-1])
            for days in PICK_UP_DAYS
        ),
        final={month: amounts.get(add_months(month, -12), 0) for month in months},
    )


def _whole_quarters(months: Sequence[int]) -> list[tuple[str, list[int]]]:
    """The quarters that lie wholly in these months."""
    found = []
    for month in months:
        quarter = quarters_of(month // 100)[quarter_of(month) - 1]
        if month == quarter[0] and set(quarter) <= set(months):
            found.append((f"Q{quarter_of(month)} {month // 100}", quarter))
    return found


def _table(filters: Filters, periods: Sequence[tuple[str, list[int]]], known: Known, found: plans.Plans) -> Table:
    columns = (
        Column("Period", Kind.NAME),
        Column("Booked now", Kind.MONEY),
        Column(
            "Same day last year", Kind.MONEY, hint="What was booked a year ago today for the same period of that year"
        ),
        Column("Pace", Kind.CHANGE, hint="Booked now less the same day last year"),
        Column("%", Kind.PERCENT),
        Column("Last year, final", Kind.MONEY),
        Column("Reached then", Kind.SHARE, hint="What a year ago today was booked of last year's final"),
        Column("Reached now", Kind.SHARE, hint="Booked now as a share of last year's final"),
        Column("Heading for", Kind.MONEY, hint="Booked now divided by the share that was reached then"),
        *([Column("Budget", Kind.MONEY), Column("Booked of it", Kind.SHARE)] if found else []),
        *(Column(f"In {days} days", Kind.CHANGE, hint="Booked since then") for days in PICK_UP_DAYS),
    )
    rows = []
    for name, months in periods:
        role = Role.LINE if len(months) == 1 else Role.SUBTOTAL
        opens = filters.having(year=months[0] // 100, sort=f"m{months[0] % 100:02d}") if len(months) == 1 else None
        rows.append(Row((name, *_cells(months, known, found)), role=role, opens=opens))
    return Table("pacing", columns, tuple(rows), opens_at=1)


def _cells(months: Sequence[int], known: Known, found: plans.Plans) -> tuple[Cell, ...]:
    now, final = total(known.now, months), total(known.final, months)
    then = None if known.year_ago is None else total(known.year_ago, months)
    reached_then = None if then is None else share(then, final)
    heading = round(now / reached_then) if reached_then else None
    budget = plans.budget_of(found.values(), months)
    return (
        now,
        then,
        None if then is None else now - then,
        None if then is None else change_ratio(now, then),
        final,
        reached_then,
        share(now, final),
        heading,
        *((budget, None if budget is None else share(now, budget)) if found else ()),
        *(None if before is None else now - total(before, months) for before in known.pick_up),
    )


def _figures(periods: Sequence[tuple[str, list[int]]], known: Known, found: plans.Plans) -> tuple[Figure, ...]:
    figures = []
    for name, months in periods:
        now, final = total(known.now, months), total(known.final, months)
        if known.year_ago is not None:
            then = total(known.year_ago, months)
            figures.append(Figure(f"{name}, booked", now, "against the same day last year", change_ratio(now, then)))
        else:
            reached = share(now, final)
            note = "nothing last year" if reached is None else f"{reached:.0%} of last year's final"
            figures.append(Figure(f"{name}, booked", now, note))
        budget = plans.budget_of(found.values(), months)
        if budget:
            figures.append(Figure(f"{name}, budget", budget, f"{now / budget:.0%} of it booked"))
    for days, before in zip(PICK_UP_DAYS, known.pick_up, strict=True):
        if before is not None:
            gained = sum(known.now.values()) - sum(before.values())
            figures.append(Figure(f"Booked in {days} days", gained, "for this month and those ahead"))
    return tuple(figures)


def _curve(db: sqlite3.Connection, filters: Filters, calendar: Calendar) -> Curve:
    month, before = calendar.month, add_months(calendar.month, -12)
    column = "gross_cents" if filters.measure is Measure.GROSS else "net_cents"
    steps: dict[int, list[tuple[int, int]]] = {month: [], before: []}
    parameters = _parameters(filters) | {"month": month, "month_before": before}
    for row in db.execute(_SQL["snapshot_curve"], parameters):
        end = first_day(add_months(row["month"], 1))
        steps[row["month"]].append(((date.fromisoformat(row["taken_on"]) - end).days, row[column]))
    today = (calendar.today - first_day(add_months(month, 1))).days
    days = sorted({day for line in steps.values() for day, _ in line if -_CURVE_DAYS <= day <= 0} | {today})
    return Curve(
        name=label(month),
        days=tuple(days),
        now=tuple(_level(steps[month], day) if day <= today else None for day in days),
        before=tuple(_level(steps[before], day) for day in days),
    )


def _level(steps: Sequence[tuple[int, int]], day: int) -> int | None:
    """Dollars booked at the end of that day; None before the first that was recorded."""
    if not steps or day < steps[0][0]:
        return None
    return round(sum(cents for each, cents in steps if each <= day) / 100)
