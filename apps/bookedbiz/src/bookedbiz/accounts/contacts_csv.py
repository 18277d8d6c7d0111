"""Contacts as a CSV file: out with a line for each, in by the account's name; all of it, or nothing."""

import csv
import io
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bookedbiz.accounts.book import ROLES, Contact, save_contact
from bookedbiz.errors import Refused
from bookedbiz.names.audit import By
from bookedbiz.names.text import name_key
from station_kit.statements import load

_SQL = load("bookedbiz.accounts")
COLUMNS: Final = ("account", "type", "name", "title", "role", "email", "phone", "primary")
_RISKY: Final = ("=", "+", "-", "@", "\t", "\r")
_YES: Final = frozenset({"yes", "y", "1", "true", "x"})
MOST_LINES: Final = 5_000
SHOWN_PROBLEMS: Final = 5


@dataclass(frozen=True)
class Wanted:
    """One line of the file: a contact of an account, new or one that is there."""

    account_id: int
    contact: Contact
    contact_id: int | None


def contacts_as_csv(db: sqlite3.Connection, ae_id: int | None) -> bytes:
    """The contacts of all accounts, or of those of one AE. Text that a spreadsheet would run is quoted."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in db.execute(_SQL["contacts"], {"ae_id": ae_id}):
        writer.writerow([f"'{cell}" if cell.startswith(_RISKY) else cell for cell in map(str, row)])
    return text.getvalue().encode("utf-8-sig")


def read_contacts(db: sqlite3.Connection, text: str, ae_id: int | None) -> list[Wanted]:
    """What a file wants, with every line checked. Refused with the first lines that make no sense.

    A contact is known by its e-mail, else by its name, within its account. With an AE only their accounts are known.
    """
    known = _accounts(db, ae_id)
    held = {
        (row["account_id"], kind, key): row["id"]
        for row in db.execute("SELECT id, account_id, name, email FROM contact ORDER BY id")
        for kind, key in (("name", name_key(row["name"])), ("email", row["email"].casefold()))
        if key
    }
    wanted: list[Wanted] = []
    problems: list[str] = []
    for number, cells in _lines(text):
        account_id = known.get((cells["type"].casefold(), name_key(cells["account"])))
        contact = Contact(
            cells["name"], cells["title"], cells["role"].casefold() or "other", cells["email"], cells["phone"],
            cells["primary"].casefold() in _YES,
        )  # fmt: skip
        problem = _problem(cells, contact, account_id)
        if problem or account_id is None:
            problems.append(f"line {number}: {problem}")
            continue
        email, name = contact.email.casefold(), name_key(contact.name)
        contact_id = held.get((account_id, "email", email)) or held.get((account_id, "name", name))
        wanted.append(Wanted(account_id, contact, contact_id))
    if problems:
        more = f"; and {len(problems) - SHOWN_PROBLEMS} more" if len(problems) > SHOWN_PROBLEMS else ""
        raise Refused(
            f"No contacts imported: {'; '.join(problems[:SHOWN_PROBLEMS])}{more}", "Correct the lines and try again"
        )
    if not wanted:
        raise Refused("No contacts imported: the file has no line below its heads", f"Heads: {', '.join(COLUMNS)}")
    return wanted


def store_contacts(db: sqlite3.Connection, wanted: list[Wanted], by: By) -> tuple[int, int]:
    """Add and change contacts, in the caller's transaction; how many of each. What a line leaves empty stays."""
    added = changed = 0
    for each in wanted:
        if each.contact_id is None:
            save_contact(db, each.account_id, each.contact, by)
            added += 1
            continue
        row = db.execute("SELECT * FROM contact WHERE id = ?", (each.contact_id,)).fetchone()
        before = Contact(row["name"], row["title"], row["role"], row["email"], row["phone"], bool(row["is_primary"]))
        new = each.contact
        merged = Contact(
            new.name,
            new.title or before.title,
            new.role if new.role != "other" else before.role,
            new.email or before.email,
            new.phone or before.phone,
            new.is_primary or before.is_primary,
        )
        if merged != before or not row["active"]:
            save_contact(db, each.account_id, merged, by, each.contact_id)
            changed += 1
    return added, changed


def _accounts(db: sqlite3.Connection, ae_id: int | None) -> dict[tuple[str, str], int]:
    """Accounts by type and name; without a type a customer goes before an agency of the same name."""
    rows = db.execute(
        "SELECT id, kind, name FROM account_shown WHERE :ae_id IS NULL OR ae_id = :ae_id ORDER BY kind",
        {"ae_id": ae_id},
    ).fetchall()
    found = {("", name_key(row["name"])): row["id"] for row in rows}
    return found | {(row["kind"], name_key(row["name"])): row["id"] for row in rows}


def _lines(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Each line below the heads, by the heads, with its number."""
    reader = csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""))
    heads = [cell.strip().casefold() for cell in next(reader, [])]
    missing = [name for name in ("account", "name") if name not in heads]
    if missing:
        raise Refused(
            f"No contacts imported: there is no column {' and no column '.join(missing)}",
            f"Heads: {', '.join(COLUMNS)}; account and name must be there",
        )
    for number, cells in enumerate(reader, start=2):
        if number > MOST_LINES:
            raise Refused(f"No contacts imported: the file has more than {MOST_LINES} lines", "Cut it in parts")
        if any(cell.strip() for cell in cells):
            told = dict(zip(heads, (_plain(cell) for cell in cells), strict=False))
            yield number, {name: told.get(name, "") for name in COLUMNS}


def _plain(cell: str) -> str:
    text = " ".join(cell.split())
    return text[1:] if text.startswith("'") and text[1:2] in _RISKY else text


def _problem(cells: dict[str, str], contact: Contact, account_id: int | None) -> str:
    if account_id is None:
        return f"there is no account {cells['account']!r}"
    if not contact.name:
        return "there is no name"
    if contact.role not in ROLES:
        return f"{cells['role']!r} is no role"
    if contact.email and (contact.email.count("@") != 1 or " " in contact.email):
        return f"{contact.email!r} is no e-mail address"
    return ""
