"""Closing months: their status, and a seal of what they held, so that any later difference is seen at once."""

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from bookedbiz.months import label
from bookedbiz.names.audit import By, Deed, write_audit

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


def broken_seals(db: sqlite3.Connection) -> list[int]:
    """Closed months that no longer hold what they held when they were closed; there must be none."""
    sealed = db.execute(
        """SELECT month, spots, gross_cents, net_cents, digest FROM month_seal
           WHERE id IN (SELECT max(id) FROM month_seal GROUP BY month)
             AND month IN (SELECT month FROM month_status WHERE status = 'closed')
           ORDER BY month"""
    ).fetchall()
    return [int(month) for month, *seal in sealed if Seal(*seal) != seal_of(db, month)]
