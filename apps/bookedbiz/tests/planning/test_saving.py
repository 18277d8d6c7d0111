"""Plans are saved as a session, all or nothing, and nothing that was entered is ever forgotten."""

import sqlite3

import pytest

from bookedbiz.errors import Refused
from bookedbiz.names.audit import By
from bookedbiz.names.directory import create_ae
from bookedbiz.planning.figures import Item, Plan
from bookedbiz.planning.history import cell_history
from bookedbiz.planning.plans import load_plans
from bookedbiz.planning.saving import Cell, Saved, Session, last_session_id, save
from station_kit import statements
from station_kit.sqlitefile import transaction

BY = By("pat@station.example", "2026-11-20T20:00:00.000Z")
OTHER = By("kim@station.example", "2026-11-20T21:00:00.000Z")
NOVEMBER = 202611


@pytest.fixture
def avery(ledger: sqlite3.Connection) -> int:
    create_ae(ledger, "Avery Quill", BY)
    return int(ledger.execute("SELECT id FROM entity WHERE name = 'Avery Quill'").fetchone()[0])


def put(db, entity_id, item, amounts, *, by=BY, **session) -> Saved:
    wanted = {Cell(entity_id, month, item): cents for month, cents in amounts.items()}
    with transaction(db):
        return save(db, wanted, Session(**{"source": "planning", "month": NOVEMBER} | session), by)


def test_every_change_is_kept_with_who_and_when_and_why(ledger, avery) -> None:
    put(ledger, avery, Item.FORECAST, {202612: 100_00}, note="kick-off")
    put(ledger, avery, Item.FORECAST, {202612: 120_00}, by=OTHER)
    assert load_plans(ledger, 202612, 202612) == {(avery, 202612): Plan(forecast=120_00)}
    found = [(each.old, each.new, each.saved_by, each.note) for each in cell_history(ledger, avery, 202612)]
    assert found == [(100_00, 120_00, OTHER.actor, None), (None, 100_00, BY.actor, "kick-off")]
    audited = ledger.execute("SELECT actor, new FROM audit WHERE action = 'plan_save' ORDER BY id").fetchall()
    assert [tuple(row) for row in audited] == [
        (BY.actor, "planning: 1 cell; kick-off"),
        (OTHER.actor, "planning: 1 cell"),
    ]


def test_saving_what_is_there_already_is_no_session(ledger, avery) -> None:
    put(ledger, avery, Item.BUDGET, {202612: 0})
    assert put(ledger, avery, Item.BUDGET, {202612: 0, 202701: None}) == Saved(None, 0)
    assert last_session_id(ledger) == 1


def test_an_emptied_cell_is_no_plan_any_more_and_zero_is_one(ledger, avery) -> None:
    put(ledger, avery, Item.FORECAST, {202612: 100_00, 202701: 50_00})
    put(ledger, avery, Item.FORECAST, {202612: None, 202701: 0})
    assert load_plans(ledger, 202612, 202701) == {(avery, 202701): Plan(forecast=0)}


def test_items_of_a_month_do_not_touch_each_other(ledger, avery) -> None:
    for item, amount in ((Item.BUDGET, 9), (Item.FORECAST, 8), (Item.NEW_ACCOUNTS, 7), (Item.NEW_DOLLARS, 6)):
        put(ledger, avery, item, {202612: amount})
    put(ledger, avery, Item.FORECAST, {202612: None})
    assert load_plans(ledger, 202612, 202612)[(avery, 202612)] == Plan(9, None, 7, 6)


@pytest.mark.parametrize("item", [Item.FORECAST, Item.NEW_ACCOUNTS, Item.NEW_DOLLARS])
def test_a_month_that_is_over_takes_no_forecast(ledger, avery, item) -> None:
    with pytest.raises(Refused, match="a month that is over cannot be changed: Avery Quill Oct-26"):
        put(ledger, avery, item, {202612: 5, 202610: 5})
    assert load_plans(ledger, 202601, 202612) == {}
    put(ledger, avery, item, {202611: 5})


def test_a_past_budget_can_be_entered_once_and_changed_only_on_purpose(ledger, avery) -> None:
    put(ledger, avery, Item.BUDGET, {202601: 500_00}, source="budget")
    with pytest.raises(Refused, match="Jan-26"):
        put(ledger, avery, Item.BUDGET, {202601: 400_00}, source="budget")
    put(ledger, avery, Item.BUDGET, {202601: 400_00}, source="import", change_past=True)
    assert load_plans(ledger, 202601, 202601)[(avery, 202601)].budget == 400_00


def test_what_somebody_else_has_changed_meanwhile_is_not_overwritten(ledger, avery) -> None:
    put(ledger, avery, Item.FORECAST, {202612: 100_00, 202701: 10_00})
    seen = last_session_id(ledger)
    put(ledger, avery, Item.FORECAST, {202612: 130_00}, by=OTHER)
    with pytest.raises(Refused, match="changed meanwhile: Dec-26 by kim@"):
        put(ledger, avery, Item.FORECAST, {202612: 90_00}, seen=seen)
    untouched = put(ledger, avery, Item.FORECAST, {202612: 100_00, 202701: 20_00}, seen=seen)
    assert untouched.changes == 1
    assert load_plans(ledger, 202612, 202612)[(avery, 202612)].forecast == 130_00


def test_nonsense_is_refused_as_a_whole(ledger, avery) -> None:
    with pytest.raises(Refused, match="below zero"):
        put(ledger, avery, Item.BUDGET, {202612: -1})
    with pytest.raises(Refused, match="no entity 999"):
        put(ledger, 999, Item.BUDGET, {202612: 1})
    assert last_session_id(ledger) == 0


@pytest.mark.parametrize("sql", ["UPDATE plan_change SET new = 1", "DELETE FROM plan_change"])
def test_the_history_cannot_be_rewritten(ledger, avery, sql) -> None:
    put(ledger, avery, Item.BUDGET, {202612: 5})
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        ledger.execute(sql)


@pytest.mark.parametrize("package", ["bookedbiz.planning", "bookedbiz.exports"])
def test_every_statement_fits_the_schema(ledger, package) -> None:
    assert statements.compile_errors(ledger, statements.load(package)) == []
