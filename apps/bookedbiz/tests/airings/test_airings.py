"""The airings behind a number are those that it counts: each once, page by page, and their sums are the number."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookedbiz.airings.asked import AiringFilters, airing_filters, key_of, months_asked, months_words, period_text
from bookedbiz.airings.report import airings_file, airings_report
from bookedbiz.reports import booked, make
from bookedbiz.reports.calendar import Calendar
from bookedbiz.reports.filters import Filters, Span
from station_kit import statements
from station_kit.sqlitefile import open_database

TODAY = date(2026, 11, 20)


@pytest.fixture(scope="module")
def sample(sample_database: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_database(sample_database, read_only=True)) as db:
        yield db


def calendar_of(db: sqlite3.Connection) -> Calendar:
    return Calendar(TODAY, booked.closed_months(db))


def test_every_statement_fits_the_schema(ledger) -> None:
    assert statements.compile_errors(ledger, statements.load("bookedbiz.airings")) == []


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_the_airings_are_as_many_and_come_to_as_much_as_the_view_says(sample, data: st.DataObject) -> None:
    offered = booked.choices(sample, Filters(2026))
    types = [row[0] for row in sample.execute("SELECT DISTINCT spot_type FROM revenue")]
    chosen = {
        name: data.draw(st.none() | st.sampled_from(values))
        for name, values in {
            "ae": offered.aes, "market": offered.markets, "language": offered.languages, "entity": offered.entities,
            "sector": offered.sectors, "revenue_type": offered.revenue_types, "spot_type": types,
        }.items()
    }  # fmt: skip
    asked = AiringFilters(
        2026, **chosen, period=data.draw(st.sampled_from(["202611", "202508-202602", "202601,202603"]))
    )
    months = months_asked(asked, calendar_of(sample))
    column = {"spot_type": "spot_type", "revenue_type": "revenue_type"}
    wanted = {column.get(name, name): value for name, value in chosen.items() if value is not None}
    if wanted.get("revenue_type") == "(blank)":
        wanted["revenue_type"] = ""
    lines = [
        row
        for row in sample.execute("SELECT * FROM revenue")
        if row["month"] in months and all(row[name] == value for name, value in wanted.items())
    ]
    report = airings_file(sample, asked, calendar_of(sample))
    assert (report.spots, report.shown) == (sum(row["spots"] for row in lines),) * 2
    sums = [sum(row[name] for row in lines) for name in ("gross_cents", "net_cents")]
    assert list(report.table.totals[0].cells[-2:]) == sums
    assert [sum(row.cells[at] or 0 for row in report.table.body) for at in (-2, -1)] == sums


def test_pages_follow_each_other_without_gap_or_double(sample: sqlite3.Connection) -> None:
    asked: Filters = AiringFilters(2026, period="202501-202512")
    whole = airings_file(sample, asked, calendar_of(sample)).table.body
    pages, seen = 0, []
    following: Filters | None = asked
    while following is not None:
        report = airings_report(sample, following, calendar_of(sample))
        seen += [row.cells for row in report.table.body]
        pages, following = pages + 1, report.following
    assert pages > 1
    assert seen == [row.cells for row in whole]
    assert report.spots == len(seen)


def test_a_month_of_a_customer_opens_what_the_report_shows(sample: sqlite3.Connection) -> None:
    customers = make.customers(sample, Filters(2026), calendar_of(sample)).table
    looked = 0
    for row in customers.body[:20]:
        assert row.opens is not None
        for column, cell in zip(customers.columns, row.cells, strict=True):
            if column.months and cell:
                asked = AiringFilters(2026, buyer=row.opens.customer_id, period=period_text(column.months))
                assert airings_report(sample, asked, calendar_of(sample)).figures[0].value == cell
                looked += 1
    assert looked > 100


def test_a_contract_opens_all_its_airings(sample: sqlite3.Connection) -> None:
    number, spots, gross = sample.execute(
        """SELECT number, count(*), sum(gross_cents) FROM spot JOIN contract ON contract.id = contract_id
           WHERE revenue_type_id NOT IN (SELECT id FROM revenue_type WHERE is_trade = 1)
           GROUP BY 1 ORDER BY 2 DESC LIMIT 1"""
    ).fetchone()
    report = airings_file(sample, AiringFilters(2026, contract=number), calendar_of(sample))
    assert (report.spots, report.shown, report.figures[0].value) == (spots, spots, gross)
    assert {row.cells[10] for row in report.table.body} == {number}


def test_an_account_executive_sees_their_own_airings_alone(sample: sqlite3.Connection) -> None:
    ids = [row[0] for row in sample.execute("SELECT DISTINCT ae_id FROM revenue WHERE ae_id IS NOT NULL")]
    period = "202401-202612"
    for only in ids[:3]:
        name = sample.execute("SELECT name FROM ae WHERE id = ?", (only,)).fetchone()[0]
        report = airings_file(sample, AiringFilters(2026, only_ae_id=only, period=period), calendar_of(sample))
        assert {row.cells[8] for row in report.table.body} == {name}
        every = airings_file(sample, AiringFilters(2026, ae=name, period=period), calendar_of(sample))
        assert report.spots == every.spots > 0


def test_months_of_an_address() -> None:
    calendar = Calendar(TODAY, frozenset({202601, 202603}))
    assert months_asked(AiringFilters(2026, span=Span.CLOSED), calendar) == [202601, 202603]
    asked = airing_filters(
        {"period": "202512-202601,202603", "buyer": "-7", "after": "202601.3.20600.9"}, Filters(2026)
    )
    assert months_asked(asked, calendar) == [202512, 202601, 202603]
    assert period_text([202603, 202512, 202601]) == asked.period
    assert months_words([202603, 202512, 202601]) == "Dec-25 to Jan-26, Mar-26"
    assert (asked.buyer, key_of(asked.after).id) == (-7, 9)
    wrong = {"period": "202613", "buyer": "x", "after": "1.2.3"}
    assert airing_filters(wrong, Filters(2026)) == AiringFilters(2026)
