"""The address book's details: contacts, addresses, billing and notes of an account. Every change is audited."""

import sqlite3
from dataclasses import dataclass
from typing import Final

from bookedbiz.accounts.activity import account_name
from bookedbiz.errors import BookedBizError, Refused
from bookedbiz.names.audit import By, Deed, write_audit

ROLES: Final = ("decision maker", "account manager", "billing", "technical", "traffic", "other")
ADDRESSES: Final = ("billing", "shipping", "PO box", "office", "other")
LONGEST: Final = 200
LONGEST_NOTES: Final = 4_000
LONGEST_EDI_CODE: Final = 10


@dataclass(frozen=True)
class Contact:
    """Somebody at an account."""

    name: str
    title: str = ""
    role: str = "other"
    email: str = ""
    phone: str = ""
    is_primary: bool = False


@dataclass(frozen=True)
class Address:
    """Where an account is, or wants something sent."""

    kind: str
    street: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""
    is_primary: bool = False


@dataclass(frozen=True)
class Billing:
    """How an account is billed. Commission in hundredths of a percent; None was never reviewed, which is not 0."""

    commission_bp: int | None = None
    order_basis: str | None = None
    po_number: str = ""
    edi: bool | None = None
    edi_code: str = ""
    affidavit: bool = False


def save_contact(db: sqlite3.Connection, account_id: int, new: Contact, by: By, contact_id: int | None = None) -> int:
    """Add a contact, or change that one, in the caller's transaction; its id. The first one is the primary one."""
    name, new = account_name(db, account_id), _checked(new)
    before = None if contact_id is None else _require(db, "contact", contact_id, account_id)
    others = db.execute(
        "SELECT count(*) FROM contact WHERE account_id = ? AND is_primary AND id IS NOT ?", (account_id, contact_id)
    ).fetchone()[0]
    primary = new.is_primary or not others
    if primary:
        db.execute("UPDATE contact SET is_primary = 0 WHERE account_id = ? AND is_primary", (account_id,))
    values = (new.name, new.title, new.role, new.email, new.phone, primary)
    if contact_id is None:
        row = db.execute(
            """INSERT INTO contact (account_id, name, title, role, email, phone, is_primary)
               VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id""",
            (account_id, *values),
        ).fetchone()
        contact_id = int(row[0])
    else:
        db.execute(
            """UPDATE contact SET name = ?, title = ?, role = ?, email = ?, phone = ?, is_primary = ?, active = 1
               WHERE id = ?""",
            (*values, contact_id),
        )
    old = None if before is None else _words(before, "name", "title", "role", "email", "phone")
    write_audit(db, by, Deed("contact", name, old, ", ".join(filter(None, map(str, values[:5])))))
    return contact_id


def drop_contact(db: sqlite3.Connection, account_id: int, contact_id: int, by: By) -> None:
    """Show a contact no longer; activities keep naming it."""
    before = _require(db, "contact", contact_id, account_id)
    db.execute("UPDATE contact SET active = 0, is_primary = 0 WHERE id = ?", (contact_id,))
    said = _words(before, "name", "title", "role", "email", "phone")
    write_audit(db, by, Deed("contact", account_name(db, account_id), said, None))


def save_address(db: sqlite3.Connection, account_id: int, new: Address, by: By, address_id: int | None = None) -> int:
    """Add an address, or change that one, in the caller's transaction; its id. The first one is the primary one."""
    name = account_name(db, account_id)
    if new.kind not in ADDRESSES:
        raise Refused(f"Address not saved: {new.kind!r} is no kind of address", f"It is one of {', '.join(ADDRESSES)}")
    place = tuple(" ".join(text.split())[:LONGEST] for text in (new.street, new.city, new.state, new.zip))
    if not any(place):
        raise Refused("Address not saved: it is empty")
    before = None if address_id is None else _require(db, "address", address_id, account_id)
    others = db.execute(
        "SELECT count(*) FROM address WHERE account_id = ? AND is_primary AND id IS NOT ?", (account_id, address_id)
    ).fetchone()[0]
    primary = new.is_primary or not others
    if primary:
        db.execute("UPDATE address SET is_primary = 0 WHERE account_id = ? AND is_primary", (account_id,))
    if address_id is None:
        row = db.execute(
            """INSERT INTO address (account_id, kind, street, city, state, zip, is_primary)
               VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id""",
            (account_id, new.kind, *place, primary),
        ).fetchone()
        address_id = int(row[0])
    else:
        db.execute(
            "UPDATE address SET kind = ?, street = ?, city = ?, state = ?, zip = ?, is_primary = ? WHERE id = ?",
            (new.kind, *place, primary, address_id),
        )
    old = None if before is None else _words(before, "kind", "street", "city", "state", "zip")
    write_audit(db, by, Deed("address", name, old, ", ".join(filter(None, (new.kind, *place)))))
    return address_id


