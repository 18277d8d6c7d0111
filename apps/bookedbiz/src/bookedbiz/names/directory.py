"""Agencies, advertisers, customers, account executives and their aliases: made once, found by key, always audited.

Every function works in the caller's transaction, and bill codes and sales persons that are there already follow at
once: the other direction, new texts that look up known names, is in `bookedbiz.names.resolve`.
"""

import json
import sqlite3
from typing import Literal, NamedTuple

from bookedbiz.errors import Refused
from bookedbiz.names.audit import By, Deed, write_audit
from bookedbiz.names.billcode import parse_bill_code
from bookedbiz.names.resolve import agency_name, load_noise, resolve_bill_codes, resolve_sales_persons
from bookedbiz.names.text import name_key, tidy

_MOST_AGENCIES = 2


class Alias(NamedTuple):
    """Another spelling of the name with that id: a bill code of a customer, an agency's, an advertiser's, an AE's."""

    kind: Literal["bill_code", "advertiser", "agency", "ae"]
    name: str
    target_id: int
    confidence: int = 100
    note: str | None = None


def create_agency(db: sqlite3.Connection, name: str, by: By) -> int:
    """The id of the agency of that name, made if need be."""
    return _find_or_create(db, "agency", name, by)


def create_advertiser(db: sqlite3.Connection, name: str, by: By) -> int:
    """The id of the advertiser of that name, made if need be."""
    return _find_or_create(db, "advertiser", name, by)


def create_ae(db: sqlite3.Connection, name: str, by: By) -> int:
    """The id of the account executive of that name; a new one owns a budget as an entity of the same name."""
    known = db.execute("SELECT id FROM ae WHERE key = ?", (name_key(name),)).fetchone()
    if known:
        return int(known[0])
    ae_id = _find_or_create(db, "ae", name, by)
    db.execute("INSERT INTO entity (name, kind, ae_id) VALUES (?, 'AE', ?)", (tidy(name), ae_id))
    resolve_sales_persons(db)
    return ae_id


def create_customer(db: sqlite3.Connection, name: str, by: By, *, sector: str | None = None) -> int:
    """The id of the customer named `Agency:Agency:Advertiser`, made with agencies and advertiser if need be.

    Refused when the name has more than two agencies or names nobody. The caller resolves bill codes afterwards
    (`resolve_bill_codes`), once for many customers.
    """
    parsed = parse_bill_code(name, load_noise(db))
    if not parsed.readable or len(parsed.agencies) > _MOST_AGENCIES:
        raise Refused(f"Customer {name!r} not created: it is not Agency:Customer with at most two agencies")
    named = [agency_name(db, agency) for agency in parsed.agencies]  # as they are called by now
    display = ":".join([*named, parsed.customer])
    known = db.execute("SELECT id FROM customer WHERE key = ?", (name_key(display),)).fetchone()
    if known:
        return int(known[0])
    agencies = [create_agency(db, agency, by) for agency in named]
    row = db.execute(
        """INSERT INTO customer (advertiser_id, agency_id, via_agency_id, name, key, sector_id, created_at)
           VALUES (?, ?, ?, ?, ?, (SELECT id FROM sector WHERE name = ?), ?) RETURNING id""",
        (
            create_advertiser(db, parsed.customer, by),
            agencies[0] if agencies else None,
            agencies[1] if len(agencies) > 1 else None,
            display,
            name_key(display),
            sector,
            by.at,
        ),
    ).fetchone()
    undo = json.dumps({"verb": "drop customer", "customer": int(row[0])})
    write_audit(db, by, Deed("customer_create", display, None, sector, undo))
    return int(row[0])


def create_alias(db: sqlite3.Connection, alias: Alias, by: By) -> int:
    """The id of the new alias; existing rows follow it at once. Refused when the text means somebody else already."""
    column = "customer_id" if alias.kind == "bill_code" else f"{alias.kind}_id"
    targets = ("customer_id", "advertiser_id", "agency_id", "ae_id")
    known = db.execute(
        "SELECT id, coalesce(customer_id, advertiser_id, agency_id, ae_id) FROM alias WHERE kind = ? AND key = ?",
        (alias.kind, name_key(alias.name)),
    ).fetchone()
    if known and known[1] != alias.target_id:
        raise Refused(
            f"Alias {alias.name!r} not created: it means another {alias.kind} already", "Remove that one first"
        )
    if known:
        return int(known[0])
    row = db.execute(
        """INSERT INTO alias (kind, name, key, customer_id, advertiser_id, agency_id, ae_id,
                              confidence, made_by, created_at, note)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id""",
        (
            alias.kind,
            tidy(alias.name),
            name_key(alias.name),
            *(alias.target_id if target == column else None for target in targets),
            alias.confidence,
            by.actor,
            by.at,
            alias.note,
        ),
    ).fetchone()
    undo = json.dumps({"verb": "drop alias", "alias": int(row[0])})
    write_audit(db, by, Deed("alias_create", f"{alias.kind}: {tidy(alias.name)}", None, str(alias.target_id), undo))
    if alias.kind == "ae":
        resolve_sales_persons(db)
    else:
        resolve_bill_codes(db)
    return int(row[0])


_FIND = {
    "agency": "SELECT id FROM agency WHERE key = ?",
    "advertiser": "SELECT id FROM advertiser WHERE key = ?",
    "ae": "SELECT id FROM ae WHERE key = ?",
}
_CREATE = {
    "agency": "INSERT INTO agency (name, key) VALUES (?, ?) RETURNING id",
    "advertiser": "INSERT INTO advertiser (name, key) VALUES (?, ?) RETURNING id",
    "ae": "INSERT INTO ae (name, key) VALUES (?, ?) RETURNING id",
}


def _find_or_create(db: sqlite3.Connection, kind: str, name: str, by: By) -> int:
    known = db.execute(_FIND[kind], (name_key(name),)).fetchone()
    if known:
        return int(known[0])
    created = db.execute(_CREATE[kind], (tidy(name), name_key(name))).fetchone()
    write_audit(db, by, Deed(f"{kind}_create", tidy(name)))
    return int(created[0])
