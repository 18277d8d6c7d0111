"""An export is the table that is shown, with cents and with what it is an answer to."""

import csv
import io
import sqlite3
from datetime import UTC, date, datetime
from typing import Any

import openpyxl
import pytest

from bookedbiz.reports import booked, by_customer
from bookedbiz.reports.calendar import Calendar
from bookedbiz.reports.export import Heading, to_csv, to_xlsx
from bookedbiz.reports.filters import Filters, Measure
from bookedbiz.reports.table import Column, Kind, Row, Table

HEADING = Heading(
    "What does each customer bring?", Filters(2026, Measure.NET), datetime(2026, 11, 20, 17, 30, tzinfo=UTC)
)


@pytest.fixture
def table(sample: sqlite3.Connection) -> Table:
    filters = Filters(2026)
    return by_customer.customer_report(
        filters,
        booked.by_customer(sample, filters, *by_customer.months_needed(filters)),
        booked.customers_before(sample, 202601),
        Calendar(date(2026, 11, 20), booked.closed_months(sample)),
    ).table


def sheet_of(content: bytes) -> list[tuple[Any, ...]]:
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    book.close()
    return rows


def test_a_csv_has_every_line_and_column_that_is_shown(table: Table) -> None:
    rows = list(csv.reader(io.StringIO(to_csv([table], HEADING).decode("utf-8-sig"))))
    top = rows.index([]) + 1
    assert rows[top] == [column.label for column in table.columns]
    assert len(rows) - top - 1 == len(table.rows)
    for shown, exported in zip(table.rows, rows[top + 1 :], strict=True):
        assert exported[0] == shown.cells[0]
        for cell, text, column in zip(shown.cells, exported, table.columns, strict=True):
            if column.kind in (Kind.MONEY, Kind.CHANGE) and cell is not None:
                assert round(float(text) * 100) == cell


def test_a_workbook_holds_the_figures_as_numbers(table: Table) -> None:
    rows = sheet_of(to_xlsx([table], HEADING))
    top = next(number for number, row in enumerate(rows) if row[0] == "Customer")
    for shown, exported in zip(table.rows, rows[top + 1 :], strict=True):
        for cell, value, column in zip(shown.cells, exported, table.columns, strict=True):
            if column.kind in (Kind.MONEY, Kind.CHANGE) and cell is not None:
                assert round(value * 100) == cell
            elif isinstance(cell, float):
                assert value == pytest.approx(cell)


@pytest.mark.parametrize(
    "make",
    [to_csv, lambda tables, heading: "\n".join(str(row[0]) for row in sheet_of(to_xlsx(tables, heading))).encode()],
)
def test_an_export_says_what_it_answers_and_how_old_it_is(table: Table, make: Any) -> None:
    text = make([table], HEADING).decode("utf-8-sig")
    for part in (
        "What does each customer bring?",
        "Year: 2026",
        "Money: net",
        "As of: 2026-11-20 09:30 AM PST",
        "Trade",
    ):
        assert part in text


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x")'])
def test_a_customers_name_is_never_run_as_a_formula(name: str) -> None:
    table = Table("by customer", (Column("Customer", Kind.NAME),), (Row((name,)),))
    assert to_csv([table], HEADING).decode("utf-8-sig").splitlines()[-1].lstrip('"').startswith("'")
    content = to_xlsx([table], HEADING)
    book = openpyxl.load_workbook(io.BytesIO(content))
    cell = list(book.worksheets[0].rows)[-1][0]
    assert (cell.value, cell.data_type) == (name, "s")
    book.close()