def drop_address(db: sqlite3.Connection, account_id: int, address_id: int, by: By) -> None:
    """Remove an address; the audit keeps it."""
    before = _require(db, "address", address_id, account_id)
    db.execute("DELETE FROM address WHERE id = ?", (address_id,))
    said = _words(before, "kind", "street", "city", "state", "zip")
    write_audit(db, by, Deed("address", account_name(db, account_id), said, None))


def save_billing(db: sqlite3.Connection, account_id: int, new: Billing, by: By) -> None:
    """Store how the account is billed, in the caller's transaction. Refused for what cannot be."""
    name = account_name(db, account_id)
    if new.commission_bp is not None and not 0 <= new.commission_bp <= 10_000:
        raise Refused("Billing not saved: a commission is from 0 to 100 %")
    if new.order_basis not in (None, "gross", "net"):
        raise Refused("Billing not saved: orders are gross or net")
    if len(new.edi_code) > LONGEST_EDI_CODE:
        raise Refused(f"Billing not saved: an EDI code has at most {LONGEST_EDI_CODE} letters")
    before = _billing_words(billing_of(db, account_id))
    db.execute(
        """UPDATE account SET commission_bp = ?, order_basis = ?, po_number = ?, edi = ?, edi_code = ?, affidavit = ?
           WHERE id = ?""",
        (
            new.commission_bp,
            new.order_basis,
            new.po_number.strip()[:LONGEST],
            new.edi,
            new.edi_code.strip(),
            new.affidavit,
            account_id,
        ),
    )
    after = _billing_words(billing_of(db, account_id))
    if after != before:
        write_audit(db, by, Deed("billing", name, before, after))


def billing_of(db: sqlite3.Connection, account_id: int) -> Billing:
    """How the account itself is billed, without what it inherits."""
    row = db.execute(
        "SELECT commission_bp, order_basis, po_number, edi, edi_code, affidavit FROM account WHERE id = ?",
        (account_id,),
    ).fetchone()
    return Billing(row[0], row[1], row[2], None if row[3] is None else bool(row[3]), row[4], bool(row[5]))


def save_notes(db: sqlite3.Connection, account_id: int, text: str, by: By) -> None:
    """Store the notes of an account, in the caller's transaction."""
    name = account_name(db, account_id)
    before = db.execute("SELECT notes FROM account WHERE id = ?", (account_id,)).fetchone()[0]
    notes = text.replace("\r\n", "\n").strip()[:LONGEST_NOTES]
    if notes != before:
        db.execute("UPDATE account SET notes = ? WHERE id = ?", (notes, account_id))
        write_audit(db, by, Deed("account_notes", name, before or None, notes or None))


def _checked(new: Contact) -> Contact:
    name, title, email, phone = (
        " ".join(text.split())[:LONGEST] for text in (new.name, new.title, new.email, new.phone)
    )
    if not name:
        raise Refused("Contact not saved: there is no name")
    if new.role not in ROLES:
        raise Refused(f"Contact not saved: {new.role!r} is no role", f"It is one of {', '.join(ROLES)}")
    if email and (email.count("@") != 1 or " " in email or email.startswith("@") or email.endswith("@")):
        raise Refused(f"Contact not saved: {email!r} is no e-mail address")
    return Contact(name, title, new.role, email, phone, new.is_primary)


_FIND: Final = {
    "contact": "SELECT * FROM contact WHERE id = ? AND account_id = ?",
    "address": "SELECT * FROM address WHERE id = ? AND account_id = ?",
}


def _require(db: sqlite3.Connection, table: str, number: int, account_id: int) -> sqlite3.Row:
    row: sqlite3.Row | None = db.execute(_FIND[table], (number, account_id)).fetchone()
    if row is None:
        raise BookedBizError(f"Nothing changed: this account has no such {table}")
    return row


def _words(row: sqlite3.Row, *names: str) -> str:
    return ", ".join(str(row[name]) for name in names if row[name])


def _billing_words(billing: Billing) -> str:
    commission = "never reviewed" if billing.commission_bp is None else f"{billing.commission_bp / 100:g} %"
    edi = "EDI not said" if billing.edi is None else f"EDI {billing.edi_code}".strip() if billing.edi else "no EDI"
    parts = (
        f"commission {commission}",
        billing.order_basis or "",
        f"PO {billing.po_number}" if billing.po_number else "",
        edi,
        "affidavit" if billing.affidavit else "",
    )
    return ", ".join(filter(None, parts))
