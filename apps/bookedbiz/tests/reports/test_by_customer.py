"""The customer report: who is new, who fell away, and changes that compare the same months."""

import sqlite3
from collections.abc import Callable
from datetime import date

import pytest

from bookedbiz.reports import booked
from bookedbiz.reports.by_customer import CustomerReport, Mark, customer_report, months_needed
from bookedbiz.reports.calendar import Calendar
from bookedbiz.reports.filters import Filters, Span, exactly
from bookedbiz.reports.table import Cell, Row

Book = Callable[..., None]
CALENDAR = Calendar(date(2026, 11, 20), frozenset({202601}))


def report(db: sqlite3.Connection, filters: Filters = Filters(2026)) -> CustomerReport:  # noqa: B008 -- frozen
    amounts = booked.by_customer(db, filters, *months_needed(filters))
    return customer_report(filters, amounts, booked.customers_before(db, filters.year * 100 + 1), CALENDAR)


def line(found: CustomerReport, name: str) -> Row:
    return next(row for row in found.table.rows if row.cells[0] == name)


def cell(found: CustomerReport, name: str, column: str) -> Cell:
    position = [each.label for each in found.table.columns].index(column)
    return line(found, name).cells[position]


def names(found: CustomerReport) -> list[Cell]:
    return [row.cells[0] for row in found.table.body]


@pytest.mark.parametrize(
    ("months", "mark"),
    [
        ([202603], Mark.NEW),
        ([202612], Mark.NEW),
        ([202403, 202603], Mark.BACK),
        ([202503, 202603], Mark.NONE),
        ([202503], Mark.LOST),
        ([202503, 202612], Mark.NONE),  # nothing yet this year, but something is booked ahead
    ],
)
def test_a_customer_is_marked_by_when_there_was_business(
    db: sqlite3.Connection, book: Book, months: list[int], mark: Mark
) -> None:
    for month in months:
        book(month, "Acme", 100_00)
    assert line(report(db), "Acme").cells[1] == mark


def test_a_customer_whose_months_are_still_to_come_is_not_lost(db: sqlite3.Connection, book: Book) -> None:
    book(202512, "Christmas Trees", 100_00)
    assert "Christmas Trees" not in names(report(db))


def test_a_customer_is_not_new_because_somebody_else_sells_now(db: sqlite3.Connection, book: Book) -> None:
    book(202403, "Acme", 100_00, ae="Mei Tan")
    book(202603, "Acme", 100_00, ae="House")
    assert line(report(db, Filters(2026, ae="House")), "Acme").cells[1] == Mark.BACK


def test_a_change_compares_the_complete_months_only(db: sqlite3.Connection, book: Book) -> None:
    for month, cents in ((202505, 100_00), (202511, 900_00), (202605, 150_00), (202612, 70_00)):
        book(month, "Acme", cents)
    found = report(db)
    assert cell(found, "Acme", "Total") == 220_00
    assert cell(found, "Acme", "Jan\u2013Oct 26") == 150_00
    assert cell(found, "Acme", "Jan\u2013Oct 25") == 100_00
    assert cell(found, "Acme", "Change") == 50_00
    assert cell(found, "Acme", "%") == pytest.approx(0.5)


def test_in_a_year_ahead_nobody_is_lost_yet(db: sqlite3.Connection, book: Book) -> None:
    book(202603, "Acme", 100_00)
    assert line(report(db, Filters(2027)), "Acme").cells[1] == Mark.NONE


def test_a_year_ahead_shows_no_change_at_all(db: sqlite3.Connection, book: Book) -> None:
    book(202603, "Acme", 100_00)
    book(202703, "Acme", 50_00)
    found = report(db, Filters(2027))
    assert cell(found, "Acme", "Change") is None
    assert cell(found, "Acme", "Jan\u2013Dec 26") == 100_00
    assert line(found, "Acme").cells[1] == Mark.NONE
    assert not found.gains
    assert not found.drops


def test_the_sums_are_those_of_the_lines(db: sqlite3.Connection, book: Book) -> None:
    for number, customer in enumerate(("Acme", "Bolt", "Crane"), start=1):
        book(202601, customer, number * 100_00)
        book(202501, customer, number * 80_00)
    found = report(db)
    for position in range(2, len(found.table.columns)):
        if found.table.columns[position].kind in ("money", "change"):
            amounts = [row.cells[position] for row in found.table.body]
            assert found.table.totals[0].cells[position] == sum(int(each or 0) for each in amounts)
    assert sum(float(row.cells[-1] or 0) for row in found.table.body) == pytest.approx(1)


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("total", ["Bolt", "acme", "Crane"]),
        ("customer", ["acme", "Bolt", "Crane"]),
        ("last", ["Crane", "acme", "Bolt"]),
        ("change", ["Bolt", "acme", "Crane"]),
        ("drop", ["Crane", "acme", "Bolt"]),
        ("m02", ["Crane", "acme", "Bolt"]),
    ],
)
def test_the_lines_come_in_the_order_asked_for(db: sqlite3.Connection, book: Book, sort: str, order: list[str]) -> None:
    for month, customer, cents in (
        (202601, "acme", 200_00),
        (202601, "Bolt", 300_00),
        (202602, "Crane", 10_00),
        (202501, "acme", 100_00),
        (202501, "Crane", 500_00),
    ):
        book(month, customer, cents)
    assert names(report(db, Filters(2026, sort=sort))) == order


def test_a_bill_code_nobody_knows_is_shown_with_its_money(db: sqlite3.Connection, book: Book) -> None:
    book(202603, "WHO IS THIS", 100_00, resolved=False)
    assert cell(report(db), "WHO IS THIS", "Total") == 100_00


def test_a_name_in_quotes_finds_that_customer_alone(db: sqlite3.Connection, book: Book) -> None:
    book(202603, "Acme", 100_00)
    book(202603, "Acme Foods", 100_00)
    assert names(report(db, Filters(2026, customer="ACME"))) == ["Acme", "Acme Foods"]
    assert names(report(db, Filters(2026, customer=exactly("Acme")))) == ["Acme"]


@pytest.mark.parametrize("text", ["%", "_", "'", '"', "\\"])
def test_signs_in_the_customer_text_are_only_signs(db: sqlite3.Connection, book: Book, text: str) -> None:
    book(202603, "Acme", 100_00)
    assert names(report(db, Filters(2026, customer=text))) == []


def test_gains_and_drops_name_the_biggest_first(db: sqlite3.Connection, book: Book) -> None:
    for customer, before, now in (("Up", 100, 900), ("More", 100, 300), ("Down", 500, 100), ("Same", 50, 50)):
        book(202501, customer, before)
        book(202601, customer, now)
    found = report(db, Filters(2026, span=Span.ENDED))
    assert [each.customer.name for each in found.gains] == ["Up", "More"]
    assert [each.customer.name for each in found.drops] == ["Down"]
