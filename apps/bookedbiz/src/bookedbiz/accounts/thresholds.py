"""From which figures on a signal shows: what the station has set, else what is here."""

import sqlite3
from dataclasses import asdict, dataclass, fields, replace
from typing import Final

from bookedbiz.errors import Refused
from bookedbiz.names.audit import By, Deed, write_audit

LARGEST: Final = 1_000_000_000


@dataclass(frozen=True)
class Thresholds:
    """Dollars, percent, days and months, as the name says."""

    churned_dollars: int = 10_000
    gap_percent: int = 25
    declining_dollars: int = 10_000
    declining_percent: int = 70
    declining_cover_percent: int = 50
    quiet_dollars: int = 10_000
    quiet_often_months: int = 20
    quiet_often_days: int = 90
    quiet_regular_months: int = 12
    quiet_regular_days: int = 120
    quiet_rare_months: int = 6
    quiet_rare_days: int = 240
    new_dollars: int = 5_000
    new_months: int = 12
    growing_dollars: int = 10_000
    growing_percent: int = 130
    unworked_days: int = 7
    untouched_days: int = 14


WORDS: Final = {
    "churned_dollars": "Churned: at least so many dollars in the 12 months before the last 12",
    "gap_percent": "Renewal gap: the current and the next 2 months below so many percent of the last 3",
    "declining_dollars": "Declining: at least so many dollars in the 12 months before",
    "declining_percent": "Declining: the last 12 months below so many percent of those",
    "declining_cover_percent": "Declining: what is ahead covers less than so many percent of what is missing",
    "quiet_dollars": "Gone quiet: at least so many dollars ever",
    "quiet_often_months": "Gone quiet: active in so many of the last 24 months is often",
    "quiet_often_days": "Gone quiet: no airing for so many days, of who airs often",
    "quiet_regular_months": "Gone quiet: active in so many of the last 24 months is regular",
    "quiet_regular_days": "Gone quiet: no airing for so many days, of who airs regularly",
    "quiet_rare_months": "Gone quiet: active in so many of the last 24 months is now and then",
    "quiet_rare_days": "Gone quiet: no airing for so many days, of who airs now and then",
    "new_dollars": "New account: at least so many dollars ever",
    "new_months": "New account: first aired within so many months",
    "growing_dollars": "Growing: at least so many dollars in 12 months",
    "growing_percent": "Growing: more than so many percent of the 12 months before",
    "unworked_days": "A signal is unworked when it is new for more than so many days",
    "untouched_days": "A renewal gap is untouched after so many days without an activity",
}


def load_thresholds(db: sqlite3.Connection) -> Thresholds:
    """Those in force."""
    known = {entry.name for entry in fields(Thresholds)}
    rows = db.execute("SELECT name, value FROM signal_threshold").fetchall()
    return replace(Thresholds(), **{row[0]: int(row[1]) for row in rows if row[0] in known})


def set_thresholds(db: sqlite3.Connection, wanted: dict[str, int], by: By) -> int:
    """Store what differs, in the caller's transaction, audited; how many did. Refused for what makes no sense."""
    before = asdict(load_thresholds(db))
    for name, value in wanted.items():
        if name not in before:
            raise Refused(f"Thresholds not changed: there is no {name!r}")
        if not 0 <= value <= LARGEST:
            raise Refused(f"Thresholds not changed: {value} makes no sense for {name.replace('_', ' ')}")
    changed = {name: value for name, value in wanted.items() if before[name] != value}
    for name, value in changed.items():
        db.execute(
            "INSERT OR REPLACE INTO signal_threshold (name, value, changed_at, changed_by) VALUES (?, ?, ?, ?)",
            (name, value, by.at, by.actor),
        )
        write_audit(db, by, Deed("signal_threshold", name, str(before[name]), str(value)))
    return len(changed)
