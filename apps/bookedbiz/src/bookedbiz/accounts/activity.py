"""What was said and done on accounts, and what is to be done: written with an audit, acknowledging signals."""

import sqlite3
from dataclasses import dataclass
from datetime import date

from bookedbiz.accounts.entry import NewActivity
from bookedbiz.accounts.queue import acknowledge_all
from bookedbiz.errors import BookedBizError, Refused
from bookedbiz.names.audit import By, Deed, write_audit
from station_kit.statements import load

_SQL = load("bookedbiz.accounts")
MOST = 500


@dataclass(frozen=True)
class Done:
    """One activity as pages show it. `account` is its name where several accounts are listed."""

    id: int
    account_id: int
    kind: str
    text: str
    author: str
    at: str
    due_on: str | None
    done_at: str | None
    contact: str | None
    account: str

    @property
    def is_open(self) -> bool:
        return self.due_on is not None and self.done_at is None


def add(db: sqlite3.Connection, account_id: int, new: NewActivity, today: date, by: By) -> int:
    """Write an activity, in the caller's transaction; new signals of the account are acknowledged. Its id."""
    name = account_name(db, account_id)
    if new.contact_id is not None and not _is_of(db, new.contact_id, account_id):
        raise BookedBizError("Nothing written: that contact is not of this account")
    row = db.execute(
        """INSERT INTO activity (account_id, kind, text, contact_id, author, at, due_on)
           VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id""",
        (
            account_id,
            new.kind.value,
            new.text,
            new.contact_id,
            by.actor,
            by.at,
            new.due_on.isoformat() if new.due_on else None,
        ),
    ).fetchone()
    due = f" (due {new.due_on.isoformat()})" if new.due_on else ""
    write_audit(db, by, Deed("activity", name, None, f"{new.kind}: {new.text}{due}"))
    acknowledge_all(db, account_id, today, by)
    return int(row[0])


def complete(db: sqlite3.Connection, activity_id: int, today: date, by: By) -> int:
    """Say that a follow-up is done; its account. Refused when it is already, or is no follow-up."""
    row = require_activity(db, activity_id)
    if row["due_on"] is None or row["done_at"] is not None:
        raise Refused("Nothing completed: that is no open follow-up")
    db.execute("UPDATE activity SET done_at = ?, done_by = ? WHERE id = ?", (by.at, by.actor, activity_id))
    write_audit(db, by, Deed("activity_done", account_name(db, row["account_id"]), row["text"], "done"))
    acknowledge_all(db, row["account_id"], today, by)
    return int(row["account_id"])


def postpone(db: sqlite3.Connection, activity_id: int, due_on: date, by: By) -> int:
    """Give an open follow-up another day; its account."""
    row = require_activity(db, activity_id)
    if row["due_on"] is None or row["done_at"] is not None:
        raise Refused("Nothing postponed: that is no open follow-up")
    db.execute("UPDATE activity SET due_on = ? WHERE id = ?", (due_on.isoformat(), activity_id))
    name = account_name(db, row["account_id"])
    write_audit(db, by, Deed("activity_postponed", name, row["due_on"], due_on.isoformat()))
    return int(row["account_id"])


def take_back(db: sqlite3.Connection, activity_id: int, by: By) -> int:
    """Remove what its own author wrote; the audit keeps it. Its account. Refused for anybody else's."""
    row = require_activity(db, activity_id)
    if row["author"] != by.actor:
        raise Refused("Nothing removed: somebody else wrote it", "Who wrote it can remove it")
    db.execute("DELETE FROM activity WHERE id = ?", (activity_id,))
    said = f"{row['kind']}: {row['text']}"
    write_audit(db, by, Deed("activity_removed", account_name(db, row["account_id"]), said, None))
    return int(row["account_id"])


def require_activity(db: sqlite3.Connection, activity_id: int) -> sqlite3.Row:
    """The activity's line. BookedBizError when there is none."""
    row: sqlite3.Row | None = db.execute("SELECT * FROM activity WHERE id = ?", (activity_id,)).fetchone()
    if row is None:
        raise BookedBizError("Nothing changed: there is no such activity")
    return row


def timeline(db: sqlite3.Connection, account_id: int, count: int) -> list[Done]:
    """An account's activities, the newest first."""
    return [Done(**dict(row)) for row in db.execute(_SQL["timeline"], {"account_id": account_id, "count": count})]


def recent(db: sqlite3.Connection, ae_id: int | None, count: int) -> list[Done]:
    """The last activities on the accounts of an AE, or on all."""
    return [Done(**dict(row)) for row in db.execute(_SQL["recent_activity"], {"ae_id": ae_id, "count": count})]


def follow_ups(db: sqlite3.Connection, ae_id: int | None) -> list[Done]:
    """What is to be done, the first due at the top."""
    return [Done(**dict(row)) for row in db.execute(_SQL["follow_ups"], {"ae_id": ae_id, "count": MOST})]


def account_name(db: sqlite3.Connection, account_id: int) -> str:
    """How the account is called. BookedBizError when there is none."""
    row = db.execute("SELECT name FROM account_shown WHERE id = ?", (account_id,)).fetchone()
    if row is None:
        raise BookedBizError(f"Nothing changed: there is no account {account_id}")
    return str(row[0])


def _is_of(db: sqlite3.Connection, contact_id: int, account_id: int) -> bool:
    row = db.execute(
        """SELECT 1 FROM contact JOIN account_member ON member_id = contact.account_id
           WHERE contact.id = ? AND account_member.account_id = ?""",
        (contact_id, account_id),
    ).fetchone()
    return row is not None
