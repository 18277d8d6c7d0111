"""Who did what to the names and the users: the append-only audit."""

import sqlite3
from typing import NamedTuple


class By(NamedTuple):
    """Who acts, and when (UTC, ISO-8601 text)."""

    actor: str
    at: str


class Deed(NamedTuple):
    """What was done to what."""

    action: str
    key: str
    old: str | None = None
    new: str | None = None
    extra: str | None = None  # JSON: what taking it back needs


def write_audit(db: sqlite3.Connection, by: By, deed: Deed) -> None:
    """Add a line to the audit, in the caller's transaction."""
    db.execute(
        "INSERT INTO audit (at, actor, action, key, old, new, extra) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (by.at, by.actor, *deed),
    )
