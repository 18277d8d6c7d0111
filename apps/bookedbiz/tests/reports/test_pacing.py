"""Are we ahead of the same day last year? From what the imports recorded, and only from that."""

import sqlite3
from datetime import date
from typing import Any

import pytest

from bookedbiz.reports.calendar import Calendar
from bookedbiz.reports.filters import Filters
from bookedbiz.reports.pacing import PacingReport, a_year_before, booked_at, pacing_report

TODAY = Calendar(date(2026, 11, 20), frozenset())


def record(db: sqlite3.Connection, month: int, taken_on: str, cents: int, *, entity: int = 2, kind: int = 1) -> None:
    db.execute("INSERT INTO snapshot VALUES (?, ?, ?, 1, 0, ?, 1, ?, ?)", (month, entity, kind, taken_on, cents, cents))


def line(report: PacingReport, name: str) -> dict[str, Any]:
    row = next(row for row in report.table.rows if row.cells[0] == name)
    return {column.label: cell for column, cell in zip(report.table.columns, row.cells, strict=True)}


def test_the_pace_is_against_what_was_booked_a_year_ago_today(db: sqlite3.Connection, book: Any) -> None:
    record(db, 202512, "2025-09-01", 30_00)
    record(db, 202512, "2025-11-20", 50_00)
    record(db, 202512, "2025-11-21", 90_00)
    book(202512, "Bank", 100_00)
    book(202612, "Bank", 60_00)
    december = line(pacing_report(db, Filters(2026), TODAY), "Dec-26")
    assert (december["Same day last year"], december["Pace"], december["%"]) == (50_00, 10_00, 0.2)
    assert (december["Reached then"], december["Reached now"], december["Heading for"]) == (0.5, 0.6, 120_00)


def test_what_was_not_recorded_is_not_known(db: sqlite3.Connection, book: Any) -> None:
    record(db, 202612, "2026-11-19", 60_00)
    book(202612, "Bank", 60_00)
    report = pacing_report(db, Filters(2026), TODAY)
    december = line(report, "Dec-26")
    assert (december["Same day last year"], december["Pace"], december["Heading for"]) == (None, None, None)
    assert not report.knows_last_year
    assert booked_at(db, Filters(2026), date(2026, 11, 18), 202612, 202612) is None


def test_a_month_without_a_line_was_not_booked_once_recording_has_begun(db: sqlite3.Connection, book: Any) -> None:
    record(db, 202511, "2025-11-01", 10_00)
    book(202612, "Bank", 60_00)
    assert line(pacing_report(db, Filters(2026), TODAY), "Dec-26")["Same day last year"] == 0


def test_the_pick_up_is_what_came_in_the_last_days(db: sqlite3.Connection, book: Any) -> None:
    record(db, 202612, "2026-10-01", 20_00)
    record(db, 202612, "2026-11-13", 45_00)
    book(202612, "Bank", 60_00)
    december = line(pacing_report(db, Filters(2026), TODAY), "Dec-26")
    assert (december["In 7 days"], december["In 28 days"]) == (15_00, 40_00)


def test_trade_is_left_out_of_what_was_recorded_too(db: sqlite3.Connection) -> None:
    record(db, 202512, "2025-09-01", 30_00)
    record(db, 202512, "2025-09-01", 999_00, kind=7)
    assert booked_at(db, Filters(2026), date(2025, 11, 20), 202512, 202512) == {202512: 30_00}


def test_an_aes_pace_is_their_entitys(db: sqlite3.Connection, book: Any) -> None:
    record(db, 202512, "2025-09-01", 30_00, entity=1)
    record(db, 202512, "2025-09-01", 50_00, entity=2)
    book(202612, "Bank", 60_00, ae="House")
    book(202612, "Shop", 70_00, ae="Avery Quill")
    december = line(pacing_report(db, Filters(2026, only_ae_id=1), TODAY), "Dec-26")
    assert (december["Booked now"], december["Same day last year"]) == (60_00, 50_00)


def test_the_curve_adds_up_the_days(db: sqlite3.Connection) -> None:
    record(db, 202611, "2026-11-01", 10_00)
    record(db, 202611, "2026-11-10", 25_00)
    record(db, 202611, "2026-11-10", 5_00, entity=1)
    curve = pacing_report(db, Filters(2026), TODAY).curve
    assert dict(zip(curve.days, curve.now, strict=True)) == {-30: 10, -21: 30, -11: 30}


@pytest.mark.parametrize(
    ("day", "before"), [(date(2028, 2, 29), date(2027, 2, 28)), (date(2026, 11, 20), date(2025, 11, 20))]
)
def test_a_year_before_a_leap_day_is_the_28th(day: date, before: date) -> None:
    assert a_year_before(day) == before
