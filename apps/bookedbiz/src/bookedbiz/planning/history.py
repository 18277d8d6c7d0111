"""What was entered before: the changes of a month, and the sessions that were saved last."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from bookedbiz.planning.figures import Item
from station_kit import statements

_SQL = statements.load("bookedbiz.planning")


@dataclass(frozen=True)
class Change:
    """One change of one number. Money in cents."""

    item: Item
    old: int | None
    new: int | None
    session_id: int
    saved_at: datetime
    saved_by: str
    source: str
    note: str | None


@dataclass(frozen=True)
class PastSession:
    """Changes that were saved together."""

    id: int
    saved_at: datetime
    saved_by: str
    source: str
    note: str | None
    changes: int


def cell_history(db: sqlite3.Connection, entity_id: int, month: int) -> list[Change]:
    """Every change of an entity's month, newest first."""
    rows = db.execute(_SQL["cell_history"], {"entity_id": entity_id, "month": month})
    return [
        Change(**dict(row) | {"item": Item(row["item"]), "saved_at": datetime.fromisoformat(row["saved_at"])})
        for row in rows
    ]


def last_sessions(db: sqlite3.Connection, count: int) -> list[PastSession]:
    """The sessions that were saved last, newest first."""
    rows = db.execute(_SQL["last_sessions"], {"count": count})
    return [PastSession(**dict(row) | {"saved_at": datetime.fromisoformat(row["saved_at"])}) for row in rows]
