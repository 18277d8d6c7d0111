"""One book: twelve months against plan and last year, accounts, sectors, new contracts, and what waits for copy."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from bookedbiz.accounts import activity
from bookedbiz.months import label
from bookedbiz.reports import accounts, booked, by_month, by_name, plans
from bookedbiz.reports.booked import ByMonth, Name, together
from bookedbiz.reports.calendar import Calendar, State, in_year, range_words
from bookedbiz.reports.filters import Filters
from bookedbiz.reports.remembered import remembered
from bookedbiz.reports.table import Cell, Column, Figure, Kind, Role, Row, Table, change_ratio, share, total
from bookedbiz.reports.year import Year
from station_kit import statements

_SQL = statements.load("bookedbiz.reports")

ADDED_WITHIN = timedelta(days=30)
URGENT_DAYS = 30
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Book:
    """Everything the page and its exports need."""

    figures: tuple[Figure, ...]
    chart: by_month.Chart
    months: Table
    follow_ups: Table
    copy: Table
    added: Table
    sectors: Table
    accounts: accounts.AccountsReport
    compared: str
    planned: bool

    @property
    def tables(self) -> tuple[Table, ...]:
        return self.months, self.follow_ups, self.copy, self.added, self.sectors, self.accounts.table


def book_of(db: sqlite3.Connection, filters: Filters, calendar: Calendar) -> Book:
    """The book of `filters.only_ae_id`, else of the AE that is asked for, else the company's."""
    year = Year(filters, calendar)
    first, last = by_name.months_needed(filters)
    by_ae = booked.by_name(db, filters, Name.AE, first, last)
    amounts = together(each for customers in by_ae.values() for each in customers.values())
    found = plans.planned(db, filters, first, last)
    earlier = booked.customers_before(db, filters.year * 100 + 1)
    standings = accounts.accounts_report(filters, by_ae, earlier, calendar)
    by_sector = booked.by_sector(db, by_name.all_customers(by_ae))
    sectors = by_name.name_report(filters, Name.SECTOR, by_sector, calendar)
    return Book(
        figures=_figures(year, amounts, found, standings),
        chart=by_month.month_report(filters, amounts, calendar).chart,
        months=_months(year, amounts, found),
        follow_ups=follow_ups(db, filters, calendar),
        copy=need_copy(db, filters, calendar),
        added=contracts_added(db, filters, calendar, ADDED_WITHIN),
        sectors=sectors.months,
        accounts=standings,
        compared=range_words(year.compared),
        planned=bool(found),
    )


@dataclass(frozen=True)
class Added:
    """The contracts that came with the imports of the last days."""

    table: Table
    figures: tuple[Figure, ...]

    @property
    def tables(self) -> tuple[Table, ...]:
        return (self.table,)


def added_report(db: sqlite3.Connection, filters: Filters, calendar: Calendar) -> Added:
    """Which contracts are new?"""
    table = contracts_added(db, filters, calendar, ADDED_WITHIN)
    cents = sum(int(row.cells[-1] or 0) for row in table.body)
    week = (calendar.today - timedelta(days=7)).isoformat()
    recent = [row for row in table.body if str(row.cells[2]) >= week]
    figures = (
        Figure("Added in 30 days", cents, f"{len(table.body):,} contracts"),
        Figure("in 7 days", sum(int(row.cells[-1] or 0) for row in recent), f"{len(recent):,} contracts"),
    )
    return Added(table, figures)


def need_copy(db: sqlite3.Connection, filters: Filters, calendar: Calendar) -> Table:
    """Customers whose spots of today or later have no commercial yet, the first to air at the top."""
    parameters: dict[str, int | str | None] = {
        "month": calendar.month,
        "today": (calendar.today - _EPOCH).days,
        "only_ae_id": filters.only_ae_id if filters.only_ae_id is not None else _ae_id(db, filters.ae),
    }
    columns = (
        Column("Customer", Kind.NAME),
        Column("First airs", Kind.WORD),
        Column("Left", Kind.WORD),
        Column("Spots", Kind.COUNT),
        Column("Gross", Kind.MONEY),
    )
    rows = [
        Row(
            (
                row["customer"],
                row["first_air_date"],
                "today" if row["days_left"] == 0 else f"{row['days_left']} d",
                row["spots"],
                row["gross_cents"],
            ),
            state="urgent" if row["days_left"] <= URGENT_DAYS else "",
            opens=filters.having(customer_id=row["customer_id"], customer=None, sort="total"),
        )
        for row in _remembered(db, "need_copy", parameters)
    ]
    return Table("waiting for copy", columns, tuple(rows))


def follow_ups(db: sqlite3.Connection, filters: Filters, calendar: Calendar) -> Table:
    """What is to be done on the accounts of the book, the first due at the top; overdue ones are urgent."""
    ae_id = filters.only_ae_id if filters.only_ae_id is not None else _ae_id(db, filters.ae)
    customers = dict(db.execute("SELECT id, customer_id FROM account WHERE customer_id IS NOT NULL").fetchall())
    columns = (Column("Account", Kind.NAME), Column("Due", Kind.WORD), Column("What", Kind.WORD))
    rows = [
        Row(
            (each.account, each.due_on, each.text),
            state="urgent" if (each.due_on or "") < calendar.today.isoformat() else "",
            opens=filters.having(customer_id=customers[each.account_id], customer=None, sort="total")
            if each.account_id in customers
            else None,
        )
        for each in activity.follow_ups(db, ae_id)
    ]
    return Table("follow-ups", columns, tuple(rows))


