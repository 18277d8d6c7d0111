"""What people say of a language: of this bill code, rows with this code are in that one. Audited, can be taken back."""

import json
import sqlite3
from dataclasses import dataclass

from bookedbiz.errors import BookedBizError, Refused
from bookedbiz.languages.assignment import assign_languages
from bookedbiz.names.audit import By, Deed, write_audit
from bookedbiz.reports.remembered import remembered
from bookedbiz.switches import Switch, is_on
from station_kit.statements import load

_SQL = load("bookedbiz.languages")
VERB = "language rule"
HIGH_CENTS = 1_000_00  # a group with one row of so much is shown first of all


@dataclass(frozen=True)
class Group:
    """Rows that need a look together."""

    bill_code_id: int
    bill_code: str
    language_id: int
    raw_code: str
    spot_type: str
    revenue_type: str
    language: str
    why: str
    spots: int
    gross_cents: int
    first_air_date: str | None
    last_air_date: str | None
    largest_cents: int | None

    @property
    def is_high(self) -> bool:
        return (self.largest_cents or 0) >= HIGH_CENTS


@dataclass(frozen=True)
class Queue:
    """The groups that are shown, and how much all of them are."""

    groups: tuple[Group, ...]
    count: int
    spots: int
    gross_cents: int


def review_queue(db: sqlite3.Connection, count: int) -> Queue:
    """What somebody has to look at: groups with an expensive row first, then by money."""
    known_pass = is_on(db, Switch.KNOWN_LANGUAGES_PASS)
    return remembered(db, ("language review", known_pass, count), lambda: _queue(db, count, known_pass=known_pass))


def _queue(db: sqlite3.Connection, count: int, *, known_pass: bool) -> Queue:
    rows = db.execute(_SQL["review_queue"], {"known_pass": known_pass, "high_cents": HIGH_CENTS, "count": count})
    found = [dict(row) for row in rows]
    if not found:
        return Queue((), 0, 0, 0)
    whole = [int(found[0][name]) for name in ("all_groups", "all_spots", "all_cents")]
    fields = Group.__dataclass_fields__
    return Queue(tuple(Group(**{name: row[name] for name in fields}) for row in found), *whole)


def review_sums(db: sqlite3.Connection) -> tuple[int, int]:
    """Rows and gross cents of the whole queue."""
    asked = {"known_pass": is_on(db, Switch.KNOWN_LANGUAGES_PASS)}
    spots, cents = db.execute(_SQL["review_sums"], asked).fetchone()
    return int(spots), int(cents)


def reach(db: sqlite3.Connection, bill_code_id: int, language_id: int) -> tuple[int, int]:
    """Rows and gross cents of a bill code with a code, of all types: what one answer reaches."""
    spots, cents = db.execute(_SQL["reach"], {"bill_code_id": bill_code_id, "language_id": language_id}).fetchone()
    return int(spots), int(cents)


def rules(db: sqlite3.Connection) -> list[sqlite3.Row]:
    """What was set by hand, the newest first."""
    return db.execute(_SQL["rules"]).fetchall()


def languages(db: sqlite3.Connection) -> list[sqlite3.Row]:
    """What can be set: the confirmed languages, by name."""
    return db.execute(
        """SELECT id, code, name FROM language
           WHERE status = 'confirmed' AND reads_as_id IS NULL AND id <> 0 AND code <> 'L' ORDER BY name"""
    ).fetchall()


def set_language(db: sqlite3.Connection, bill_code_id: int, language_id: int, code: str | None, by: By) -> None:
    """Rows of this bill code with that code are in the language `code`; None: what the steps say again.

    In the caller's transaction. Totals do not change, now or at any later import. Refused when it says nothing new.
    """
    raw = _text(db, "SELECT raw FROM bill_code WHERE id = ?", bill_code_id)
    cell = _text(db, "SELECT code FROM language WHERE id = ?", language_id)
    target = None if code is None else _target(db, code)
    known = db.execute(
        "SELECT assigned_language_id FROM language_rule WHERE bill_code_id = ? AND language_id = ?",
        (bill_code_id, language_id),
    ).fetchone()
    before = None if known is None else int(known[0])
    if before == target:
        raise Refused(f"Nothing changed: {raw} with the code {cell or '(blank)'} is so already")
    if target is None:
        db.execute("DELETE FROM language_rule WHERE bill_code_id = ? AND language_id = ?", (bill_code_id, language_id))
    else:
        db.execute(
            "INSERT OR REPLACE INTO language_rule VALUES (?, ?, ?, ?, ?)",
            (bill_code_id, language_id, target, by.at, by.actor),
        )
    undo = json.dumps({"verb": VERB, "bill_code": bill_code_id, "language": language_id, "code": _code(db, before)})
    key = f"{raw} / {cell or '(blank)'}"
    write_audit(db, by, Deed("language_rule", key, _name(db, before), _name(db, target), undo))
    assign_languages(db, bill_code_id=bill_code_id)


def _target(db: sqlite3.Connection, code: str) -> int:
    for row in languages(db):
        if row["code"] == code:
            return int(row["id"])
    raise Refused(f"Nothing changed: {code!r} is no confirmed language", "Choose one of the list")


def _text(db: sqlite3.Connection, sql: str, number: int) -> str:
    row = db.execute(sql, (number,)).fetchone()
    if row is None:
        raise BookedBizError("Nothing changed: there is no such bill code or code")
    return str(row[0])


def _code(db: sqlite3.Connection, language_id: int | None) -> str | None:
    if language_id is None:
        return None
    return str(db.execute("SELECT code FROM language WHERE id = ?", (language_id,)).fetchone()[0])


def _name(db: sqlite3.Connection, language_id: int | None) -> str | None:
    if language_id is None:
        return None
    return str(db.execute("SELECT name FROM language WHERE id = ?", (language_id,)).fetchone()[0])
