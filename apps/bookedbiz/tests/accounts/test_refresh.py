"""Figures by air date, signals that open, come back and close by themselves, and an import that stands in any case."""

import sqlite3
from datetime import UTC, date, datetime, timedelta

import pytest

from bookedbiz.accounts import queue, refresh, standing
from bookedbiz.accounts.activity import add
from bookedbiz.accounts.entry import Activity, NewActivity
from bookedbiz.accounts.signals import Kind
from bookedbiz.accounts.thresholds import set_thresholds
from bookedbiz.errors import Refused
from bookedbiz.moments import utc_text
from bookedbiz.names.audit import By
from station_kit import statements

NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)
BY = By("tester", utc_text(NOW))


def figures(db: sqlite3.Connection, account_id: int) -> sqlite3.Row:
    row: sqlite3.Row = db.execute("SELECT * FROM account_figures WHERE account_id = ?", (account_id,)).fetchone()
    return row


def states(db: sqlite3.Connection, day: date = TODAY) -> dict[str, str]:
    return {item.kind.value: item.state for item in queue.open_items(db, day)}


def test_every_named_statement_of_accounts_runs_on_this_schema(db) -> None:
    assert statements.compile_errors(db, statements.load("bookedbiz.accounts")) == []


def test_a_month_that_reaches_over_today_is_split_by_air_date(db, air) -> None:
    account = air("Cedar Bank", date(2026, 11, 19), 100)
    air("Cedar Bank", date(2026, 11, 20), 10)
    air("Cedar Bank", date(2026, 11, 21), 7)
    air("Cedar Bank", date(2025, 11, 21), 1000)  # the first day of the 12 months
    air("Cedar Bank", date(2025, 11, 20), 5000)
    air("Cedar Bank", date(2026, 11, 22), 999_999, kind="Trade")
    air("Cedar Bank", date(2026, 11, 23), 3, month=202612)
    refresh.refresh(db, NOW)
    found = figures(db, account)
    assert (found["year_cents"], found["before_cents"], found["ahead_cents"]) == (1110_00, 5000_00, 10_00)
    assert (found["ever_cents"], found["ahead_spots"], found["active_months"]) == (6120_00, 2, 2)
    assert found["last_air_day"] == (TODAY - date(1970, 1, 1)).days
    assert found["coming_cents"] == 120_00  # by label: all of November to January


def test_figures_add_up_to_the_view_whatever_the_dates(db, air) -> None:
    for number in range(40):
        air(f"Agency {number % 3}:Customer {number % 7}", TODAY - timedelta(days=37 * number - 200), 10 + number)
    air("Undated", None, 77, month=202601)
    refresh.refresh(db, NOW)
    told = db.execute(
        """SELECT sum(year_cents + before_cents + ahead_cents), sum(ever_cents) FROM account_figures
           JOIN account_shown ON account_shown.id = account_id WHERE kind = ?""",
        ("customer",),
    ).fetchone()
    whole = db.execute("SELECT sum(gross_cents) FROM revenue").fetchone()[0]
    first = (date(2024, 11, 20) - date(1970, 1, 1)).days
    older = db.execute("SELECT sum(gross_cents) FROM spot WHERE air_day <= ?", (first,)).fetchone()[0]
    assert told[1] == whole
    assert told[0] == whole - older


def test_an_agency_has_what_its_customers_have(db, air) -> None:
    first = air("Orbit:Cedar", date(2026, 3, 2), 100)
    second = air("Orbit:Elm", date(2026, 4, 2), 50)
    refresh.refresh(db, NOW)
    agency = db.execute("SELECT id FROM account_shown WHERE kind = 'agency' AND name = 'Orbit'").fetchone()[0]
    assert figures(db, agency)["year_cents"] == figures(db, first)["year_cents"] + figures(db, second)["year_cents"]
    assert figures(db, agency)["active_months"] == 2


