"""Change plans: all of a session or nothing, each change kept with old and new value, and the session audited."""

import sqlite3
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import NamedTuple

from bookedbiz.errors import Refused
from bookedbiz.months import label
from bookedbiz.names.audit import By, Deed, write_audit
from bookedbiz.planning.figures import Item, Plan
from bookedbiz.planning.plans import entities, load_plans
from station_kit import statements

_SQL = statements.load("bookedbiz.planning")
_MOST_NAMED = 5
LONGEST_NOTE = 500


class Cell(NamedTuple):
    """One number that can be entered."""

    entity_id: int
    month: int
    item: Item


Wanted = Mapping[Cell, int | None]  # cents, or accounts; None = nothing entered


@dataclass(frozen=True)
class Session:
    """How plans are changed. `month` is the current one. `seen`: the last session that was saved when the person began;
    None: they looked at the plans this very moment. `change_past`: budgets of past months may change, too."""

    source: str
    month: int
    note: str = ""
    seen: int | None = None
    change_past: bool = False


@dataclass(frozen=True)
class Saved:
    """What came of it. `session_id` is None when nothing was different."""

    session_id: int | None
    changes: int


def save(db: sqlite3.Connection, wanted: Wanted, session: Session, by: By) -> Saved:
    """Make the plans what is wanted, in the caller's transaction. Refused, with every cell that speaks against it:
    a past month, a value below zero, an entity that does not exist, a cell somebody else has changed meanwhile."""
    if not wanted:
        return Saved(None, 0)
    plans = load_plans(db, min(cell.month for cell in wanted), max(cell.month for cell in wanted))
    changes = _changes(db, wanted, plans, session)
    if not changes:
        return Saved(None, 0)
    _require_allowed(db, changes, session)
    row = db.execute(
        "INSERT INTO plan_session (saved_at, saved_by, source, note) VALUES (?, ?, ?, ?) RETURNING id",
        (by.at, by.actor, session.source, session.note.strip()[:LONGEST_NOTE] or None),
    ).fetchone()
    session_id = int(row[0])
    _store(db, session_id, changes, plans)
    write_audit(db, by, Deed("plan_save", f"session {session_id}", None, _words(session, len(changes))))
    return Saved(session_id, len(changes))


def last_session_id(db: sqlite3.Connection) -> int:
    """The newest session; 0 before the first."""
    return int(db.execute("SELECT coalesce(max(id), 0) FROM plan_session").fetchone()[0])


class _Change(NamedTuple):
    cell: Cell
    old: int | None
    new: int | None


def _changes(
    db: sqlite3.Connection, wanted: Wanted, plans: Mapping[tuple[int, int], Plan], session: Session
) -> list[_Change]:
    """What differs. What the person left as they saw it stays as somebody else has changed it meanwhile."""
    meanwhile = _changed_since(db, session.seen)
    changes, lost = [], []
    for cell, new in wanted.items():
        old = plans.get((cell.entity_id, cell.month), Plan()).entered(cell.item)
        if new == old:
            continue
        if cell in meanwhile:
            was, saved_by = meanwhile[cell]
            if new != was:
                lost.append(f"{label(cell.month)} by {saved_by}")
            continue
        changes.append(_Change(cell, old, new))
    if lost:
        raise Refused(
            f"Plans not saved: changed meanwhile: {_named(lost)}", "Look at the page anew, then enter yours again"
        )
    return changes


def _changed_since(db: sqlite3.Connection, seen: int | None) -> dict[Cell, tuple[int | None, str]]:
    if seen is None:
        return {}
    rows = db.execute(_SQL["changed_since"], {"seen": seen})
    return {Cell(row["entity_id"], row["month"], Item(row["item"])): (row["was"], str(row["saved_by"])) for row in rows}


def _require_allowed(db: sqlite3.Connection, changes: list[_Change], session: Session) -> None:
    names = {entity.id: entity.name for entity in entities(db)}
    for change in changes:
        if change.cell.entity_id not in names:
            raise Refused(f"Plans not saved: there is no entity {change.cell.entity_id}")
        if change.new is not None and change.new < 0:
            raise Refused(
                f"Plans not saved: {names[change.cell.entity_id]}, {label(change.cell.month)} is below zero",
                "Leave a cell empty to enter nothing",
            )
    closed = [
        f"{names[change.cell.entity_id]} {label(change.cell.month)}"
        for change in changes
        if change.cell.month < session.month and not _may_change_past(change, session)
    ]
    if closed:
        raise Refused(
            f"Plans not saved: a month that is over cannot be changed: {_named(closed)}",
            "A budget that was never entered can be, for any month",
        )


def _may_change_past(change: _Change, session: Session) -> bool:
    """Of the past only a budget that nobody had entered, or what is corrected on purpose."""
    return change.cell.item is Item.BUDGET and (change.old is None or session.change_past)


def _store(
    db: sqlite3.Connection, session_id: int, changes: list[_Change], plans: Mapping[tuple[int, int], Plan]
) -> None:
    db.executemany(
        "INSERT INTO plan_change (session_id, entity_id, month, item, old, new) VALUES (?, ?, ?, ?, ?, ?)",
        ((session_id, cell.entity_id, cell.month, cell.item.value, old, new) for cell, old, new in changes),
    )
    by_month: dict[tuple[int, int], dict[str, int | None]] = defaultdict(dict)
    for cell, _, new in changes:
        by_month[(cell.entity_id, cell.month)][cell.item.value] = new
    for (entity_id, month), entered in by_month.items():
        plan = replace(plans.get((entity_id, month), Plan()), **entered)  # type: ignore[arg-type]  # items are its fields
        if all(plan.entered(item) is None for item in Item):
            db.execute("DELETE FROM plan WHERE entity_id = ? AND month = ?", (entity_id, month))
        else:
            db.execute(_SQL["store_plan"], asdict(plan) | {"entity_id": entity_id, "month": month})


def _words(session: Session, changes: int) -> str:
    words = f"{session.source}: {changes} {'cell' if changes == 1 else 'cells'}"
    return f"{words}; {session.note.strip()[:LONGEST_NOTE]}" if session.note.strip() else words


def _named(cells: list[str]) -> str:
    named = ", ".join(cells[:_MOST_NAMED])
    return named if len(cells) <= _MOST_NAMED else f"{named} and {len(cells) - _MOST_NAMED} more"
