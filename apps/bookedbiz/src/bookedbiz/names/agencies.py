"""What a clerk does to agencies, each in the caller's transaction, audited with what taking it back needs.

A customer is known by its agencies' names and its own, so whatever happens to an agency happens to the names of its
customers; where two become one name, the customer is merged. Taking it back puts each of them where it was.
"""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from bookedbiz.errors import BookedBizError, Refused
from bookedbiz.names import deeds
from bookedbiz.names.audit import By, Deed, write_audit
from bookedbiz.names.directory import Alias, create_alias
from bookedbiz.names.resolve import resolve_bill_codes
from bookedbiz.names.suggesting import words_of
from bookedbiz.names.text import name_key, tidy


def rename_agency(db: sqlite3.Connection, agency_id: int, name: str, by: By) -> None:
    """Call the agency, and its customers with it, by another name; the old one still means it. Refused when taken."""
    agency, name = _require(db, agency_id), tidy(name)
    if not name or ":" in name or name == agency["name"]:
        raise Refused("Not renamed: that is no other name of an agency")
    taken = db.execute("SELECT name FROM agency WHERE id <> ? AND key = ?", (agency_id, name_key(name))).fetchone()
    if taken:
        raise Refused(f"Not renamed: there is an agency {taken[0]} already", "Merge the two instead")
    db.execute("DELETE FROM alias WHERE kind = 'agency' AND key = ? AND agency_id = ?", (name_key(name), agency_id))
    before = {row["id"]: _display(db, row) for row in _customers(db, agency_id)}
    db.execute("UPDATE agency SET name = ?, key = ? WHERE id = ?", (name, name_key(name), agency_id))
    for row in _customers(db, agency_id):
        _name_anew(db, row, before[row["id"]])
    if name_key(name) != agency["key"]:
        create_alias(db, Alias("agency", agency["name"], agency_id), by)
    resolve_bill_codes(db)
    undo = json.dumps({"verb": "agency rename", "agency": agency_id, "name": agency["name"]})
    write_audit(db, by, Deed("agency_rename", name, agency["name"], name, undo))


def merge_agency(db: sqlite3.Connection, source_id: int, target_id: int, by: By) -> None:
    """Let one agency become another: its customers move, and those that the other has, too, are merged with theirs."""
    source, target = _require(db, source_id), _require(db, target_id)
    if source_id == target_id or source["merged_into_id"] is not None:
        raise Refused(f"Not merged: {source['name']} cannot become {target['name']}")
    if not target["active"] or target["merged_into_id"] is not None:
        raise Refused(f"Not merged: {target['name']} is not active", "Merge into the agency that it became")
    moved, merged = [], []
    for row in _customers(db, source_id):
        before = _display(db, row)
        agencies = [target_id if row[column] == source_id else row[column] for column in ("agency_id", "via_agency_id")]
        key = name_key(_display(db, {"agency_id": agencies[0], "via_agency_id": agencies[1],
                                     "advertiser": row["advertiser"]}))  # fmt: skip
        other = db.execute("SELECT id, active, merged_into_id FROM customer WHERE key = ?", (key,)).fetchone()
        if other is None:
            moved.append([row["id"], row["agency_id"], row["via_agency_id"], row["name"], row["key"]])
            db.execute("UPDATE customer SET agency_id = ?, via_agency_id = ? WHERE id = ?", (*agencies, row["id"]))
            _name_anew(db, _customer(db, row["id"]), before)
        elif row["merged_into_id"] is None:
            into = other["merged_into_id"] or other["id"]
            merged.append([row["id"], into, row["active"]])
            db.execute("UPDATE customer SET merged_into_id = ?, active = 0 WHERE id = ?", (into, row["id"]))
    db.execute("UPDATE agency SET merged_into_id = ?, active = 0 WHERE id = ?", (target_id, source_id))
    resolve_bill_codes(db)
    undo = json.dumps({"verb": "agency split", "agency": source_id, "into": target_id, "active": source["active"],
                       "moved": moved, "merged": merged})  # fmt: skip
    write_audit(db, by, Deed("agency_merge", source["name"], None, target["name"], undo))


def split_agency(db: sqlite3.Connection, agency_id: int, by: By) -> None:
    """Take the newest merge of the agency back. Refused when it was not merged, or a name of before is taken."""
    agency = _require(db, agency_id)
    if agency["merged_into_id"] is None:
        raise Refused(f"Not split: {agency['name']} was not merged")
    rows = db.execute("SELECT extra FROM audit WHERE action = 'agency_merge' ORDER BY id DESC").fetchall()
    told = next((found for (extra,) in rows if (found := json.loads(extra or "{}")).get("agency") == agency_id), None)
    if told is None:  # a copy without the audit's details
        raise Refused(f"Not split: nothing is known any more of how {agency['name']} was merged")
    for customer_id, first, via, name, key in told["moved"]:
        if db.execute("SELECT 1 FROM customer WHERE key = ? AND id <> ?", (key, customer_id)).fetchone():
            raise Refused(f"Not split: there is a customer {name} again", "Merge that one first")
        db.execute(
            "UPDATE customer SET agency_id = ?, via_agency_id = ?, name = ?, key = ? WHERE id = ?",
            (first, via, name, key, customer_id),
        )
    for customer_id, into, active in told["merged"]:
        db.execute(
            "UPDATE customer SET merged_into_id = NULL, active = ? WHERE id = ? AND merged_into_id = ?",
            (active, customer_id, into),
        )
    db.execute("UPDATE agency SET merged_into_id = NULL, active = ? WHERE id = ?", (told["active"], agency_id))
    resolve_bill_codes(db)
    undo = json.dumps({"verb": "agency merge", "agency": agency_id, "into": agency["merged_into_id"]})
    write_audit(db, by, Deed("agency_split", agency["name"], None, None, undo))


