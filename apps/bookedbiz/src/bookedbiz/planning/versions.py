"""Versions of the budget: one is active and is what every report reads; the others lie aside until they are."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from bookedbiz.errors import BookedBizError, Refused
from bookedbiz.months import label
from bookedbiz.names.audit import By, Deed, write_audit
from bookedbiz.names.text import name_key, tidy
from bookedbiz.planning.figures import Item
from bookedbiz.planning.saving import Cell, Session, Wanted, save
from station_kit import statements

LONGEST_NAME = 60
_SQL = statements.load("bookedbiz.planning")

Budgets = dict[tuple[int, int], int]  # cents by entity and month


@dataclass(frozen=True)
class Version:
    """One version; `year_cents` is what its months of the year asked for come to."""

    id: int
    name: str
    active: bool
    made_at: str
    made_by: str
    note: str | None
    year_cents: int


@dataclass(frozen=True)
class Activated:
    """How many budgets changed, and how many of months that are over stayed as they were."""

    changes: int
    kept: int


def versions(db: sqlite3.Connection, year: int) -> list[Version]:
    """Every version, the active one first."""
    rows = db.execute(_SQL["versions"], {"year": year})
    return [Version(**dict(row) | {"active": bool(row["active"])}) for row in rows]


def find_version(db: sqlite3.Connection, version_id: int, year: int = 0) -> Version:
    """The version of that id. BookedBizError when there is none."""
    found = [version for version in versions(db, year) if version.id == version_id]
    if not found:
        raise BookedBizError(f"Nothing changed: there is no budget version {version_id}")
    return found[0]


def budgets_of(db: sqlite3.Connection, version: Version) -> Budgets:
    """All budgets of a version."""
    if version.active:
        rows = db.execute(_SQL["active_budgets"])
    else:
        rows = db.execute(
            "SELECT entity_id, month, budget_cents FROM version_budget WHERE version_id = ?", (version.id,)
        )
    return {(row["entity_id"], row["month"]): row["budget_cents"] for row in rows}


def copy_version(db: sqlite3.Connection, source_id: int, name: str, note: str, by: By) -> int:
    """The id of a new version with the budgets of another one, not active; in the caller's transaction."""
    source, name = find_version(db, source_id), _free_name(db, name)
    row = db.execute(
        "INSERT INTO budget_version (name, key, made_at, made_by, note) VALUES (?, ?, ?, ?, ?) RETURNING id",
        (name, name_key(name), by.at, by.actor, note.strip() or None),
    ).fetchone()
    _put(db, int(row[0]), budgets_of(db, source))
    write_audit(db, by, Deed("budget_version_copy", name, source.name, name, None))
    return int(row[0])


def rename_version(db: sqlite3.Connection, version_id: int, name: str, by: By) -> None:
    """Give a version another name, in the caller's transaction. Refused when one has it."""
    version, name = find_version(db, version_id), _free_name(db, name, version_id)
    db.execute("UPDATE budget_version SET name = ?, key = ? WHERE id = ?", (name, name_key(name), version_id))
    write_audit(db, by, Deed("budget_version_rename", name, version.name, name))


def change_version(db: sqlite3.Connection, version_id: int, wanted: Wanted, by: By) -> int:
    """Change budgets of a version that is not active, in the caller's transaction; how many were different."""
    version = find_version(db, version_id)
    if version.active:
        raise Refused(f"{version.name} is the active budget", "Change it on the budget page, where its history is kept")
    entities = {row[0] for row in db.execute("SELECT id FROM entity")}
    held = budgets_of(db, version)
    changed: dict[str, list[int | None]] = {}
    for cell, new in wanted.items():
        old = held.get((cell.entity_id, cell.month))
        if cell.item is not Item.BUDGET or new == old:
            continue
        if cell.entity_id not in entities:
            raise Refused(f"Budget not saved: there is no entity {cell.entity_id}")
        if new is not None and new < 0:
            raise Refused(f"Budget not saved: {label(cell.month)} is below zero", "Leave a cell empty for no budget")
        changed[f"{cell.entity_id}-{cell.month}"] = [old, new]
        if new is None:
            db.execute(
                "DELETE FROM version_budget WHERE version_id = ? AND entity_id = ? AND month = ?",
                (version_id, cell.entity_id, cell.month),
            )
        else:
            _put(db, version_id, {(cell.entity_id, cell.month): new})
    if changed:
        told = json.dumps({"cells": changed})
        write_audit(db, by, Deed("budget_version_edit", version.name, None, f"{len(changed)} budgets", told))
    return len(changed)


def activate(db: sqlite3.Connection, version_id: int, month: int, by: By, *, change_past: bool = False) -> Activated:
    """Make this version the budget, in the caller's transaction; the one that was lies aside as it was.

    Months before `month`, the current one, keep a budget they have unless `change_past`. Each budget that changes is in
    the history of its cell.
    """
    version = find_version(db, version_id)
    if version.active:
        raise Refused(f"Nothing changed: {version.name} is the active budget")
    active = next(each for each in versions(db, 0) if each.active)
    held, wanted = budgets_of(db, active), budgets_of(db, version)
    cells = {key: wanted.get(key) for key in sorted({*held, *wanted}) if wanted.get(key) != held.get(key)}
    kept = {} if change_past else {key: new for key, new in cells.items() if key[1] < month and key in held}
    _put(db, active.id, held)
    db.execute("DELETE FROM version_budget WHERE version_id = ?", (version_id,))
    db.execute("UPDATE budget_version SET active = 0 WHERE id = ?", (active.id,))
    db.execute("UPDATE budget_version SET active = 1 WHERE id = ?", (version_id,))
    session = Session("budget", month, f"Version {version.name} became the budget", change_past=True)
    changes = {Cell(*key, Item.BUDGET): new for key, new in cells.items() if key not in kept}
    saved = save(db, changes, session, by)
    write_audit(db, by, Deed("budget_version_activate", version.name, active.name, version.name))
    return Activated(saved.changes, len(kept))


def drop_version(db: sqlite3.Connection, version_id: int, by: By) -> None:
    """Throw away a version that is not active, in the caller's transaction; its budgets stay in the audit."""
    version = find_version(db, version_id)
    if version.active:
        raise Refused(f"{version.name} is the active budget", "Make another version active first")
    told = json.dumps(
        {"cells": {f"{entity}-{month}": cents for (entity, month), cents in budgets_of(db, version).items()}}
    )
    db.execute("DELETE FROM version_budget WHERE version_id = ?", (version_id,))
    db.execute("DELETE FROM budget_version WHERE id = ?", (version_id,))
    write_audit(db, by, Deed("budget_version_drop", version.name, version.name, None, told))


def _put(db: sqlite3.Connection, version_id: int, budgets: Mapping[tuple[int, int], int]) -> None:
    db.executemany(
        "INSERT OR REPLACE INTO version_budget (version_id, entity_id, month, budget_cents) VALUES (?, ?, ?, ?)",
        [(version_id, *key, cents) for key, cents in budgets.items()],
    )


def _free_name(db: sqlite3.Connection, name: str, own_id: int = 0) -> str:
    name = tidy(name)[:LONGEST_NAME]
    if not name:
        raise Refused("Nothing changed: a version needs a name", "Give it one, such as Budget 2027, second draft")
    if db.execute("SELECT 1 FROM budget_version WHERE key = ? AND id <> ?", (name_key(name), own_id)).fetchone():
        raise Refused(f"Nothing changed: there is a version {name} already", "Give it another name")
    return name
