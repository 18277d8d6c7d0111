"""What a clerk does to names, each in the caller's transaction, audited with what taking it back needs.

A merged customer stays where it is and points to the one it became; what is looked up follows the pointer, so that
splitting is one change back, and everything is as it was before.
"""

import json
import sqlite3

from bookedbiz.errors import BookedBizError, Refused
from bookedbiz.names.audit import By, Deed, write_audit
from bookedbiz.names.directory import Alias, create_advertiser, create_agency, create_alias, create_customer
from bookedbiz.names.resolve import resolve_bill_codes
from bookedbiz.names.text import name_key, tidy


def link(db: sqlite3.Connection, bill_code_id: int, customer_id: int, by: By) -> None:
    """Say that this bill code means that customer. Refused when it means another one already."""
    create_alias(db, Alias("bill_code", _raw(db, bill_code_id), _require(db, customer_id)["id"]), by)


def create_for(db: sqlite3.Connection, bill_code_id: int, name: str, sector: str | None, by: By) -> int:
    """Make the customer `Agency:Customer` and let the bill code mean it; the customer's id."""
    customer_id = create_customer(db, name, by, sector=sector)
    resolve_bill_codes(db)
    row = db.execute("SELECT customer_id FROM bill_code WHERE id = ?", (bill_code_id,)).fetchone()
    if row is not None and row[0] != customer_id:
        link(db, bill_code_id, customer_id, by)
    return customer_id


def same_agency(db: sqlite3.Connection, alias: str, canonical: str, by: By) -> None:
    """Let one agency's text mean another one. Refused while the text is an agency with customers of its own."""
    own = db.execute(
        """SELECT count(*) FROM customer JOIN agency ON agency.id IN (agency_id, via_agency_id)
           WHERE agency.key = ? AND customer.active""",
        (name_key(alias),),
    ).fetchone()[0]
    if own:
        raise Refused(f"{alias!r} is an agency with {own} customers of its own", "Merge its customers first")
    create_alias(db, Alias("agency", alias, create_agency(db, canonical, by)), by)


def same_advertiser(db: sqlite3.Connection, alias: str, canonical: str, by: By) -> None:
    """Let one advertiser's text mean another one. Refused while the text has customers of its own."""
    own = db.execute(
        """SELECT count(*) FROM customer JOIN advertiser ON advertiser.id = advertiser_id
           WHERE advertiser.key = ? AND customer.active""",
        (name_key(alias),),
    ).fetchone()[0]
    if own:
        raise Refused(f"{alias!r} is an advertiser with {own} customers of its own", "Merge them instead")
    create_alias(db, Alias("advertiser", alias, create_advertiser(db, canonical, by)), by)


def merge(db: sqlite3.Connection, source_id: int, target_id: int, by: By) -> None:
    """Let the source become the target: all its bill codes and aliases, those to come too. Refused in a circle."""
    source, target = _require(db, source_id), _require(db, target_id)
    if not target["active"] or target["merged_into_id"] is not None:
        raise Refused(f"Not merged: {target['name']} is not active", "Merge into the customer that it became")
    if source_id == target_id or source["merged_into_id"] is not None:
        raise Refused(f"Not merged: {source['name']} cannot become {target['name']}")
    db.execute("UPDATE customer SET merged_into_id = ?, active = 0 WHERE id = ?", (target_id, source_id))
    resolve_bill_codes(db)
    undo = json.dumps({"verb": "split", "customer": source_id, "active": source["active"]})
    write_audit(db, by, Deed("customer_merge", source["name"], None, target["name"], undo))


def split(db: sqlite3.Connection, customer_id: int, by: By, *, active: bool = True) -> None:
    """Take a merge back. Refused when the customer was not merged."""
    source = _require(db, customer_id)
    if source["merged_into_id"] is None:
        raise Refused(f"Not split: {source['name']} was not merged")
    into = _require(db, source["merged_into_id"])
    db.execute("UPDATE customer SET merged_into_id = NULL, active = ? WHERE id = ?", (active, customer_id))
    resolve_bill_codes(db)
    undo = json.dumps({"verb": "merge", "customer": customer_id, "into": into["id"]})
    write_audit(db, by, Deed("customer_split", source["name"], into["name"], None, undo))