def set_agency_active(db: sqlite3.Connection, agency_id: int, reason: str, by: By, *, active: bool) -> None:
    """Offer the agency no longer, or again; what is booked through it stays. Switching off needs a reason."""
    agency = _require(db, agency_id)
    if not active and not reason.strip():
        raise Refused(f"{agency['name']} not deactivated: there is no reason", "Say why, for whoever looks later")
    if agency["merged_into_id"] is not None or bool(agency["active"]) == active:
        raise Refused(f"{agency['name']} not changed: it is {'active' if agency['active'] else 'inactive'} already")
    db.execute("UPDATE agency SET active = ? WHERE id = ?", (active, agency_id))
    undo = json.dumps({"verb": "agency deactivate" if active else "agency reactivate", "agency": agency_id})
    deed = Deed(
        "REACTIVATE" if active else "DEACTIVATE", f"agency {agency['name']}", None, reason.strip() or None, undo
    )
    write_audit(db, by, deed)


def add_spelling(db: sqlite3.Connection, agency_id: int, text: str, by: By) -> None:
    """Let another text mean the agency. Refused while it is an agency with customers of its own."""
    deeds.same_agency(db, tidy(text), _require(db, agency_id)["name"], by)


def agency_named(db: sqlite3.Connection, name: str) -> int:
    """The id of the active agency of that name, whatever its case. BookedBizError when there is none."""
    row = db.execute("SELECT id FROM agency WHERE active AND key = ?", (name_key(name),)).fetchone()
    if row is None:
        raise BookedBizError(f"Nothing changed: there is no active agency {name!r}", "Choose one of the list")
    return int(row[0])


def take_back(db: sqlite3.Connection, told: dict[str, object], by: By) -> bool:
    """Whether a line of the audit was about an agency; if so it is taken back."""
    verb, number = told["verb"], {name: value for name, value in told.items() if isinstance(value, int)}
    if verb == "agency rename":
        rename_agency(db, number["agency"], str(told["name"]), by)
    elif verb == "agency split":
        split_agency(db, number["agency"], by)
    elif verb == "agency merge":
        merge_agency(db, number["agency"], number["into"], by)
    elif verb in ("agency deactivate", "agency reactivate"):
        set_agency_active(db, number["agency"], "taken back", by, active=verb == "agency reactivate")
    else:
        return False
    return True


@dataclass(frozen=True)
class Double:
    """Two agencies that may be one, and why."""

    id: int
    name: str
    other_id: int
    other_name: str
    why: str


def doubles(agencies: Iterable[tuple[int, str]]) -> list[Double]:
    """Pairs that have the same words, or of which one's words are the beginning of the other's name."""
    known = [(agency_id, name, words_of(name), name_key(name)) for agency_id, name in agencies]
    found = []
    for one, other in combinations(sorted(known, key=lambda each: each[3]), 2):
        if one[2] == other[2]:
            why = f"same words: {', '.join(one[2])}"
        elif other[3].startswith(f"{one[3]} "):
            why = "one name begins with the other"
        else:
            continue
        found.append(Double(one[0], one[1], other[0], other[1], why))
    return found


def _name_anew(db: sqlite3.Connection, row: sqlite3.Row, before: str) -> None:
    """Give the customer the key that its agencies make; and the name, unless somebody has given it another one."""
    display = _display(db, row)
    key = name_key(display)
    if db.execute("SELECT 1 FROM customer WHERE key = ? AND id <> ?", (key, row["id"])).fetchone():
        raise Refused(f"Not renamed: there is a customer {display} already", "Merge the two customers first")
    name = display if name_key(row["name"]) == name_key(before) else row["name"]
    db.execute("UPDATE customer SET name = ?, key = ? WHERE id = ?", (name, key, row["id"]))


def _display(db: sqlite3.Connection, row: "sqlite3.Row | dict[str, object]") -> str:
    """`Agency:Agency:Advertiser`, as the names are now."""
    ids = [row["agency_id"], row["via_agency_id"]]
    names = [db.execute("SELECT name FROM agency WHERE id = ?", (each,)).fetchone()[0] for each in ids if each]
    return ":".join([*names, str(row["advertiser"])])


_CUSTOMER = """SELECT customer.id, customer.name, customer.key, agency_id, via_agency_id, active, merged_into_id,
                      advertiser.name AS advertiser
               FROM customer JOIN advertiser ON advertiser.id = advertiser_id"""


def _customers(db: sqlite3.Connection, agency_id: int) -> list[sqlite3.Row]:
    where = " WHERE :agency IN (agency_id, via_agency_id) ORDER BY customer.id"
    return db.execute(_CUSTOMER + where, {"agency": agency_id}).fetchall()


def _customer(db: sqlite3.Connection, customer_id: int) -> sqlite3.Row:
    row: sqlite3.Row = db.execute(_CUSTOMER + " WHERE customer.id = ?", (customer_id,)).fetchone()
    return row


def _require(db: sqlite3.Connection, agency_id: int) -> sqlite3.Row:
    row: sqlite3.Row | None = db.execute(
        "SELECT id, name, key, active, merged_into_id FROM agency WHERE id = ?", (agency_id,)
    ).fetchone()
    if row is None:
        raise BookedBizError(f"Nothing changed: there is no agency {agency_id}")
    return row
