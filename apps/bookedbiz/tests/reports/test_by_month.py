"""The month report: every sum is of the same months, and what is not over is not called a fall."""

import sqlite3
from collections.abc import Callable
from datetime import date

import pytest

from bookedbiz.reports import booked
from bookedbiz.reports.by_month import MonthReport, month_report, months_needed
from bookedbiz.reports.calendar import Calendar
from bookedbiz.reports.filters import BLANK, Filters, Measure, Span
from bookedbiz.reports.table import Row

Book = Callable[..., None]
CALENDAR = Calendar(date(2026, 11, 20), frozenset({202601, 202602}))


def report(db: sqlite3.Connection, filters: Filters, calendar: Calendar = CALENDAR) -> MonthReport:
    return month_report(filters, booked.by_month(db, filters, *months_needed(filters)), calendar)


def line(found: MonthReport, name: str) -> Row:
    return next(row for row in found.table.rows if row.cells[0] == name)


@pytest.fixture
def two_years(book: Book) -> None:
    for number in range(1, 13):
        book(202500 + number, "Acme", 1000_00 * number)
        book(202600 + number, "Acme", 1100_00 * number)


@pytest.mark.usefixtures("two_years")
class TestTwoYears:
    def test_a_month_stands_beside_the_same_month_of_last_year(self, db: sqlite3.Connection) -> None:
        assert line(report(db, Filters(2026)), "Mar-26").cells[2:6] == (3300_00, 3000_00, 300_00, pytest.approx(0.1))

    def test_a_quarter_is_the_sum_of_its_months(self, db: sqlite3.Connection) -> None:
        assert line(report(db, Filters(2026)), "Q2").cells[2:4] == (1100_00 * 15, 1000_00 * 15)

    def test_the_year_so_far_is_compared_with_the_same_months_only(self, db: sqlite3.Connection) -> None:
        found = report(db, Filters(2026))
        row = line(found, "Jan\u2013Oct")
        assert row.cells[2:4] == (1100_00 * 55, 1000_00 * 55)
        assert row.fair
        assert found.figures[0].value == 1100_00 * 55
        assert found.figures[0].change == pytest.approx(0.1)

    def test_a_comparison_with_an_unfinished_month_is_marked(self, db: sqlite3.Connection) -> None:
        found = report(db, Filters(2026))
        unfair = [row.cells[0] for row in found.table.rows if not row.fair]
        assert unfair == ["Nov-26", "Dec-26", "Q4", "Year"]

    def test_a_quarter_says_how_much_of_it_is_over(self, db: sqlite3.Connection) -> None:
        found = report(db, Filters(2026))
        assert line(found, "Q4").cells[1] == "1 of 3 ended"
        assert line(found, "Q1").cells[1] == "open"
        assert line(found, "Q2").cells[1] == "open"

    def test_the_running_total_ends_at_the_year(self, db: sqlite3.Connection) -> None:
        found = report(db, Filters(2026))
        assert line(found, "Dec-26").cells[-3:] == (1100_00 * 78, 1000_00 * 78, 100_00 * 78)
        assert line(found, "Year").cells[2] == 1100_00 * 78

    def test_closed_months_only_leaves_all_others_out(self, db: sqlite3.Connection) -> None:
        found = report(db, Filters(2026, span=Span.CLOSED))
        assert [row.cells[0] for row in found.table.rows] == ["Jan-26", "Feb-26", "Q1 (Jan\u2013Feb)", "Jan\u2013Feb"]
        assert line(found, "Jan\u2013Feb").cells[2:4] == (3300_00, 3000_00)

    def test_a_year_that_is_over_is_compared_as_a_whole(self, db: sqlite3.Connection) -> None:
        found = report(db, Filters(2025))
        assert [row.cells[0] for row in found.table.totals] == ["Year"]
        assert found.table.totals[0].fair

    def test_the_chart_shows_what_the_table_shows(self, db: sqlite3.Connection) -> None:
        found = report(db, Filters(2026))
        months = [row.cells[2] for row in found.table.body if str(row.cells[0]).endswith("-26")]
        assert [amount * 100 for amount in found.chart.dollars[0]] == months
        assert found.chart.complete == (True,) * 10 + (False,) * 2

    def test_a_month_opens_the_customers_with_its_largest_first(self, db: sqlite3.Connection) -> None:
        opened = line(report(db, Filters(2026, ae="House")), "Mar-26").opens
        assert opened == Filters(2026, ae="House", sort="m03")


def test_a_third_year_is_shown_only_where_there_was_business(db: sqlite3.Connection, book: Book) -> None:
    book(202501, "Acme", 1)
    assert "2024" not in [column.label for column in report(db, Filters(2026)).table.columns]
    book(202406, "Acme", 5_00)
    assert line(report(db, Filters(2026)), "Jun-26").cells[6] == 5_00


def test_barter_is_no_revenue_and_a_blank_type_is(db: sqlite3.Connection, book: Book) -> None:
    book(202603, "Acme", 700_00, revenue_type="Trade")
    book(202603, "Acme", 30_00, revenue_type="")
    assert line(report(db, Filters(2026)), "Mar-26").cells[2] == 30_00
    assert line(report(db, Filters(2026, revenue_type=BLANK)), "Mar-26").cells[2] == 30_00
    assert line(report(db, Filters(2026, revenue_type="Trade")), "Mar-26").cells[2] == 0


def test_credits_are_taken_off(db: sqlite3.Connection, book: Book) -> None:
    book(202603, "Acme", 100_00)
    book(202603, "Acme", -140_00)
    assert line(report(db, Filters(2026)), "Mar-26").cells[2] == -40_00


def test_net_is_what_the_station_keeps(db: sqlite3.Connection, book: Book) -> None:
    book(202603, "Acme", 100_00, net=85_00)
    assert line(report(db, Filters(2026, Measure.NET)), "Mar-26").cells[2] == 85_00


def test_there_is_no_percentage_of_nothing(db: sqlite3.Connection, book: Book) -> None:
    book(202603, "Acme", 100_00)
    assert line(report(db, Filters(2026)), "Mar-26").cells[5] is None


def test_an_empty_ledger_has_a_report_too(db: sqlite3.Connection) -> None:
    assert line(report(db, Filters(2026)), "Year").cells[2:5] == (0, 0, 0)
