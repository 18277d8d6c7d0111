"""The queue of signals: new, acknowledged, snoozed (and back by itself) or dismissed. Changes are audited."""

import sqlite3
from dataclasses import dataclass
from datetime import date

from bookedbiz.accounts.signals import Kind
from bookedbiz.errors import BookedBizError, Refused
from bookedbiz.names.audit import By, Deed, write_audit
from station_kit.statements import load

_SQL = load("bookedbiz.accounts")
LONGEST_REASON = 300
STATES = ("new", "acknowledged", "snoozed", "dismissed")


@dataclass(frozen=True)
class Item:
    """One open signal. `new_since` counts from the day it opened, or came back."""

    id: int
    account_id: int
    kind: Kind
    label: str
    opened_on: str
    state: str
    new_since: str
    reason: str
    snoozed_until: str | None
    state_by: str | None
    state_at: str | None

    def is_unworked(self, today: date, days: int) -> bool:
        """New for more than so many days."""
        return self.state == "new" and (today - date.fromisoformat(self.new_since)).days > days


def open_items(
    db: sqlite3.Connection, today: date, *, account_id: int | None = None, ae_id: int | None = None
) -> list[Item]:
    """The open signals of one account, of the accounts that an AE looks after, or of all."""
    asked = {"today": today.isoformat(), "account_id": account_id, "ae_id": ae_id}
    return [Item(**{**dict(row), "kind": Kind(row["kind"])}) for row in db.execute(_SQL["open_signals"], asked)]


def acknowledge(db: sqlite3.Connection, signal_id: int, by: By) -> None:
    """Somebody is on it."""
    _change(db, signal_id, "acknowledged", "", None, by)


def snooze(db: sqlite3.Connection, signal_id: int, until: date, reason: str, today: date, by: By) -> None:
    """Not now: it comes back on that date. Refused without a reason, or for a date that is not ahead."""
    if until <= today:
        raise Refused("Not snoozed: the date is not ahead", "Give the day on which it shall come back")
    _change(db, signal_id, "snoozed", _reason(reason, "snoozed"), until.isoformat(), by)


def dismiss(db: sqlite3.Connection, signal_id: int, reason: str, by: By) -> None:
    """It is nothing. Refused without a reason. When it goes and shows again, it is new."""
    _change(db, signal_id, "dismissed", _reason(reason, "dismissed"), None, by)


def reopen(db: sqlite3.Connection, signal_id: int, by: By) -> None:
    """Make it new again."""
    _change(db, signal_id, "new", "", None, by)


def acknowledge_all(db: sqlite3.Connection, account_id: int, today: date, by: By) -> int:
    """Somebody did something there: its new signals are acknowledged; how many."""
    new = [item for item in open_items(db, today, account_id=account_id) if item.state == "new"]
    for item in new:
        acknowledge(db, item.id, by)
    return len(new)


def _change(db: sqlite3.Connection, signal_id: int, state: str, reason: str, until: str | None, by: By) -> None:
    row = db.execute(
        """SELECT account_signal.kind, account_signal.state, account_shown.name FROM account_signal
           JOIN account_shown ON account_shown.id = account_signal.account_id
           WHERE account_signal.id = ? AND account_signal.closed_on IS NULL""",
        (signal_id,),
    ).fetchone()
    if row is None:
        raise BookedBizError("Signal not changed: it is no longer there")
    db.execute(
        "UPDATE account_signal SET state = ?, state_at = ?, state_by = ?, reason = ?, snoozed_until = ? WHERE id = ?",
        (state, by.at, by.actor, reason, until, signal_id),
    )
    said = " ".join(filter(None, (state, f"until {until}" if until else "", reason)))
    write_audit(db, by, Deed("signal", f"{row['kind']} of {row['name']}", row["state"], said))


def _reason(text: str, done: str) -> str:
    reason = " ".join(text.split())
    if not reason:
        raise Refused(f"Not {done}: there is no reason", "Say why, for whoever looks later")
    return reason[:LONGEST_REASON]