def test_refreshing_again_writes_nothing(db, air) -> None:
    air("Cedar Bank", date(2025, 9, 2), 20_000)
    refresh.refresh(db, NOW)
    before = db.total_changes
    assert refresh.refresh(db, NOW).opened == 0
    assert db.total_changes == before


def test_a_signal_that_vanishes_closes_its_item_and_is_new_when_it_shows_again(db, air) -> None:
    account = air("Cedar Bank", date(2025, 9, 2), 20_000)
    refresh.refresh(db, NOW)
    assert states(db) == {"churned": "new"}
    (item,) = queue.open_items(db, TODAY)
    queue.dismiss(db, item.id, "sold the company", BY)
    assert states(db) == {"churned": "dismissed"}
    refresh.refresh(db, NOW)
    assert states(db) == {"churned": "dismissed"}
    air("Cedar Bank", date(2026, 12, 2), 30_000)
    assert refresh.refresh(db, NOW).closed == 1
    assert "churned" not in states(db)
    db.execute("DELETE FROM spot WHERE month = 202612")
    db.execute("DELETE FROM booked WHERE month = 202612")
    refresh.refresh(db, NOW)
    assert states(db)["churned"] == "new"
    rows = db.execute("SELECT closed_on FROM account_signal WHERE account_id = ? AND kind = 'churned'", (account,))
    assert [row[0] for row in rows] == ["2026-11-20", None]


def test_a_snoozed_signal_comes_back_by_itself_on_its_day(db, air) -> None:
    air("Cedar Bank", date(2025, 9, 2), 20_000)
    refresh.refresh(db, NOW)
    (item,) = queue.open_items(db, TODAY)
    queue.snooze(db, item.id, date(2026, 12, 1), "decides in December", TODAY, BY)
    assert states(db, date(2026, 11, 30)) == {"churned": "snoozed"}
    assert states(db, date(2026, 12, 1)) == {"churned": "new"}
    (back,) = queue.open_items(db, date(2026, 12, 8))
    assert not back.is_unworked(date(2026, 12, 8), 7)
    assert back.is_unworked(date(2026, 12, 9), 7)
    queue.acknowledge(db, item.id, BY)
    (known,) = queue.open_items(db, date(2026, 12, 9))
    assert not known.is_unworked(date(2026, 12, 9), 7)


@pytest.mark.parametrize("reason", ["", "   "])
def test_to_snooze_or_dismiss_needs_a_reason_and_a_day_ahead(db, air, reason: str) -> None:
    air("Cedar Bank", date(2025, 9, 2), 20_000)
    refresh.refresh(db, NOW)
    (item,) = queue.open_items(db, TODAY)
    with pytest.raises(Refused):
        queue.dismiss(db, item.id, reason, BY)
    with pytest.raises(Refused):
        queue.snooze(db, item.id, date(2026, 12, 1), reason, TODAY, BY)
    with pytest.raises(Refused):
        queue.snooze(db, item.id, TODAY, "a reason", TODAY, BY)
    assert states(db) == {"churned": "new"}


def test_an_activity_acknowledges_what_is_new(db, air) -> None:
    account = air("Cedar Bank", date(2025, 9, 2), 20_000)
    refresh.refresh(db, NOW)
    add(db, account, NewActivity(Activity.CALL, "left a message"), TODAY, BY)
    (item,) = queue.open_items(db, TODAY)
    assert (item.state, item.state_by) == ("acknowledged", "tester")


def test_a_changed_threshold_is_audited_and_counts_from_the_next_refresh(db, air) -> None:
    air("Cedar Bank", date(2025, 9, 2), 20_000)
    assert set_thresholds(db, {"churned_dollars": 20_001, "gap_percent": 25}, BY) == 1
    refresh.refresh(db, NOW)
    assert states(db) == {}
    line = db.execute("SELECT key, old, new FROM audit WHERE action = 'signal_threshold'").fetchone()
    assert tuple(line) == ("churned_dollars", "10000", "20001")
    with pytest.raises(Refused):
        set_thresholds(db, {"nonsense": 1}, BY)


