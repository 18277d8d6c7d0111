"""Closing months: their status, and a seal of what they held, so that any later difference is seen at once."""

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from bookedbiz.errors import Refused
from bookedbiz.months import label
from bookedbiz.names.audit import By, Deed, write_audit
from station_kit.statements import load

_SQL = load("bookedbiz.importing")
_MODULUS = 2**63


class Seal(NamedTuple):
    """What a month holds: spots, money, and a digest that does not depend on their order."""

    spots: int
    gross_cents: int
    net_cents: int
    digest: int


def seal_of(db: sqlite3.Connection, month: int) -> Seal:
    """The seal that the month's spots have now."""
    spots = gross = net = digest = 0
    for row_hash, gross_cents, net_cents in db.execute(
        "SELECT row_hash, gross_cents, net_cents FROM spot WHERE month = ?", (month,)
    ):
        spots += 1
        gross += gross_cents or 0
        net += net_cents or 0
        digest += row_hash
    return Seal(spots, gross, net, digest % _MODULUS)


def close_months(db: sqlite3.Connection, months: Iterable[int], batch_id: int, by: By, note: str | None) -> None:
    """Freeze the months as they are now, in the caller's transaction."""
    for month in sorted(months):
        seal = seal_of(db, month)
        db.execute(
            """INSERT OR REPLACE INTO month_status (month, status, closed_at, closed_by, note)
               VALUES (?, 'closed', ?, ?, ?)""",
            (month, by.at, by.actor, note),
        )
        db.execute(
            """INSERT INTO month_seal (month, batch_id, sealed_at, spots, gross_cents, net_cents, digest)
               VALUES (?, ?, ?, ?, ?, ?, ?)""",
            (month, batch_id, by.at, *seal),
        )
        write_audit(db, by, Deed("close_month", label(month), None, f"{seal.spots} spots, {seal.gross_cents} cents"))


def reopen_month(db: sqlite3.Connection, month: int, reason: str, by: By) -> None:
    """Let imports change a closed month again, in the caller's transaction. Refused without a reason, or when open."""
    row = db.execute("SELECT status, closed_at, closed_by FROM month_status WHERE month = ?", (month,)).fetchone()
    if row is None or row["status"] != "closed":
        raise Refused(f"{label(month)} not reopened: it is not closed")
    if not reason.strip():
        raise Refused(f"{label(month)} not reopened: there is no reason", "Say why, for whoever looks later")
    db.execute(
        "UPDATE month_status SET status = 'open', closed_at = NULL, closed_by = NULL, note = ? WHERE month = ?",
        (reason.strip(), month),
    )
    was = f"closed {row['closed_at']} by {row['closed_by']}"
    write_audit(db, by, Deed("reopen_month", label(month), was, reason.strip()))


class ClosedMonth(NamedTuple):
    """A closed month: when, by whom, why, the seal it got then, and what it holds now."""

    month: int
    closed_at: str
    closed_by: str
    note: str | None
    sealed: Seal | None
    now: Seal

    @property
    def is_whole(self) -> bool:
        return self.sealed == self.now

    @property
    def is_broken(self) -> bool:
        return self.sealed is not None and not self.is_whole


def closed_months(db: sqlite3.Connection, *, look_at_spots: bool = False) -> list[ClosedMonth]:
    """Every closed month with its seal compared, the newest first.

    Compared with what the imports left in it, or, slowly, with the hashes of all its spots.
    """
    sealed = {
        row["month"]: Seal(row["spots"], row["gross_cents"], row["net_cents"], row["digest"])
        for row in db.execute(_SQL["newest_seals"])
    }
    held = {row["month"]: _held(row) for row in db.execute(_SQL["spots_held" if look_at_spots else "held"])}
    rows = db.execute(
        "SELECT month, closed_at, closed_by, note FROM month_status WHERE status = 'closed' ORDER BY month DESC"
    )
    return [
        ClosedMonth(month, at, by, note, sealed.get(month), held.get(month, Seal(0, 0, 0, 0)))
        for month, at, by, note in rows
    ]


class Closing(NamedTuple):
    """One time that a month was closed: when, with which import, and what it held then."""

    sealed_at: str
    batch_id: int
    spots: int
    gross_cents: int
    net_cents: int


def closings(db: sqlite3.Connection) -> dict[int, list[Closing]]:
    """Every time that each month was closed, the first at the top."""
    found: dict[int, list[Closing]] = {}
    for month, *values in db.execute(
        "SELECT month, sealed_at, batch_id, spots, gross_cents, net_cents FROM month_seal ORDER BY month, id"
    ):
        found.setdefault(month, []).append(Closing(*values))
    return found


def broken_seals(db: sqlite3.Connection) -> list[int]:
    """Closed months whose spots are no longer what they were when it was closed; there must be none."""
    return sorted(one.month for one in closed_months(db, look_at_spots=True) if one.is_broken)


def _held(row: sqlite3.Row) -> Seal:
    digest = ((row["high"] << 32) + row["low"]) % _MODULUS  # summed in halves: SQLite's integers would overflow
    return Seal(row["spots"], row["gross_cents"], row["net_cents"], digest)