def contracts_added(db: sqlite3.Connection, filters: Filters, calendar: Calendar, within: timedelta) -> Table:
    """Contracts that came with an import of the last days, the latest first."""
    since = datetime.combine(calendar.today, datetime.min.time(), UTC) - within
    parameters: dict[str, int | str | None] = {
        "since": since.isoformat()[:19],
        "only_ae_id": filters.only_ae_id,
        "ae": filters.ae,
    }
    columns = (
        Column("Customer", Kind.NAME),
        Column("Contract", Kind.WORD),
        Column("Added", Kind.WORD),
        Column("AE", Kind.WORD),
        Column("Months", Kind.WORD),
        Column("Spots", Kind.COUNT),
        Column("Gross", Kind.MONEY),
    )
    rows = [
        Row(
            (
                row["customer"],
                row["contract"],
                row["added_at"][:10],
                row["ae"],
                _span(row["first_month"], row["last_month"]),
                row["spots"],
                row["gross_cents"],
            ),
            opens=filters.having(customer_id=row["customer_id"], customer=None, sort="total"),
        )
        for row in _remembered(db, "contracts_added", parameters)
    ]
    name = f"{len(rows)} contract{'' if len(rows) == 1 else 's'}"
    sums = (sum(int(row.cells[position] or 0) for row in rows) for position in (5, 6))
    if rows:
        rows.append(Row((name, "", "", "", "", *sums), role=Role.TOTAL))
    return Table(f"contracts added in {within.days} days", columns, tuple(rows))


def _remembered(db: sqlite3.Connection, name: str, parameters: dict[str, int | str | None]) -> list[sqlite3.Row]:
    question = (name, tuple(parameters.items()))
    return remembered(db, question, lambda: db.execute(_SQL[name], parameters).fetchall())


def _span(first: int, last: int) -> str:
    return label(first) if first == last else f"{label(first)} to {label(last)}"


def _ae_id(db: sqlite3.Connection, name: str | None) -> int | None:
    if name is None:
        return None
    row = db.execute("SELECT id FROM ae WHERE name = ?", (name,)).fetchone()
    return -1 if row is None else int(row[0])


def _months(year: Year, amounts: ByMonth, found: plans.Plans) -> Table:
    last_year = year.filters.year - 1
    columns = [
        Column("Month", Kind.NAME),
        Column("Status", Kind.WORD, hint="closed: frozen by accounting; open: ended, not closed; running; ahead"),
        Column("Booked", Kind.MONEY, hint="Opens the customers behind it"),
        Column(str(last_year), Kind.MONEY),
        Column("Change", Kind.CHANGE),
        Column("%", Kind.PERCENT),
    ]
    if found:
        columns += [
            Column("Budget", Kind.MONEY),
            Column("Booked of it", Kind.SHARE),
            Column("Forecast", Kind.MONEY, hint="As entered, else the budget, and never less than booked"),
            Column("Booked of it", Kind.SHARE),
        ]
    rows = []
    for month in year.counted:
        state = year.calendar.state(month)
        rows.append(
            Row(
                (label(month), state, *_cells(year, [month], amounts, found)),
                state=state,
                opens=year.filters.having(sort=f"m{month % 100:02d}"),
                fair=year.calendar.is_complete(month),
            )
        )
    whole = _cells(year, year.counted, amounts, found)
    rows.append(Row(("All months", "", *whole), role=Role.TOTAL, fair=year.compared == year.counted))
    return Table("months", tuple(columns), tuple(rows), opens_at=2)


def _cells(year: Year, months: Sequence[int], amounts: ByMonth, found: plans.Plans) -> tuple[Cell, ...]:
    now, before = total(amounts, months), total(amounts, in_year(months, year.filters.year - 1))
    cells: tuple[Cell, ...] = (now, before, now - before, change_ratio(now, before))
    if not found:
        return cells
    budget = plans.budget_of(found.values(), months)
    forecast = _forecast(found, amounts, months)
    of_budget = None if budget is None else share(now, budget)
    return (*cells, budget, of_budget, forecast, None if forecast is None else share(now, forecast))


def _forecast(found: plans.Plans, amounts: ByMonth, months: Sequence[int]) -> int | None:
    """The entities' plans together, and never less than what is booked for the month."""
    shown = [(month, plan[month].shown) for plan in found.values() for month in months if month in plan]
    known = [(month, cents) for month, cents in shown if cents is not None]
    if not known:
        return None
    return sum(max(sum(cents for each, cents in known if each == month), amounts.get(month, 0)) for month in months)


def _figures(
    year: Year, amounts: ByMonth, found: plans.Plans, standings: accounts.AccountsReport
) -> tuple[Figure, ...]:
    figures = []
    if year.calendar.month in year.counted:
        figures.append(_figure(f"{label(year.calendar.month)}, running", [year.calendar.month], amounts, found))
    ahead = [month for month in year.counted if year.calendar.state(month) is State.AHEAD]
    if ahead:
        figures.append(_figure(f"{range_words(ahead)}, ahead", ahead, amounts, found))
    figures.append(_figure(f"{year.filters.year}, booked so far", year.counted, amounts, found))
    return (*figures, *standings.figures[:1], *standings.figures[2:])


def _figure(name: str, months: Sequence[int], amounts: ByMonth, found: plans.Plans) -> Figure:
    now = total(amounts, months)
    budget = plans.budget_of(found.values(), months)
    if budget:
        return Figure(name, now, f"{now / budget:.0%} of the budget ${budget / 100:,.0f}")
    before = total(amounts, [month - 100 for month in months])
    return Figure(name, now, f"{now / before:.0%} of last year's final" if before > 0 else "nothing the year before")
