"""The monthly summary, asked of the query layer and shaped."""

import sqlite3
from dataclasses import replace

from bookedbiz.monthly.amounts import booked_by_basis, bought
from bookedbiz.monthly.asked import Basis, MonthFilters, counted
from bookedbiz.monthly.report import MonthSummary, month_summary, range_report
from bookedbiz.months import add_months, months_between
from bookedbiz.reports import booked, by_month
from bookedbiz.reports.by_month import MonthReport
from bookedbiz.reports.calendar import Calendar
from bookedbiz.reports.filters import Filters
from bookedbiz.reports.table import Table


def months(db: sqlite3.Connection, filters: Filters, calendar: Calendar) -> MonthSummary:
    """How does each month compare with last year, with how many spots, at what rate, and who paid?"""
    asked = filters
    assert isinstance(asked, MonthFilters)  # the page narrows the address's filters to these
    lines = bought(db, asked, counted(asked, calendar))
    years = booked.years(db) or (asked.year,)
    offered = list(reversed(months_between(min(years) * 100 + 1, max(years) * 100 + 12)))
    return month_summary(asked, _compared(db, asked, calendar), lines, calendar, offered)


def _compared(db: sqlite3.Connection, asked: MonthFilters, calendar: Calendar) -> MonthReport:
    if asked.first is not None and asked.last is not None:
        amounts = _amounts(db, asked, add_months(asked.first, -12), asked.last)
        return range_report(asked, amounts, calendar)
    report = by_month.month_report(asked, _amounts(db, asked, *by_month.months_needed(asked)), calendar)
    return report if asked.basis is Basis.LABEL else replace(report, table=_without_airings(report.table))


def _without_airings(table: Table) -> Table:
    """Customers and airings are found by label: what is counted otherwise does not lead to them."""
    columns = tuple(replace(column, back=None) for column in table.columns)
    return replace(table, columns=columns, rows=tuple(replace(row, opens=None) for row in table.rows))


def _amounts(db: sqlite3.Connection, asked: MonthFilters, first: int, last: int) -> booked.ByMonth:
    by_label = asked.basis is Basis.LABEL
    return booked.by_month(db, asked, first, last) if by_label else booked_by_basis(db, asked, first, last)
