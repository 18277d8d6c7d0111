"""Everything on one account: how it stands, its people, what was said, how it is billed, and twelve months of money."""

import sqlite3
from dataclasses import dataclass
from datetime import date

from bookedbiz.accounts.activity import Done, timeline
from bookedbiz.accounts.assigning import Assignment, history
from bookedbiz.accounts.book import Billing, billing_of
from bookedbiz.accounts.standing import Account, accounts
from bookedbiz.months import add_months, label, month_of, months_between
from station_kit.statements import load

_SQL = load("bookedbiz.accounts")
SHOWN = 40
MONTHS_BACK, MONTHS_AHEAD = 11, 3


@dataclass(frozen=True)
class Bar:
    """One month of the trend. `height` is 0 to 100 of the largest."""

    label: str
    cents: int
    height: int
    is_ahead: bool


@dataclass(frozen=True)
class OneAccount:
    """Everything the page needs."""

    account: Account
    trend: tuple[Bar, ...]
    timeline: tuple[Done, ...]
    contacts: tuple[sqlite3.Row, ...]
    addresses: tuple[sqlite3.Row, ...]
    billing: Billing
    notes: str
    history: tuple[Assignment, ...]
    customers: tuple[Account, ...]
    parent: Account | None


def one_account(db: sqlite3.Connection, account_id: int, today: date, ae_id: int | None) -> OneAccount | None:
    """The account; None when there is none, or when it is not one of the AE's who asks."""
    every = {account.id: account for account in accounts(db, today)}
    account = every.get(account_id)
    if account is None or (ae_id is not None and account.ae_id != ae_id):
        return None
    notes = db.execute("SELECT notes FROM account WHERE id = ?", (account_id,)).fetchone()[0]
    customers = [each for each in every.values() if each.parent_id == account_id]
    parent = every.get(account.parent_id) if account.parent_id is not None else None

    def may_see(each: Account | None) -> bool:
        return each is not None and (ae_id is None or each.ae_id == ae_id)

    return OneAccount(
        account=account,
        trend=_trend(db, account, today),
        timeline=tuple(timeline(db, account_id, SHOWN)),
        contacts=tuple(db.execute(_SQL["contacts_of_account"], {"account_id": account_id})),
        addresses=tuple(db.execute(_SQL["addresses_of_account"], {"account_id": account_id})),
        billing=billing_of(db, account_id),
        notes=notes,
        history=tuple(history(db, account_id)),
        customers=tuple(each for each in customers if may_see(each)),
        parent=parent if may_see(parent) else None,
    )


def account_of_customer(db: sqlite3.Connection, customer_id: int, ae_id: int | None) -> int | None:
    """The account of a customer; None when it has none that may be seen."""
    row = db.execute(
        "SELECT id FROM account_shown WHERE customer_id = :customer_id AND (:ae_id IS NULL OR ae_id = :ae_id)",
        {"customer_id": customer_id, "ae_id": ae_id},
    ).fetchone()
    return None if row is None else int(row[0])


def _trend(db: sqlite3.Connection, account: Account, today: date) -> tuple[Bar, ...]:
    now = month_of(today)
    first, last = add_months(now, -MONTHS_BACK), add_months(now, MONTHS_AHEAD)
    agency_id = db.execute("SELECT agency_id FROM account WHERE id = ?", (account.id,)).fetchone()[0]
    asked = {"customer_id": account.customer_id, "agency_id": agency_id, "first": first, "last": last}
    cents = {row["month"]: row["cents"] for row in db.execute(_SQL["account_months"], asked)}
    largest = max([1, *cents.values()])
    return tuple(
        Bar(label(month), cents.get(month, 0), max(0, round(100 * cents.get(month, 0) / largest)), month > now)
        for month in months_between(first, last)
    )
