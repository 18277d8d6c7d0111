"""What is expected of sectors must add up to the budget of the month, and the page says whether it does."""

import sqlite3

import pytest

from bookedbiz.errors import Refused
from bookedbiz.names.audit import By
from bookedbiz.planning.figures import Item
from bookedbiz.planning.plans import load_plans
from bookedbiz.planning.saving import Cell, Session, save
from bookedbiz.planning.sector_year import sector_year
from bookedbiz.planning.sectors import (
    Key,
    State,
    balances,
    load_expectations,
    save_expectations,
    sector_names,
    wanted_of,
)
from station_kit import statements

BY = By("boss", "2026-11-20T20:00:00.000Z")
NOW, WORLDLINK = 202611, 1


@pytest.fixture
def db(ledger: sqlite3.Connection) -> sqlite3.Connection:
    save(ledger, {Cell(WORLDLINK, 202612, Item.BUDGET): 100_000}, Session("budget", NOW), BY)
    return ledger


def state(db: sqlite3.Connection, month: int = 202612) -> tuple[State, int]:
    budgets = {key: plan.budget for key, plan in load_plans(db, 202601, 202612).items()}
    found = balances(load_expectations(db, 202601, 202612), budgets, WORLDLINK, [month])[month]
    return found.state, found.difference


def test_a_month_is_balanced_under_or_over_with_the_difference(db) -> None:
    first, second = list(sector_names(db))[:2]
    assert state(db) == (State.NOTHING, -100_000)
    save_expectations(db, {Key(WORLDLINK, first, 202612): 60_000}, NOW, BY)
    assert state(db) == (State.UNDER, -40_000)
    save_expectations(db, {Key(WORLDLINK, second, 202612): 40_000}, NOW, BY)
    assert state(db) == (State.BALANCED, 0)
    assert save_expectations(db, {Key(WORLDLINK, second, 202612): 40_001}, NOW, BY) == 1
    assert state(db) == (State.OVER, 1)
    assert save_expectations(db, {Key(WORLDLINK, second, 202612): 40_001}, NOW, BY) == 0
    save_expectations(db, {Key(WORLDLINK, first, 202612): None, Key(WORLDLINK, second, 202612): None}, NOW, BY)
    assert state(db)[0] is State.NOTHING
    told = [row[0] for row in db.execute("SELECT extra FROM audit WHERE action = 'sector_expectation' ORDER BY id")]
    assert len(told) == 4
    assert f'"{second}-202612": [40000, 40001]' in told[2]


@pytest.mark.parametrize(
    "wrong",
    [
        {Key(WORLDLINK, 1, 202610): 1},
        {Key(WORLDLINK, 1, 202612): -1},
        {Key(99, 1, 202612): 1},
        {Key(WORLDLINK, 999, 202612): 1},
    ],
)
def test_what_makes_no_sense_is_refused(db, wrong) -> None:
    with pytest.raises(Refused):
        save_expectations(db, wrong, NOW, BY)
    assert load_expectations(db, 202601, 202612) == {}


def test_a_form_names_what_is_no_number() -> None:
    assert wanted_of({"sector-1-2-202612": "1,250", "sector-1-3-202612": "", "note": "x"}) == {
        Key(1, 2, 202612): 125_000,
        Key(1, 3, 202612): None,
    }
    with pytest.raises(Refused, match="Dec-26"):
        wanted_of({"sector-1-2-202612": "much"})


def test_the_year_by_sector_adds_up_to_what_is_expected_and_booked(sample_database) -> None:
    from contextlib import closing

    from station_kit.sqlitefile import open_database

    with closing(open_database(sample_database, read_only=True)) as db:
        table = sector_year(db, 2026).sectors
        booked = db.execute("SELECT sum(gross_cents) FROM revenue WHERE month / 100 = 2026").fetchone()[0]
    assert table.totals[0].cells[-2] == booked
    assert sum(int(row.cells[-2] or 0) for row in table.body) == booked


def test_the_year_by_entity_counts_months(db) -> None:
    save_expectations(db, {Key(WORLDLINK, 1, 202612): 60_000, Key(WORLDLINK, 1, 202611): 5}, NOW, BY)
    row = next(row for row in sector_year(db, 2026).entities.rows if row.cells[0] == "WorldLink")
    assert row.cells[1:] == (100_000, 60_005, -39_995, 0, 1, 1, 10)
    assert sector_year(db, 2026).sectors.totals[0].cells[-3] == 60_005


def test_every_named_statement_of_planning_runs_on_this_schema(ledger) -> None:
    assert statements.compile_errors(ledger, statements.load("bookedbiz.planning")) == []
