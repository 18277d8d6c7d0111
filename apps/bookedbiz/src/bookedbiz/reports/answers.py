"""What programs are told: the reports' figures by name instead of by place in a table. Reads only."""

import sqlite3

from bookedbiz.months import label
from bookedbiz.reports import booked, by_month, by_name, imports, make
from bookedbiz.reports.as_json import Json, dollars, month_of_json, stamp
from bookedbiz.reports.booked import ByMonth, Name
from bookedbiz.reports.calendar import Calendar, in_year, quarters_of
from bookedbiz.reports.filters import Filters
from bookedbiz.reports.imports import Batch
from bookedbiz.reports.pacing import pacing_report
from bookedbiz.reports.table import change_ratio, total
from bookedbiz.reports.year import Year


def summary(db: sqlite3.Connection, filters: Filters, calendar: Calendar) -> Json:
    """The year as a whole, its complete months against last year's, and its quarters."""
    year = Year(filters, calendar)
    amounts = booked.by_month(db, filters, *by_month.months_needed(filters))
    customers = booked.by_customer(db, filters, year.filters.year * 100 + 1, year.filters.year * 100 + 12)
    buying = sum(any(months.get(month) for month in year.counted) for months in customers.values())
    counted = set(year.counted)
    return {
        "year": filters.year,
        "measure": str(filters.measure),
        "booked": dollars(total(amounts, year.counted)),
        "last_year": dollars(total(amounts, in_year(year.counted, filters.year - 1))),
        "customers": buying,
        "complete_months": _compared(amounts, year.compared),
        "quarters": [
            {"quarter": f"Q{number}", **_compared(amounts, [month for month in quarter if month in counted])}
            for number, quarter in enumerate(quarters_of(filters.year), start=1)
            if counted.intersection(quarter)
        ],
    }


def monthly(db: sqlite3.Connection, filters: Filters, calendar: Calendar) -> Json:
    """Each month of the year, with the month of the year before, and what was aired for it."""
    year = Year(filters, calendar)
    first, last = by_month.months_needed(filters)
    amounts = booked.by_month(db, filters, first, last)
    rates = booked.rates_by_month(db, filters, filters.year * 100 + 1, last)
    lines: list[Json] = []
    for month in year.counted:
        now, before = amounts.get(month, 0), amounts.get(month - 100, 0)
        rate = rates.get(month)
        lines.append(
            {
                "month": month_of_json(month),
                "status": str(calendar.state(month)),
                "booked": dollars(now),
                "last_year": dollars(before),
                "change_ratio": _ratio(now, before),
                "customers": rate.customers if rate else 0,
                "spots": rate.spots if rate else 0,
                "paid_spots": rate.paid_spots if rate else 0,
                "average_rate": dollars(rate.average_cents) if rate else None,
            }
        )
    return {
        "year": filters.year,
        "measure": str(filters.measure),
        "booked": dollars(total(amounts, year.counted)),
        "months": lines,
    }


def account_executives(db: sqlite3.Connection, filters: Filters, calendar: Calendar) -> Json:
    """Each account executive's year; sales persons who are none are together as Unknown."""
    report = make.names(db, filters, calendar, Name.AE)
    return {
        "year": filters.year,
        "measure": str(filters.measure),
        "booked": dollars(sum(line.total for line in report.lines)),
        "aes": [_ae(line) for line in report.lines],
    }


def years(db: sqlite3.Connection, calendar: Calendar) -> Json:
    """The years with revenue, newest first, and the months that accounting has closed."""
    return {
        "years": list(booked.years(db)),
        "current_month": month_of_json(calendar.month),
        "closed_months": [month_of_json(month) for month in sorted(calendar.closed)],
    }


def changes(db: sqlite3.Connection, batch: Batch | None, count: int, only_ae_id: int | None) -> Json:
    """What one import changed, the biggest first. Whoever sees one book alone is told no sum of the company."""
    if batch is None:
        return {"batch": None, "changes": []}
    told: dict[str, Json] = {"id": batch.id, "file": batch.file_name, "finished_at": stamp(batch.finished_at)}
    if only_ae_id is None:
        told |= {
            "rows_added": batch.rows_added,
            "rows_removed": batch.rows_removed,
            "rows_unchanged": batch.rows_unchanged,
            "gross_change": dollars(batch.gross_change_cents),
        }
    found = imports.biggest_changes(db, batch, count=count, only_ae_id=only_ae_id)
    return {
        "batch": told,
        "changes": [
            {
                "kind": each.kind,
                "month": month_of_json(each.month),
                "customer": each.customer,
                "ae": each.ae,
                "contract": each.contract,
                "spots": each.spots,
                "gross_change": dollars(each.gross_cents),
            }
            for each in found
        ],
    }


def pacing(db: sqlite3.Connection, filters: Filters, calendar: Calendar) -> Json:
    """Each month and quarter ahead, by the names of the columns of the pacing page."""
    table = pacing_report(db, filters, calendar).table
    names = [column.label for column in table.columns]
    return {
        "as_of_day": calendar.today.isoformat(),
        "current_month": label(calendar.month),
        "columns": list(names),
        "lines": [
            [
                cell if cell is None or isinstance(cell, str) else _by_kind(cell, str(column.kind))
                for cell, column in zip(row.cells, table.columns, strict=True)
            ]
            for row in table.rows
        ],
    }


def _by_kind(cell: float, kind: str) -> Json:
    return dollars(cell) if kind in ("money", "change", "rate") else round(cell, 6)


def _ae(line: by_name.Line) -> Json:
    return {
        "ae": line.name,
        "booked": dollars(line.total),
        "complete_months": dollars(line.now),
        "last_year_same_months": dollars(line.before),
        "change_ratio": _ratio(line.now, line.before),
        "customers": line.customers,
        "customers_last_year": line.customers_before,
    }


def _compared(amounts: ByMonth, months: list[int]) -> dict[str, Json]:
    now = total(amounts, months)
    before = total(amounts, [month - 100 for month in months])
    return {
        "months": [month_of_json(month) for month in months],
        "booked": dollars(now),
        "last_year": dollars(before),
        "change_ratio": _ratio(now, before),
    }


def _ratio(now: int, before: int) -> float | None:
    found = change_ratio(now, before)
    return None if found is None else round(found, 6)
