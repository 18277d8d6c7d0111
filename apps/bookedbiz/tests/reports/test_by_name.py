"""Who or what brings how much, by month and by quarter."""

import sqlite3
from datetime import date
from typing import Any

import pytest

from bookedbiz.reports import make
from bookedbiz.reports.by_name import NameReport
from bookedbiz.reports.calendar import Calendar
from bookedbiz.reports.filters import Filters, Status

TODAY = Calendar(date(2026, 11, 20), frozenset({202601}))


@pytest.fixture
def two_sellers(db: sqlite3.Connection, book: Any) -> sqlite3.Connection:
    book(202503, "Bank", 400_00, ae="Avery Quill")
    book(202603, "Bank", 100_00, ae="Avery Quill")
    book(202603, "Bank", 50_00, ae="House")
    book(202612, "Shop", 25_00, ae="House")
    return db


def cells(report: NameReport, table: int, name: str) -> dict[str, Any]:
    chosen = report.tables[table]
    row = next(row for row in chosen.rows if row.cells[0] == name)
    return {column.label: cell for column, cell in zip(chosen.columns, row.cells, strict=True)}


def test_each_name_has_its_months_and_its_comparison(two_sellers: sqlite3.Connection) -> None:
    line = cells(make.aes(two_sellers, Filters(2026), TODAY), 0, "Avery Quill")
    assert (line["Mar"], line["Total"], line["Jan\u2013Oct 25"], line["%"]) == (100_00, 100_00, 400_00, -0.75)


def test_a_customer_of_two_aes_counts_once_in_the_company(two_sellers: sqlite3.Connection) -> None:
    report = make.aes(two_sellers, Filters(2026), TODAY)
    assert cells(report, 1, "House")["Customers"] == 2
    assert cells(report, 1, "2 AEs")["Customers"] == 2
    assert cells(report, 1, "2 AEs")["in 2025"] == 1


def test_a_quarter_that_is_not_over_is_not_compared_in_colour(two_sellers: sqlite3.Connection) -> None:
    table = make.aes(two_sellers, Filters(2026), TODAY).quarters
    fair = {table.columns[at - 2].label: column.fair for at, column in enumerate(table.columns) if column.label == "%"}
    assert fair == {"Q1 26": True, "Q2 26": True, "Q3 26": True, "Q4 26": False, "Year 26": False}


class TestAnAccount:
    @pytest.fixture
    def statuses(self, db: sqlite3.Connection, book: Any) -> dict[tuple[str, str], str]:
        for customer, before, now in (("Less", 100, 79), ("Same", 100, 81), ("More", 100, 121), ("Gone", 100, 0)):
            book(202503, customer, before * 100)
            if now:
                book(202603, customer, now * 100)
        book(202603, "Fresh", 100_00)
        book(202403, "Again", 100_00)
        book(202603, "Again", 100_00)
        book(202503, "Sold on", 100_00, ae="Avery Quill")
        book(202603, "Sold on", 100_00)
        report = make.account_standings(db, Filters(2026), TODAY)
        return {(str(row.cells[0]), str(row.cells[1])): str(row.cells[2]) for row in report.table.body}

    @pytest.mark.parametrize(
        ("customer", "status"),
        [
            ("Less", Status.RISK),
            ("Same", Status.STABLE),
            ("More", Status.GROWTH),
            ("Gone", Status.LOST),
            ("Fresh", Status.NEW),
            ("Again", Status.BACK),
        ],
    )
    def test_is_known_by_how_it_does(self, statuses: dict[tuple[str, str], str], customer: str, status: Status) -> None:
        assert statuses[customer, "House"] == status

    def test_that_had_nothing_but_a_credit_last_year_is_neither_lost_nor_growing(
        self, db: sqlite3.Connection, book: Any
    ) -> None:
        book(202503, "Credited", -72_00)
        book(202403, "Credited", 100_00)
        report = make.account_standings(db, Filters(2026), TODAY)
        assert [row.cells[2] for row in report.table.body] == [Status.STABLE]

    def test_that_another_ae_sells_now_is_moved_and_not_lost(self, statuses: dict[tuple[str, str], str]) -> None:
        assert statuses["Sold on", "Avery Quill"] == Status.MOVED

    def test_that_fell_in_the_fourth_quarter_says_so(self, db: sqlite3.Connection, book: Any) -> None:
        for month, cents in ((202503, 50_00), (202511, 50_00), (202603, 30_00), (202611, 34_00)):
            book(month, "Bank", cents)
        report = make.account_standings(db, Filters(2026), TODAY)
        assert report.table.body[0].cells[2:4] == (Status.RISK, "Q4 heavy, Q4 behind")

    def test_can_be_asked_for_by_status_while_the_counts_stay(self, db: sqlite3.Connection, book: Any) -> None:
        book(202603, "Fresh", 100_00)
        book(202503, "Gone", 100_00)
        report = make.account_standings(db, Filters(2026, status=Status.LOST), TODAY)
        assert [row.cells[0] for row in report.table.body] == ["Gone"]
        assert (report.counts[Status.LOST], report.counts[Status.NEW]) == (1, 1)
        assert [each.account.name for each in report.falling] == ["Gone"]


class TestAgainstThePlan:
    @pytest.fixture
    def planned(self, two_sellers: sqlite3.Connection) -> sqlite3.Connection:
        avery = two_sellers.execute("SELECT id FROM ae WHERE name = 'Avery Quill'").fetchone()[0]
        two_sellers.execute("INSERT INTO entity (id, name, kind, ae_id) VALUES (9, 'Avery Quill', 'AE', ?)", (avery,))
        two_sellers.executemany(
            "INSERT INTO plan (entity_id, month, budget_cents, forecast_cents) VALUES (?, ?, ?, ?)",
            [(9, 202601, 80_00, None), (9, 202603, 120_00, 70_00), (2, 202612, None, 40_00)],
        )
        return two_sellers

    def test_a_budget_stands_beside_what_is_booked_of_it(self, planned: sqlite3.Connection) -> None:
        report = make.management(planned, Filters(2026), TODAY)
        assert [table.name for table in report.more] == ["against budget", "against forecast"]
        row = next(row for row in report.more[0].rows if row.cells[0] == "Avery Quill")
        assert row.cells[1:5] == (200_00, 100_00, -100_00, 0.5)

    def test_a_forecast_is_the_budget_until_one_is_entered_and_never_less_than_booked(
        self, planned: sqlite3.Connection
    ) -> None:
        report = make.management(planned, Filters(2026), TODAY)
        company = report.more[1].totals[0]
        assert company.cells[1] == 80_00 + 100_00

    def test_an_entity_without_a_plan_has_none_and_not_nothing(self, planned: sqlite3.Connection) -> None:
        report = make.management(planned, Filters(2026), TODAY)
        house = next(row for row in report.more[0].rows if row.cells[0] == "House")
        assert house.cells[1:5] == (None, 50_00, None, None)

    def test_a_part_of_the_business_is_not_held_against_the_whole_plan(self, planned: sqlite3.Connection) -> None:
        assert make.management(planned, Filters(2026, market="SEA"), TODAY).more == ()
