"""What the station allows beyond the rule: turned by an admin, audited, and off until somebody turns it on."""

import sqlite3
from enum import StrEnum

from bookedbiz.names.audit import By, Deed, write_audit


class Switch(StrEnum):
    """Each says what is so while it is on."""

    MANAGEMENT_WRITES_PLANS = "management writes plans"
    KNOWN_LANGUAGES_PASS = "known languages pass"  # with a known code nobody is asked about the rest


def is_on(db: sqlite3.Connection, switch: Switch) -> bool:
    """Whether the station has turned it on."""
    row = db.execute("SELECT is_on FROM switch WHERE name = ?", (switch.value,)).fetchone()
    return bool(row and row[0])


def turn(db: sqlite3.Connection, switch: Switch, by: By, *, on: bool) -> bool:
    """Turn it, in the caller's transaction; whether that changed anything."""
    was = is_on(db, switch)
    if was == on:
        return False
    db.execute(
        "INSERT OR REPLACE INTO switch (name, is_on, changed_at, changed_by) VALUES (?, ?, ?, ?)",
        (switch.value, int(on), by.at, by.actor),
    )
    write_audit(db, by, Deed("switch", switch.value, _word(on=was), _word(on=on)))
    return True


def _word(*, on: bool) -> str:
    return "on" if on else "off"
