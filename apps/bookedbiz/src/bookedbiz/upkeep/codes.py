"""Codes that were seen for the first time: confirmed as what they are, or found to mean one that is known already.

Their money counts from the first import on. A code that means another one points to it: rows stay as they are, later
imports follow, and taking it back is one change.
"""

import json
import sqlite3
from dataclasses import dataclass
from typing import Final

from bookedbiz.errors import BookedBizError, Refused
from bookedbiz.languages.assignment import assign_languages
from bookedbiz.names.audit import By, Deed, write_audit
from bookedbiz.names.text import tidy
from station_kit.statements import load

_SQL = load("bookedbiz.upkeep")

KINDS: Final = {
    "market": "market",
    "language": "language",
    "spot_type": "type",
    "revenue_type": "revenue type",
}
VERB: Final = "code waits"  # what the audit takes back: the code waits again
_FIND: Final = {
    "market": "SELECT id, code, name, status, report_as_id AS reads_as_id FROM market WHERE id = ?",
    "language": "SELECT id, code, name, status, reads_as_id FROM language WHERE id = ?",
    "spot_type": "SELECT id, code, name, status, reads_as_id FROM spot_type WHERE id = ?",
    "revenue_type": "SELECT id, name AS code, name, status, reads_as_id FROM revenue_type WHERE id = ?",
}
_CONFIRM: Final = {
    "market": "UPDATE market SET status = 'confirmed', name = :name WHERE id = :id",
    "language": "UPDATE language SET status = 'confirmed', name = :name, grp = :grp WHERE id = :id",
    "spot_type": "UPDATE spot_type SET status = 'confirmed', name = :name WHERE id = :id",
    "revenue_type": "UPDATE revenue_type SET status = 'confirmed', is_trade = :is_trade WHERE id = :id",
}
_READ_AS: Final = {
    "market": "UPDATE market SET status = 'confirmed', report_as_id = :target WHERE id = :id",
    "language": "UPDATE language SET status = 'confirmed', reads_as_id = :target WHERE id = :id",
    "spot_type": "UPDATE spot_type SET status = 'confirmed', reads_as_id = :target WHERE id = :id",
    "revenue_type": """UPDATE revenue_type SET status = 'confirmed', reads_as_id = :target,
                           is_trade = (SELECT is_trade FROM revenue_type WHERE id = :target) WHERE id = :id""",
}
_WAIT: Final = {
    "market": "UPDATE market SET status = 'pending', report_as_id = NULL, name = code WHERE id = ?",
    "language": """UPDATE language SET status = 'pending', reads_as_id = NULL, name = code, grp = 'Unknown'
                   WHERE id = ?""",
    "spot_type": "UPDATE spot_type SET status = 'pending', reads_as_id = NULL, name = code WHERE id = ?",
    "revenue_type": "UPDATE revenue_type SET status = 'pending', reads_as_id = NULL, is_trade = 0 WHERE id = ?",
}


@dataclass(frozen=True)
class Waiting:
    """A code that nobody has confirmed, and what hangs on it, Trade included."""

    kind: str
    id: int
    code: str
    spots: int
    gross_cents: int
    first_month: int | None
    last_month: int | None

    @property
    def word(self) -> str:
        return KINDS[self.kind]


def waiting_codes(db: sqlite3.Connection) -> list[Waiting]:
    """Codes to be confirmed, those with the most money first."""
    sums: dict[tuple[str, int], list[int]] = {}
    for row in db.execute(_SQL["pending_lines"]):
        for kind in KINDS:
            spots, cents, first, last = sums.get((kind, row[f"{kind}_id"]), [0, 0, 999999, 0])
            sums[kind, row[f"{kind}_id"]] = [
                spots + row["spots"],
                cents + row["gross_cents"],
                min(first, row["first_month"]),
                max(last, row["last_month"]),
            ]
    found = []
    for row in db.execute(_SQL["known_codes"]):
        if row["status"] == "pending":
            spots, cents, first, last = sums.get((row["kind"], row["id"]), [0, 0, 0, 0])
            waits = Waiting(row["kind"], row["id"], row["code"], spots, cents, first or None, last or None)
            found.append(waits)
    return sorted(found, key=lambda each: (-abs(each.gross_cents), -each.spots, each.kind, each.code))


