"""Who changed what, in the one table that nobody can change."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from pivision.moments import utc_text


@dataclass(frozen=True)
class By:
    """Who does it, and when."""

    who: str
    now: datetime

    @property
    def at(self) -> str:
        return utc_text(self.now)


def note(
    db: sqlite3.Connection, by: By, action: str, key: str, *, old: str | None = None, new: str | None = None
) -> None:
    """Write it down, in the caller's transaction. Never a secret."""
    db.execute(
        "INSERT INTO audit (at, actor, action, key, old, new) VALUES (?, ?, ?, ?, ?, ?)",
        (by.at, by.who, action, key, old, new),
    )
