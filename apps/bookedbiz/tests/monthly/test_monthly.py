"""Months and customers counted by label or by air date: the sums of the spots, counted anew in plain Python."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest

from bookedbiz.monthly import make
from bookedbiz.monthly.asked import Basis, MonthFilters, counted, month_filters
from bookedbiz.months import broadcast_month, label, month_of
from bookedbiz.reports import booked
from bookedbiz.reports.calendar import Calendar
from bookedbiz.reports.filters import Filters, Measure, Span
from bookedbiz.reports.table import Role
from station_kit import statements
from station_kit.sqlitefile import open_database

TODAY = date(2026, 11, 20)


@pytest.fixture(scope="module")
def sample(sample_database: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_database(sample_database, read_only=True)) as db:
        yield db


def calendar_of(db: sqlite3.Connection) -> Calendar:
    return Calendar(TODAY, booked.closed_months(db))


def of_spots(db: sqlite3.Connection, basis: Basis) -> dict[int, list[sqlite3.Row]]:
    """The spots that are revenue, by the month that counts."""
    found = defaultdict(list)
    sql = """SELECT spot.*, COALESCE(customer_id, -bill_code.id) AS customer_id FROM spot
             JOIN bill_code ON bill_code.id = bill_code_id
             WHERE revenue_type_id NOT IN (SELECT id FROM revenue_type WHERE is_trade = 1)"""
    for row in db.execute(sql):
        day = None if row["air_day"] is None else date(1970, 1, 1) + timedelta(days=row["air_day"])
        month = row["month"]
        if day is not None and basis is not Basis.LABEL:
            month = month_of(day) if basis is Basis.CALENDAR else broadcast_month(day)
        found[month].append(row)
    return found


def test_every_statement_fits_the_schema(ledger) -> None:
    assert statements.compile_errors(ledger, statements.load("bookedbiz.monthly")) == []


@pytest.mark.parametrize("basis", Basis)
@pytest.mark.parametrize("measure", Measure)
def test_each_month_says_what_its_spots_say(sample: sqlite3.Connection, basis: Basis, measure: Measure) -> None:
    spots = of_spots(sample, basis)
    summary = make.months(sample, MonthFilters(2026, measure=measure, basis=basis), calendar_of(sample))
    shown = {row.cells[0]: row.cells for row in summary.report.table.body}
    rates = {row.cells[0]: row.cells for row in summary.rates.rows}
    for month in range(202601, 202613):
        rows = spots[month]
        column = "gross_cents" if measure is Measure.GROSS else "net_cents"
        assert shown[label(month)][2] == sum(row[column] or 0 for row in rows)
        assert shown[label(month)][3] == sum(row[column] or 0 for row in spots[month - 100])
        paid = [row["gross_cents"] for row in rows if (row["gross_cents"] or 0) > 0]
        cells = rates[label(month)]
        assert (cells[4], cells[5]) == (len(rows), len(paid))
        assert (cells[7], cells[8]) == (min(paid), max(paid))
        assert cells[6] == pytest.approx(sum(paid) / len(paid))
    whole = [row for month in range(202601, 202613) for row in spots[month]]
    totals = summary.rates.totals[0].cells
    assert totals[4] == len(whole)
    assert sum(int(row.cells[1] or 0) for row in summary.largest.body) == sum(row["gross_cents"] or 0 for row in whole)


def test_a_quarter_is_its_months_and_counts_each_customer_once(sample: sqlite3.Connection) -> None:
    summary = make.months(sample, MonthFilters(2026), calendar_of(sample))
    quarter = next(row for row in summary.rates.rows if row.cells[0] == "Q1 2026")
    months = [row for row in summary.rates.body if row.role is Role.LINE][:3]
    assert [row.cells[0] for row in months] == ["Jan-26", "Feb-26", "Mar-26"]
    assert quarter.cells[4] == sum(int(row.cells[4] or 0) for row in months)
    spots = of_spots(sample, Basis.LABEL)
    buyers: dict[int, int] = defaultdict(int)
    for month in (202601, 202602, 202603):
        for row in spots[month]:
            buyers[row["customer_id"]] += abs(row["gross_cents"] or 0)
    assert quarter.cells[2] == sum(cents > 0 for cents in buyers.values())
    assert quarter.cells[2] < sum(int(row.cells[2] or 0) for row in months)


def test_a_range_over_two_years_is_in_the_order_of_time(sample: sqlite3.Connection) -> None:
    asked = month_filters({"first": "202602", "last": "202511"}, Filters(2026))
    summary = make.months(sample, asked, calendar_of(sample))
    assert summary.has_range
    assert [row.cells[0] for row in summary.report.table.rows] == [
        "Nov-25", "Dec-25", "Q4 2025", "Jan-26", "Feb-26", "Q1 2026", "Nov-25 to Feb-26",
    ]  # fmt: skip
    amounts = booked.by_month(sample, Filters(2026), 202411, 202602)
    assert summary.report.table.totals[0].cells[2] == sum(
        amounts.get(month, 0) for month in (202511, 202512, 202601, 202602)
    )
    assert summary.report.table.totals[0].cells[3] == sum(
        amounts.get(month, 0) for month in (202411, 202412, 202501, 202502)
    )


def test_the_largest_customers_come_first_and_all_add_up(sample: sqlite3.Connection) -> None:
    summary = make.months(sample, MonthFilters(2026, market="SFO"), calendar_of(sample))
    gross = [int(row.cells[1] or 0) for row in summary.largest.body if row.role is Role.LINE]
    assert gross == sorted(gross, reverse=True)
    whole = sum(booked.by_month(sample, Filters(2026, market="SFO"), 202601, 202612).values())
    assert summary.largest.totals[0].cells[1] == whole == sum(int(row.cells[1] or 0) for row in summary.largest.body)
    assert summary.rates.totals[0].cells[10] == gross[0]


def test_a_customer_with_bonus_spots_alone_is_counted_by_no_table_of_the_page(sample: sqlite3.Connection) -> None:
    for market in booked.choices(sample, Filters(2026)).markets:
        summary = make.months(sample, MonthFilters(2026, market=market), calendar_of(sample))
        customers = summary.rates.totals[0].cells[2]
        assert summary.largest.totals[0].cells[0] == f"{customers:,} customers", market


def test_what_an_address_asks_for() -> None:
    calendar = Calendar(TODAY, frozenset({202509, 202511}))
    asked = month_filters({"first": "202508", "last": "202512", "basis": "broadcast"}, Filters(2026, span=Span.CLOSED))
    assert counted(asked, calendar) == [202509, 202511]
    assert asked.to_args() | {"year": ""} == {
        "year": "", "months": "closed", "basis": "broadcast", "first": "202508", "last": "202512",
    }  # fmt: skip
    assert month_filters({"first": "yesterday", "basis": "moon"}, Filters(2026)) == MonthFilters(2026)
    assert counted(MonthFilters(2026), calendar) == list(range(202601, 202613))


def test_numbers_by_air_date_do_not_lead_to_airings_by_label(sample: sqlite3.Connection) -> None:
    for basis in Basis:
        tables = make.months(sample, MonthFilters(2026, basis=basis), calendar_of(sample)).tables
        leads = any(column.back is not None for table in tables for column in table.columns)
        assert leads == (basis is Basis.LABEL)
        assert any(row.opens for row in tables[0].rows) == (basis is Basis.LABEL)
