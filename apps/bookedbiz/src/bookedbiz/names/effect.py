"""What a change of names would move, told before it is made: the change is tried out and rolled back."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from station_kit.sqlitefile import transaction
from station_kit.statements import load

_SQL = load("bookedbiz.names")


@dataclass(frozen=True)
class Effect:
    """Bill codes that mean somebody else, with their spots and gross."""

    bill_codes: int
    spots: int
    gross_cents: int


class _TriedOut(Exception):
    pass


def try_out(db: sqlite3.Connection, change: Callable[[], object]) -> Effect:
    """What `change` would move. It runs in a transaction that is rolled back; its errors come through."""
    found = Effect(0, 0, 0)
    try:
        with transaction(db):
            found = measured(db, change)
            raise _TriedOut
    except _TriedOut:
        return found


def measured(db: sqlite3.Connection, change: Callable[[], object]) -> Effect:
    """What `change` moves; it runs in the caller's transaction."""
    before = {row["id"]: row["customer_id"] for row in db.execute(_SQL["code_amounts"])}
    change()
    moved = [row for row in db.execute(_SQL["code_amounts"]) if before.get(row["id"]) != row["customer_id"]]
    return Effect(len(moved), sum(row["spots"] for row in moved), sum(row["gross_cents"] for row in moved))


def of_customer(db: sqlite3.Connection, customer_id: int) -> Effect:
    """What hangs on a customer."""
    rows = [row for row in db.execute(_SQL["code_amounts"]) if row["customer_id"] == customer_id]
    return Effect(len(rows), sum(row["spots"] for row in rows), sum(row["gross_cents"] for row in rows))


def of_agency(db: sqlite3.Connection, agency_id: int) -> Effect:
    """What hangs on the customers of an agency."""
    sql = "SELECT id FROM customer WHERE :agency IN (agency_id, via_agency_id)"
    customers = {row[0] for row in db.execute(sql, {"agency": agency_id})}
    rows = [row for row in db.execute(_SQL["code_amounts"]) if row["customer_id"] in customers]
    return Effect(len(rows), sum(row["spots"] for row in rows), sum(row["gross_cents"] for row in rows))


def try_out_of_agency(db: sqlite3.Connection, agency_id: int, change: Callable[[], object]) -> Effect:
    """What would hang on the agency's customers after `change`; it is rolled back."""
    found = Effect(0, 0, 0)
    try:
        with transaction(db):
            change()
            found = of_agency(db, agency_id)
            raise _TriedOut
    except _TriedOut:
        return found