def test_an_inactive_customer_has_figures_and_no_signal(db, air) -> None:
    account = air("Cedar Bank", date(2025, 9, 2), 20_000)
    db.execute("UPDATE customer SET active = 0")
    refresh.refresh(db, NOW)
    assert states(db) == {}
    assert figures(db, account)["before_cents"] == 20_000_00


def test_an_import_stands_when_its_signals_cannot_be_computed(db, air, ledger, import_file, write_log, line) -> None:
    ledger.execute("DROP TABLE account_figures")
    report = import_file(write_log([line()]))
    assert ledger.execute("SELECT status FROM batch").fetchone()[0] == "completed"
    assert ledger.execute("SELECT count(*) FROM spot").fetchone()[0] == 1
    assert any("Account signals not computed" in warning for warning in report.warnings)
    kept = ledger.execute("SELECT refreshed_at, error FROM account_refresh").fetchone()
    assert kept["refreshed_at"] is None
    assert "account_figures" in kept["error"]


def test_an_import_refreshes_the_figures(ledger, import_file, write_log, line) -> None:
    import_file(write_log([line()]))
    assert ledger.execute("SELECT error, refreshed_at IS NOT NULL FROM account_refresh").fetchone()[:] == (None, 1)


def test_books_add_up_to_the_money_of_all_customers(db, air) -> None:
    for number in range(30):
        air(f"Agency {number % 4}:Customer {number % 11}", TODAY - timedelta(days=11 * number), 100 + number)
    refresh.refresh(db, NOW)
    air("Customer 99", TODAY, 5, ae="Kim")
    refresh.refresh(db, NOW)
    aes = [row[0] for row in db.execute("SELECT id FROM ae ORDER BY id LIMIT 2")] + [None]
    for row in db.execute("SELECT id FROM account ORDER BY id").fetchall():
        db.execute("UPDATE account SET ae_id = ? WHERE id = ?", (aes[row[0] % len(aes)], row[0]))
    db.execute("UPDATE account SET ae_id = ? WHERE agency_id IS NOT NULL", (aes[0],))
    every = standing.accounts(db, TODAY)
    books = [[each for each in every if each.ae_id == ae] for ae in aes if ae is not None]
    covered = {each.id for book in books for each in book if each.kind == "agency"}
    left = [each for each in every if each.ae_id is None and each.kind == "customer" and each.parent_id not in covered]
    whole = sum(each.year_cents for each in every if each.kind == "customer")
    assert sum(standing.money_of(book, every) for book in books) + standing.money_of(left, every) == whole > 0


def test_health_and_tier_are_those_of_the_book(db, air) -> None:
    accounts = [air(f"Customer {number}", date(2026, 3, 2), 1000 - number) for number in range(5)]
    refresh.refresh(db, NOW)
    db.execute("UPDATE account SET ae_id = (SELECT id FROM ae WHERE name = 'House')")
    add(db, accounts[0], NewActivity(Activity.FOLLOW_UP, "call", date(2026, 11, 19)), TODAY, BY)
    add(db, accounts[1], NewActivity(Activity.NOTE, "met"), TODAY, BY)
    found = {each.id: each for each in standing.accounts(db, TODAY)}
    assert [found[each].tier for each in accounts] == ["A", "B", "B", "C", "C"]
    overdue, touched = found[accounts[0]], found[accounts[1]]
    assert (overdue.overdue_follow_ups, overdue.touched_days, overdue.touch) == (1, None, "red")
    assert (touched.overdue_follow_ups, touched.touched_days, touched.touch) == (0, 0, "green")
    assert touched.score - overdue.score == 45  # a touch of today, and nothing overdue
    assert not standing.has(touched, Kind.RENEWAL_GAP)