def targets(db: sqlite3.Connection) -> dict[str, list[tuple[int, str, str]]]:
    """What a code of each kind can be found to mean: id, code and name of those that stand for themselves."""
    found: dict[str, list[tuple[int, str, str]]] = {kind: [] for kind in KINDS}
    for row in db.execute(_SQL["known_codes"]):
        if row["status"] == "confirmed" and row["reads_as"] is None and row["id"] != 0:
            found[row["kind"]].append((row["id"], row["code"], row["name"]))
    return found


def confirm(db: sqlite3.Connection, kind: str, code_id: int, by: By, said: dict[str, str]) -> None:
    """The code stands for itself: its name, a language's group, whether a revenue type is barter, are in `said`.

    In the caller's transaction, as everything here. Refused when it does not wait, or has no name.
    """
    row = _waiting(db, kind, code_id)
    name = tidy(said.get("name", "")) or (row["code"] if kind == "revenue_type" else "")
    if not name:
        raise Refused(f"{row['code']} not confirmed: it has no name", "Say what it stands for")
    values = {"id": code_id, "name": name, "grp": tidy(said.get("group", "")) or name}
    db.execute(_CONFIRM[kind], values | {"is_trade": int(said.get("trade", "") == "yes")})
    _tell(db, kind, row, by, ("code_confirm", name))


def read_as(db: sqlite3.Connection, kind: str, code_id: int, target_id: int, by: By) -> None:
    """The code means another one that is known. Refused when it does not wait, or that one is none to mean."""
    row = _waiting(db, kind, code_id)
    target = next((each for each in targets(db)[kind] if each[0] == target_id), None)
    if target is None:
        raise Refused(f"{row['code']} not changed: it cannot mean that", "Choose one of the list")
    db.execute(_READ_AS[kind], {"id": code_id, "target": target_id})
    _tell(db, kind, row, by, ("code_read_as", target[1]))


def wait_again(db: sqlite3.Connection, kind: str, code_id: int, by: By) -> None:
    """Take back what was said of a code: it waits as it did. Refused when it was there before anybody said anything."""
    row = _find(db, kind, code_id)
    told = db.execute(
        "SELECT 1 FROM audit WHERE action IN ('code_confirm', 'code_read_as') AND key = ?", (_key(kind, row),)
    ).fetchone()
    if row["status"] == "pending" or told is None:
        raise Refused(f"{row['code']} not changed: nobody has confirmed it")
    db.execute(_WAIT[kind], (code_id,))
    write_audit(db, by, Deed("code_wait", _key(kind, row), row["name"], None))
    assign_languages(db)


def _tell(db: sqlite3.Connection, kind: str, row: sqlite3.Row, by: By, told: tuple[str, str]) -> None:
    undo = json.dumps({"verb": VERB, "kind": kind, "code": row["id"]})
    write_audit(db, by, Deed(told[0], _key(kind, row), None, told[1], undo))
    assign_languages(db)


def _key(kind: str, row: sqlite3.Row) -> str:
    return f"{KINDS[kind]} {row['code']}"


def _waiting(db: sqlite3.Connection, kind: str, code_id: int) -> sqlite3.Row:
    row = _find(db, kind, code_id)
    if row["status"] != "pending":
        raise Refused(f"{row['code']} not changed: it was confirmed already", "The audit can take that back")
    return row


def _find(db: sqlite3.Connection, kind: str, code_id: int) -> sqlite3.Row:
    row: sqlite3.Row | None = db.execute(_FIND[kind], (code_id,)).fetchone() if kind in KINDS else None
    if row is None:
        raise BookedBizError("Nothing changed: there is no such code")
    return row
