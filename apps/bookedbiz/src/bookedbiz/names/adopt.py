"""The names of a first import, taken over as they are written: a start for a ledger that knows nobody yet.

Spellings that differ in case, width or spaces are one name. What is really one customer under two names is for aliases.
"""

import sqlite3
from dataclasses import dataclass

from bookedbiz.names.audit import By
from bookedbiz.names.billcode import parse_bill_code
from bookedbiz.names.directory import create_ae, create_customer
from bookedbiz.names.people import sales_person_name
from bookedbiz.names.resolve import load_noise, resolve_bill_codes
from bookedbiz.names.text import name_key

_MOST_AGENCIES = 2


@dataclass(frozen=True)
class Unknown:
    """A name that rows have and the ledger does not know, with what hangs on it."""

    name: str
    spots: int
    gross_cents: int


def unknown_customers(db: sqlite3.Connection) -> list[Unknown]:
    """Customers that unresolved bill codes name, the largest first. Codes that cannot be read are not among them."""
    noise = load_noise(db)
    found: dict[str, Unknown] = {}
    rows = db.execute(
        """SELECT raw, sum(spots), sum(gross_cents) FROM bill_code JOIN booked ON bill_code_id = bill_code.id
           WHERE customer_id IS NULL GROUP BY bill_code.id ORDER BY bill_code.id"""
    )
    for raw, spots, gross_cents in rows:
        parsed = parse_bill_code(raw, noise)
        if parsed.readable and len(parsed.agencies) <= _MOST_AGENCIES:
            _gather(found, Unknown(parsed.display, spots, gross_cents))
    return _largest_first(found)


def unknown_aes(db: sqlite3.Connection) -> list[Unknown]:
    """Sales persons who are no account executive yet, the largest first. Blank cells are not among them."""
    found: dict[str, Unknown] = {}
    rows = db.execute(
        """SELECT raw, spots, gross_cents
           FROM (SELECT sales_person_id, sum(spots) AS spots, sum(gross_cents) AS gross_cents FROM booked
                 WHERE sales_person_id IN (SELECT id FROM sales_person WHERE ae_id IS NULL) GROUP BY sales_person_id)
           JOIN sales_person ON sales_person.id = sales_person_id
           ORDER BY sales_person.id"""
    )
    for raw, spots, gross_cents in rows:
        name = sales_person_name(raw)
        if name:
            _gather(found, Unknown(name, spots, gross_cents))
    return _largest_first(found)


def adopt_names(db: sqlite3.Connection, by: By) -> tuple[int, int]:
    """Make a customer and an account executive of every unknown name, in the caller's transaction; how many of each."""
    customers, aes = unknown_customers(db), unknown_aes(db)
    for customer in customers:
        create_customer(db, customer.name, by)
    for ae in aes:
        create_ae(db, ae.name, by)
    resolve_bill_codes(db)
    return len(customers), len(aes)


def _gather(found: dict[str, Unknown], one: Unknown) -> None:
    key = name_key(one.name)
    known = found.get(key)
    if known is None:
        found[key] = one
    else:
        found[key] = Unknown(known.name, known.spots + one.spots, known.gross_cents + one.gross_cents)


def _largest_first(found: dict[str, Unknown]) -> list[Unknown]:
    return sorted(found.values(), key=lambda one: (-one.gross_cents, one.name))
