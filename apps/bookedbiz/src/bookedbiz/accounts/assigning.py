"""Who looks after an account, with its history; not the same as who sold a row. Audited."""

import sqlite3
from dataclasses import dataclass

from bookedbiz.accounts.activity import account_name
from bookedbiz.errors import BookedBizError
from bookedbiz.months import add_months
from bookedbiz.names.audit import By, Deed, write_audit
from station_kit.statements import load

_SQL = load("bookedbiz.accounts")
SOLD_WITHIN = 12  # months before the current one


@dataclass(frozen=True)
class Assignment:
    """Who looked after an account, from when to when, and who said so."""

    ae: str
    from_at: str
    until_at: str | None
    assigned_by: str


def assign(db: sqlite3.Connection, account_id: int, ae_id: int | None, by: By) -> bool:
    """Let that AE look after the account, or nobody, in the caller's transaction; whether that changed anything."""
    name = account_name(db, account_id)
    before = db.execute("SELECT ae_id FROM account WHERE id = ?", (account_id,)).fetchone()[0]
    if before == ae_id:
        return False
    to = _ae_name(db, ae_id)
    db.execute("UPDATE assignment SET until_at = ? WHERE account_id = ? AND until_at IS NULL", (by.at, account_id))
    if ae_id is not None:
        db.execute(
            "INSERT INTO assignment (account_id, ae_id, from_at, assigned_by) VALUES (?, ?, ?, ?)",
            (account_id, ae_id, by.at, by.actor),
        )
    db.execute("UPDATE account SET ae_id = ? WHERE id = ?", (ae_id, account_id))
    write_audit(db, by, Deed("account_ae", name, _ae_name(db, before), to))
    return True


def assign_by_sales(db: sqlite3.Connection, month: int, by: By) -> int:
    """Give each account that nobody looks after to who sold it most in the last year; how many were given."""
    rows = db.execute(_SQL["sellers_of_accounts"], {"month": add_months(month, -SOLD_WITHIN)}).fetchall()
    most: dict[int, int] = {}
    for row in rows:
        most.setdefault(row["account_id"], row["ae_id"])
    shown = {row[0] for row in db.execute("SELECT id FROM account_shown WHERE active")}
    return sum(assign(db, account_id, ae_id, by) for account_id, ae_id in most.items() if account_id in shown)


def history(db: sqlite3.Connection, account_id: int) -> list[Assignment]:
    """Who looked after it, the latest first."""
    rows = db.execute(
        """SELECT ae.name AS ae, from_at, until_at, assigned_by FROM assignment JOIN ae ON ae.id = assignment.ae_id
           WHERE account_id = ? ORDER BY assignment.id DESC""",
        (account_id,),
    )
    return [Assignment(**dict(row)) for row in rows]


def _ae_name(db: sqlite3.Connection, ae_id: int | None) -> str | None:
    if ae_id is None:
        return None
    row = db.execute("SELECT name FROM ae WHERE id = ?", (ae_id,)).fetchone()
    if row is None:
        raise BookedBizError(f"Nothing changed: there is no account executive {ae_id}")
    return str(row[0])
