"""Names for addresses of reports: a person's own, and those that somebody shares; whatever a page filters by."""

import sqlite3
from dataclasses import dataclass
from typing import Final

from bookedbiz.errors import BookedBizError, Refused
from bookedbiz.names.audit import By, Deed, write_audit

LONGEST_NAME: Final = 80
LONGEST_QUERY: Final = 2_000
MOST: Final = 100  # of one person


@dataclass(frozen=True)
class SavedFilter:
    """One name. `is_mine`: of who asks; others' are there because they are shared."""

    id: int
    name: str
    path: str
    query: str
    shared: bool
    is_mine: bool
    owner: str

    @property
    def address(self) -> str:
        return f"{self.path}?{self.query}" if self.query else self.path


def saved_filters(db: sqlite3.Connection, user_id: int) -> list[SavedFilter]:
    """That person's, and what others share; by name."""
    rows = db.execute(
        """SELECT saved_filter.id, name, path, query, shared, user_id = :user_id AS is_mine,
                  trim(user.first_name || ' ' || user.last_name) AS owner
           FROM saved_filter JOIN user ON user.id = user_id
           WHERE user_id = :user_id OR (shared AND user.active) ORDER BY name COLLATE NOCASE, saved_filter.id""",
        {"user_id": user_id},
    )
    return [SavedFilter(row[0], row[1], row[2], row[3], bool(row[4]), bool(row[5]), row[6]) for row in rows]


def save_filter(db: sqlite3.Connection, user_id: int, new: SavedFilter, by: By) -> None:
    """Keep it under that name, in the caller's transaction; a person's older one of the same name is replaced."""
    name = " ".join(new.name.split())[:LONGEST_NAME]
    if not name:
        raise Refused("Filter not saved: it has no name")
    if len(new.query) > LONGEST_QUERY:
        raise Refused("Filter not saved: the address is too long")
    held = db.execute("SELECT count(*) FROM saved_filter WHERE user_id = ? AND name <> ?", (user_id, name)).fetchone()
    if held[0] >= MOST:
        raise Refused(f"Filter not saved: there are {MOST} already", "Remove one first")
    db.execute(
        """INSERT INTO saved_filter (user_id, name, path, query, shared, created_at) VALUES (?, ?, ?, ?, ?, ?)
           ON CONFLICT (user_id, name) DO UPDATE
           SET path = excluded.path, query = excluded.query, shared = excluded.shared""",
        (user_id, name, new.path, new.query, new.shared, by.at),
    )
    said = f"{new.address}{', shared' if new.shared else ''}"
    write_audit(db, by, Deed("saved_filter", name, None, said))


def drop_filter(db: sqlite3.Connection, user_id: int, filter_id: int, by: By) -> str:
    """Remove a person's own; its path. BookedBizError when it is not theirs."""
    row = db.execute(
        "DELETE FROM saved_filter WHERE id = ? AND user_id = ? RETURNING name, path, query", (filter_id, user_id)
    ).fetchone()
    if row is None:
        raise BookedBizError("Filter not removed: it is not yours, or no longer there")
    write_audit(db, by, Deed("saved_filter", row[0], f"{row[1]}?{row[2]}", None))
    return str(row[1])
