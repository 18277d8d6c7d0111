"""Make an account of a customer or an agency, after a look at names that are alike: nobody makes the same one twice."""

import sqlite3

from bookedbiz.errors import Refused
from bookedbiz.names.audit import By
from bookedbiz.names.directory import create_agency, create_customer
from bookedbiz.names.resolve import resolve_bill_codes
from bookedbiz.names.suggesting import Candidate, Name, Suggester
from bookedbiz.names.text import name_key, tidy

ALIKE_FROM = 0.6  # an agency more or less, or a word misspelt, is below the 0.8 of bill codes: a person looks here


def similar(db: sqlite3.Connection, kind: str, name: str) -> list[Candidate]:
    """Customers, or agencies, whose names are like that one; the best first."""
    agency, _, last = name.rpartition(":")
    if kind == "agency":
        rows = db.execute("SELECT id, '' AS agency, name AS advertiser, name FROM agency").fetchall()
    else:
        rows = db.execute(
            """SELECT customer.id AS id, COALESCE(agency.name, '') AS agency, advertiser.name AS advertiser,
                      customer.name AS name
               FROM customer JOIN advertiser ON advertiser.id = customer.advertiser_id
               LEFT JOIN agency ON agency.id = customer.agency_id WHERE customer.merged_into_id IS NULL"""
        ).fetchall()
    known = Suggester(Name(row["id"], row["agency"], row["advertiser"], row["name"]) for row in rows)
    found = known.best("" if kind == "agency" else agency.strip(), (name if kind == "agency" else last).strip())
    return [one for one in found if one.score >= ALIKE_FROM]


def create_account(db: sqlite3.Connection, kind: str, name: str, sector: str | None, by: By) -> int:
    """Make the customer or the agency, in the caller's transaction; its account. Refused when it is there already."""
    wanted = tidy(name)
    if not wanted or kind not in ("customer", "agency"):
        raise Refused("No account made: it needs a name, and to be a customer or an agency")
    if kind == "agency":
        if db.execute("SELECT 1 FROM agency WHERE key = ?", (name_key(wanted),)).fetchone():
            raise Refused(f"No account made: there is an agency {wanted} already")
        agency_id = create_agency(db, wanted, by)
        row = db.execute("SELECT id FROM account WHERE agency_id = ?", (agency_id,)).fetchone()
        return int(row[0])
    before = db.execute("SELECT COALESCE(max(id), 0) FROM customer").fetchone()[0]
    customer_id = create_customer(db, wanted, by, sector=sector)
    if customer_id <= before:
        raise Refused(f"No account made: there is a customer {wanted} already")
    resolve_bill_codes(db)
    return int(db.execute("SELECT id FROM account WHERE customer_id = ?", (customer_id,)).fetchone()[0])
