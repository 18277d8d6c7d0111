"""What changed: the same lines four times, equal to what the imports say, and the day in a line."""

import sqlite3
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bookedbiz.changes.asked import Asked, asked_of
from bookedbiz.changes.digest import since_yesterday
from bookedbiz.changes.report import Changes, changes_of
from bookedbiz.names.audit import By
from bookedbiz.names.directory import create_ae
from bookedbiz.reports.filters import Measure
from station_kit import statements

NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)
BY = By("test", NOW.isoformat())


@pytest.fixture
def changed(ledger, import_file, write_log, line) -> sqlite3.Connection:
    """Two imports: the second books one, cancels one, reprices one, moves one and edits one."""
    import_file(write_log([line(unit=float(n), line=float(n), contract=100.0 + n) for n in range(1, 10)]), now=NOW)
    second = [line(unit=float(n), line=float(n), contract=100.0 + n) for n in range(2, 10)]
    second[0] = line(unit=2.0, line=2.0, contract=102.0, gross_rate=250.0, spot_value=250.0)
    second[1] = line(unit=3.0, line=3.0, contract=103.0, air_date="11/24/2026", day_of_week="Tuesday")
    second[2] = line(unit=4.0, line=4.0, contract=104.0, estimate="E2", station_net=80.0)
    second.append(line(unit=1.0, contract=200.0, bill_code="Fern Tea", sales_person="Avery Quill"))
    later = NOW + timedelta(minutes=5)
    import_file(write_log(second, name="second.xlsx"), now=later, accept_drop=True)
    ledger.execute("UPDATE batch SET finished_at = started_at")
    return ledger


def cells(report: Changes, table: int) -> dict[str, tuple[Any, ...]]:
    return {str(row.cells[0]): row.cells[1:] for row in report.tables[table].rows}


def test_what_an_import_changed_is_told_by_kind(changed) -> None:
    report = changes_of(changed, Asked(2026, batch=2))
    assert report.whole.spots == {"booked": 1, "cancelled": 1, "repriced": 1, "moved": 2}
    assert report.whole.cents == {"booked": 10_000, "cancelled": -10_000, "repriced": 15_000, "moved": 0}
    assert report.figures[0].value == 15_000
    assert cells(report, 0)["Unknown"][:2] == (1, 10_000)
    assert next(iter(cells(report, 2))) == "Orbit Media:Cedar Bank"  # the biggest first
    assert "200, Fern Tea" in cells(report, 3)
    net = changes_of(changed, Asked(2026, batch=2, measure=Measure.NET))
    assert net.whole.cents["moved"] == -500  # an edit of net alone


def test_every_table_adds_up_to_what_the_imports_changed(changed) -> None:
    report = changes_of(changed, Asked(2026, since=TODAY, until=TODAY))
    wanted = changed.execute(
        "SELECT sum(gross_after_cents - gross_before_cents) FROM batch WHERE status = 'completed'"
    ).fetchone()[0]
    assert [table.totals[0].cells[-1] for table in report.tables] == [wanted] * 4
    assert [sum(int(row.cells[-1] or 0) for row in table.body) for table in report.tables] == [wanted] * 4


@pytest.mark.parametrize("name", ["ae", "month", "contract"])
@pytest.mark.parametrize("measure", Measure)
def test_what_is_kept_of_an_import_is_what_its_changes_say(changed, name: str, measure: Measure) -> None:
    asked = {"batches": "[1, 2]", "month": None, "people": None, "bill_codes": None, "measure": str(measure)}
    said = statements.load("bookedbiz.changes")
    kept, told = (
        Counter((key, "moved" if kind == "edited" else kind, spots, cents) for key, kind, spots, cents in rows)
        for rows in (changed.execute(said[f"{some}_by_{name}"], asked) for some in ("whole", "changes"))
    )
    assert kept == told
    assert len(kept) > 3


def test_of_many_contracts_the_biggest_are_shown_and_the_rest_is_one_line(changed, monkeypatch) -> None:
    whole = changes_of(changed, Asked(2026, since=TODAY, until=TODAY)).tables[3]
    monkeypatch.setattr("bookedbiz.changes.report.MOST_LINES", 2)
    shown = changes_of(changed, Asked(2026, since=TODAY, until=TODAY, sort="some other")).tables[3]
    assert shown.rows[:2] == whole.rows[:2]
    assert shown.rows[2].cells[0] == f"{len(whole.body) - 2} more"
    assert shown.rows[-1].cells == whole.rows[-1].cells
    rest = [sum(int(row.cells[-1] or 0) for row in rows) for rows in (whole.body[2:], shown.body[2:])]
    assert rest[0] == rest[1]


def test_days_are_the_stations_and_both_belong_to_it(changed) -> None:
    def batches(since: date, until: date) -> list[int]:
        return [row["id"] for row in changes_of(changed, Asked(2026, since=since, until=until)).batches]

    assert batches(TODAY, TODAY) == [2, 1]
    assert batches(TODAY + timedelta(1), TODAY + timedelta(1)) == []
    changed.execute("UPDATE batch SET finished_at = '2026-11-21T07:59:00.000Z' WHERE id = 2")  # still Friday, Pacific
    assert batches(TODAY, TODAY) == [2, 1]
    changed.execute("UPDATE batch SET finished_at = '2026-11-21T08:00:00.000Z' WHERE id = 2")
    assert batches(TODAY, TODAY) == [1]


def test_an_account_executive_sees_the_changes_of_their_book_alone(changed) -> None:
    ae_id = create_ae(changed, "Avery Quill", BY)
    report = changes_of(changed, Asked(2026, batch=2, only_ae_id=ae_id))
    assert set(cells(report, 2)) == {"Fern Tea", "Together"}
    assert set(cells(changes_of(changed, Asked(2026, batch=2, ae="House")), 2)) == {
        "Orbit Media:Cedar Bank",
        "Together",
    }
    assert changes_of(changed, Asked(2026, batch=2, customer="fern")).whole.spots["booked"] == 1
    assert changes_of(changed, Asked(2026, batch=2, month=202612)).whole.weight == 0


def test_an_address_asks_again_what_it_asked() -> None:
    asked = asked_of(
        {"since": "2026-11-01", "until": "2026-11-03", "ae": "A", "month": "202611"}, TODAY, only_ae_id=None
    )
    assert asked_of(asked.to_args(), TODAY, only_ae_id=None) == asked
    wrong = asked_of({"since": "yesterday", "batch": "x", "month": "11"}, TODAY, only_ae_id=None)
    assert (wrong.since, wrong.until, wrong.batch, wrong.month) == (TODAY - timedelta(1), TODAY, None, None)
    assert asked_of({"batch": "7"}, TODAY, only_ae_id=None).to_args() == {"batch": "7"}
    backwards = asked_of({"since": "2026-11-09", "until": "2026-11-03"}, TODAY, only_ae_id=None)
    assert backwards.since < backwards.until


def test_the_day_in_a_line(changed) -> None:
    said = since_yesterday(changed, NOW)
    assert said.startswith("Since yesterday +$1,050.00 gross, +$")
    assert "Orbit Media:Cedar Bank +" in said
    assert since_yesterday(changed, NOW + timedelta(days=5)) == ""


def test_every_named_statement_of_the_changes_runs_on_this_schema(ledger) -> None:
    assert statements.compile_errors(ledger, statements.load("bookedbiz.changes")) == []
