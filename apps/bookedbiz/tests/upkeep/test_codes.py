"""A code that was seen for the first time counts at once; later somebody says what it is, and can take that back."""

import sqlite3

import pytest

from bookedbiz.errors import Refused
from bookedbiz.importing.checks import check_ledger
from bookedbiz.names.audit import By
from bookedbiz.names.undoing import undo_deed
from bookedbiz.reports import booked
from bookedbiz.reports.filters import Filters
from bookedbiz.upkeep import codes
from station_kit import statements

BY = By("clerk@station.example", "2026-11-20T20:00:00Z")


@pytest.fixture
def imported(ledger, import_file, write_log, line) -> sqlite3.Connection:
    import_file(
        write_log(
            [
                line(market="phx", gross_rate=300.0),
                line(market="PHX ", gross_rate=20.0, broadcast_month="Dec-26"),
                line(language="X9"),
                line(spot_type="ZZ", gross_rate=0.0),
                line(revenue_type="Barter", gross_rate=700.0),
            ]
        )
    )
    return ledger


def waits(db: sqlite3.Connection, code: str) -> codes.Waiting:
    return next(each for each in codes.waiting_codes(db) if each.code == code)


def shown(db: sqlite3.Connection, column: str) -> set[str]:
    return {row[0] for row in db.execute(f"SELECT DISTINCT {column} FROM revenue")}


def whole(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT sum(gross_cents) FROM revenue").fetchone()[0])


def last_undo(db: sqlite3.Connection) -> None:
    undo_deed(db, db.execute("SELECT max(id) FROM audit WHERE extra IS NOT NULL").fetchone()[0], BY)


def target(db: sqlite3.Connection, kind: str, code: str) -> int:
    return next(each[0] for each in codes.targets(db)[kind] if each[1] == code)


def test_every_named_statement_runs_on_this_schema(ledger) -> None:
    assert statements.compile_errors(ledger, statements.load("bookedbiz.upkeep")) == []


def test_codes_wait_with_what_hangs_on_them_the_most_money_first(imported) -> None:
    found = [(each.word, each.code, each.spots, each.gross_cents) for each in codes.waiting_codes(imported)]
    assert found == [
        ("revenue type", "Barter", 1, 70_000),
        ("market", "PHX", 2, 32_000),
        ("language", "X9", 1, 10_000),
        ("type", "ZZ", 1, 0),
    ]
    assert (waits(imported, "PHX").first_month, waits(imported, "PHX").last_month) == (202611, 202612)


def test_a_confirmed_code_waits_no_more_and_later_imports_know_it(imported, import_file, write_log, line) -> None:
    codes.confirm(imported, "market", waits(imported, "PHX").id, BY, {"name": "Phoenix"})
    assert "PHX" not in {each.code for each in codes.waiting_codes(imported)}
    report = import_file(write_log([line(market="PHX")], name="next.xlsx"), accept_drop=True)
    assert "unknown_market" not in report.issues


def test_a_code_that_means_another_one_is_shown_as_that_one_now_and_later(
    imported, import_file, write_log, line
) -> None:
    before = whole(imported)
    codes.read_as(imported, "market", waits(imported, "PHX").id, target(imported, "market", "SEA"), BY)
    codes.read_as(imported, "language", waits(imported, "X9").id, target(imported, "language", "K"), BY)
    codes.read_as(imported, "spot_type", waits(imported, "ZZ").id, target(imported, "spot_type", "BNS"), BY)
    assert shown(imported, "market") == {"SEA", "SFO"}
    assert shown(imported, "language") == {"Korean", "Mandarin"}
    assert "BNS" in shown(imported, "spot_type")
    assert whole(imported) == before
    report = import_file(write_log([line(market="phx", language="x9")], name="next.xlsx"), accept_drop=True)
    assert report.issues == {}
    assert shown(imported, "market") == {"SEA"}  # the December row stands by its month
    assert shown(imported, "language") == {"Korean", "Mandarin"}
    assert not {"PHX", "X9"} & set(booked.choices(imported, Filters(2026)).markets)
    assert all(check.passed for check in check_ledger(imported))


def test_a_revenue_type_that_means_trade_is_no_revenue_and_can_be_again(imported) -> None:
    before = whole(imported)
    codes.read_as(imported, "revenue_type", waits(imported, "Barter").id, target(imported, "revenue_type", "Trade"), BY)
    assert whole(imported) == before - 70_000
    assert imported.execute("SELECT sum(gross_cents) FROM barter").fetchone()[0] == 70_000
    last_undo(imported)
    assert whole(imported) == before
    assert waits(imported, "Barter").gross_cents == 70_000


def test_a_new_kind_of_barter_is_no_revenue_either(imported) -> None:
    before = whole(imported)
    codes.confirm(imported, "revenue_type", waits(imported, "Barter").id, BY, {"trade": "yes"})
    assert whole(imported) == before - 70_000


def test_what_was_said_of_a_code_is_audited_and_taken_back(imported) -> None:
    codes.confirm(imported, "language", waits(imported, "X9").id, BY, {"name": "Xhosa", "group": "African"})
    assert "Xhosa" in shown(imported, "language")
    line = imported.execute("SELECT actor, key, new FROM audit WHERE action = 'code_confirm'").fetchone()
    assert tuple(line) == (BY.actor, "language X9", "Xhosa")
    last_undo(imported)
    assert waits(imported, "X9").spots == 1
    assert "X9" in shown(imported, "language")


@pytest.mark.parametrize(
    "say",
    [
        lambda db: codes.confirm(db, "market", 1, BY, {"name": "Seattle"}),
        lambda db: codes.confirm(db, "language", waits(db, "X9").id, BY, {"name": " "}),
        lambda db: codes.read_as(db, "market", waits(db, "PHX").id, waits(db, "PHX").id, BY),
        lambda db: codes.read_as(db, "market", waits(db, "PHX").id, 12, BY),  # CHI itself is shown as CMP
        lambda db: codes.wait_again(db, "market", 1, BY),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(imported, say) -> None:
    before = list(imported.iterdump())
    with pytest.raises(Refused):
        say(imported)
    assert list(imported.iterdump()) == before