def rename(db: sqlite3.Connection, customer_id: int, name: str, by: By) -> None:
    """Show the customer under another name; bill codes of both find it. Refused when somebody else has the name."""
    customer, name = _require(db, customer_id), tidy(name)
    key = name_key(name)
    if not name or name == customer["name"]:
        raise Refused("Not renamed: that is no other name")
    taken = db.execute("SELECT name FROM customer WHERE id <> ? AND key = ?", (customer_id, key)).fetchone()
    if taken:
        raise Refused(f"Not renamed: there is a customer {taken[0]} already", "Merge the two instead")
    if key != customer["key"]:
        create_alias(db, Alias("bill_code", name, customer_id), by)
    db.execute("UPDATE customer SET name = ? WHERE id = ?", (name, customer_id))
    undo = json.dumps({"verb": "rename", "customer": customer_id, "name": customer["name"]})
    write_audit(db, by, Deed("customer_rename", name, customer["name"], name, undo))


def set_customer_active(db: sqlite3.Connection, customer_id: int, reason: str, by: By, *, active: bool) -> None:
    """Offer the customer no longer, or again; what it has booked stays. Switching off needs a reason."""
    customer = _require(db, customer_id)
    if not active and not reason.strip():
        raise Refused(f"{customer['name']} not deactivated: there is no reason", "Say why, for whoever looks later")
    if customer["merged_into_id"] is not None or customer["active"] == active:
        raise Refused(f"{customer['name']} not changed: it is {'active' if customer['active'] else 'inactive'} already")
    db.execute("UPDATE customer SET active = ? WHERE id = ?", (active, customer_id))
    undo = json.dumps({"verb": "deactivate" if active else "reactivate", "customer": customer_id})
    action = "REACTIVATE" if active else "DEACTIVATE"
    write_audit(db, by, Deed(action, customer["name"], None, reason.strip() or None, undo))


def dismiss(db: sqlite3.Connection, bill_code_id: int, by: By, *, dismissed: bool = True) -> None:
    """Take a bill code out of the queue, or put it back; its money counts under its own text all the same."""
    raw = _raw(db, bill_code_id)
    db.execute("UPDATE bill_code SET dismissed = ? WHERE id = ?", (dismissed, bill_code_id))
    undo = json.dumps({"verb": "restore" if dismissed else "dismiss", "bill_code": bill_code_id})
    write_audit(db, by, Deed("raw_map", raw, None, "dismissed" if dismissed else "to be asked again", undo))


def customer_named(db: sqlite3.Connection, name: str) -> int:
    """The id of the active customer of that name, whatever its case. BookedBizError when there is none."""
    key = name_key(name)
    row = db.execute(
        "SELECT id FROM customer WHERE active AND (key = :key OR name = :name) ORDER BY name <> :name LIMIT 1",
        {"key": key, "name": tidy(name)},
    ).fetchone()
    if row is None:
        raise BookedBizError(f"Nothing changed: there is no customer {name!r}", "Choose one of the list, or make it")
    return int(row[0])


def _raw(db: sqlite3.Connection, bill_code_id: int) -> str:
    row = db.execute("SELECT raw FROM bill_code WHERE id = ?", (bill_code_id,)).fetchone()
    if row is None:
        raise BookedBizError(f"Nothing changed: there is no bill code {bill_code_id}")
    return str(row[0])


def _require(db: sqlite3.Connection, customer_id: int) -> sqlite3.Row:
    row: sqlite3.Row | None = db.execute(
        "SELECT id, name, key, active, merged_into_id FROM customer WHERE id = ?", (customer_id,)
    ).fetchone()
    if row is None:
        raise BookedBizError(f"Nothing changed: there is no customer {customer_id}")
    return row
