"""Versions of the budget: one is active and in every report; the others lie aside as they were left."""

import sqlite3
from typing import Any

import pytest

from bookedbiz.errors import Refused
from bookedbiz.exports.plan_rows import plan_rows
from bookedbiz.importing.checks import check_ledger
from bookedbiz.names.audit import By
from bookedbiz.planning.figures import Item, Plan
from bookedbiz.planning.history import cell_history
from bookedbiz.planning.plans import entities, load_plans
from bookedbiz.planning.saving import Cell, Session, save
from bookedbiz.planning.versions import (
    activate,
    budgets_of,
    change_version,
    copy_version,
    drop_version,
    find_version,
    rename_version,
    versions,
)
from bookedbiz.reports.filters import Filters
from bookedbiz.reports.plans import planned

BY = By("boss", "2026-11-20T20:00:00.000Z")
NOW = 202611
WORLDLINK = 1


@pytest.fixture
def db(ledger: sqlite3.Connection) -> sqlite3.Connection:
    """WorldLink has 1,000 for October and December."""
    budgets = {Cell(WORLDLINK, month, Item.BUDGET): 100_000 for month in (202610, 202612)}
    save(ledger, budgets, Session("budget", NOW), BY)
    return ledger


def budget(db: sqlite3.Connection, month: int) -> int | None:
    return load_plans(db, month, month).get((WORLDLINK, month), Plan()).budget


def healthy(db: sqlite3.Connection) -> bool:
    return all(check.passed for check in check_ledger(db))


def test_a_ledger_has_one_active_budget_from_the_first(ledger) -> None:
    assert [(version.name, version.active) for version in versions(ledger, 2026)] == [("Budget", True)]


def test_a_copy_is_changed_and_nothing_reads_it_until_it_is_active(db) -> None:
    copy = copy_version(db, 1, "  Second  draft ", "for the board", BY)
    wanted = {Cell(WORLDLINK, 202612, Item.BUDGET): 150_000, Cell(WORLDLINK, 202701, Item.BUDGET): 70_000}
    assert change_version(db, copy, wanted, BY) == 2
    assert change_version(db, copy, wanted, BY) == 0
    assert (budget(db, 202612), budget(db, 202701)) == (100_000, None)
    assert [(each.name, each.year_cents) for each in versions(db, 2026)] == [
        ("Budget", 200_000),
        ("Second draft", 250_000),
    ]
    assert activate(db, copy, NOW, BY).changes == 2
    assert (budget(db, 202612), budget(db, 202701)) == (150_000, 70_000)
    assert [each.active for each in versions(db, 2026)] == [True, False]
    assert cell_history(db, WORLDLINK, 202612)[0].note == "Version Second draft became the budget"
    assert healthy(db)


def test_reports_and_exports_read_the_active_version(db) -> None:
    copy = copy_version(db, 1, "Draft", "", BY)
    change_version(db, copy, {Cell(WORLDLINK, 202612, Item.BUDGET): 150_000}, BY)

    def shown() -> tuple[Any, Any]:
        report = planned(db, Filters(2026), 202612, 202612)["WorldLink"][202612].budget
        rows = plan_rows(entities(db), load_plans(db, 202601, 202612), 2026)
        return report, next(row.budget for row in rows if row.ae1 == "WorldLink" and row.month == 202612)

    assert shown() == (100_000, 100_000)
    activate(db, copy, NOW, BY)
    assert shown() == (150_000, 150_000)


def test_what_was_active_comes_back_as_it_was(db) -> None:
    before = budgets_of(db, find_version(db, 1))
    copy = copy_version(db, 1, "Draft", "", BY)
    change_version(db, copy, {Cell(WORLDLINK, 202612, Item.BUDGET): None}, BY)
    activate(db, copy, NOW, BY)
    assert budget(db, 202612) is None
    activate(db, 1, NOW, BY)
    assert budgets_of(db, find_version(db, 1)) == before
    assert healthy(db)


def test_a_month_that_is_over_keeps_its_budget_unless_asked(db) -> None:
    copy = copy_version(db, 1, "Draft", "", BY)
    change_version(
        db, copy, {Cell(WORLDLINK, 202610, Item.BUDGET): 5_000, Cell(WORLDLINK, 202609, Item.BUDGET): 7_000}, BY
    )
    done = activate(db, copy, NOW, BY)
    assert (done.changes, done.kept) == (1, 1)  # September had none
    assert (budget(db, 202609), budget(db, 202610)) == (7_000, 100_000)
    second = copy_version(db, copy, "Third", "", BY)
    change_version(db, second, {Cell(WORLDLINK, 202610, Item.BUDGET): 5_000}, BY)
    assert activate(db, second, NOW, BY, change_past=True).kept == 0
    assert budget(db, 202610) == 5_000
    assert healthy(db)


def test_what_makes_no_sense_is_refused(db) -> None:
    copy = copy_version(db, 1, "Draft", "", BY)
    for wrong in (
        lambda: copy_version(db, 1, "DRAFT", "", BY),
        lambda: copy_version(db, 1, "  ", "", BY),
        lambda: rename_version(db, 1, "draft", BY),
        lambda: drop_version(db, 1, BY),
        lambda: activate(db, 1, NOW, BY),
        lambda: change_version(db, 1, {Cell(WORLDLINK, 202612, Item.BUDGET): 1}, BY),
        lambda: change_version(db, copy, {Cell(WORLDLINK, 202612, Item.BUDGET): -1}, BY),
        lambda: change_version(db, copy, {Cell(999, 202612, Item.BUDGET): 1}, BY),
    ):
        with pytest.raises(Refused):
            wrong()
    rename_version(db, copy, "Better", BY)
    drop_version(db, copy, BY)
    assert [version.name for version in versions(db, 2026)] == ["Budget"]
    actions = [row[0] for row in db.execute("SELECT action FROM audit WHERE action LIKE 'budget_version%' ORDER BY id")]
    assert actions == ["budget_version_copy", "budget_version_rename", "budget_version_drop"]


@pytest.mark.parametrize(
    ("damage", "name"),
    [
        ("UPDATE plan SET budget_cents = budget_cents + 1", "plans are what their history says"),
        ("DELETE FROM plan WHERE month = 202612", "plans are what their history says"),
        (
            "INSERT INTO plan (entity_id, month, forecast_cents) VALUES (1, 202701, 5)",
            "plans are what their history says",
        ),
        (
            """INSERT INTO plan_change (session_id, entity_id, month, item, old, new)
               VALUES (1, 1, 202612, 'budget', 5, 100000)""",
            "every change of a plan begins where the last ended",
        ),
        ("UPDATE budget_version SET active = 0", "one budget version is active"),
    ],
)
def test_check_notices_a_plan_that_was_tampered_with_and_says_what_to_do(db, damage: str, name: str) -> None:
    assert healthy(db)
    db.execute(damage)
    failed = [check for check in check_ledger(db) if not check.passed]
    assert [check.name for check in failed] == [name]
    assert "enter it again" in failed[0].what_to_do
