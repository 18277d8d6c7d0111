"""Whether the ledger is what it must be: each question has an answer and, when it is no, what was found."""

import sqlite3
from dataclasses import dataclass

from bookedbiz.importing.closing import broken_seals
from bookedbiz.months import label
from station_kit.statements import load

_SQL = load("bookedbiz.importing")
_MOST_SHOWN = 5


@dataclass(frozen=True)
class Check:
    """One question. `found` says what is wrong, empty when nothing is."""

    name: str
    found: list[str]

    @property
    def passed(self) -> bool:
        return not self.found


def check_ledger(db: sqlite3.Connection) -> list[Check]:
    """Every check, in order. Reads all of the ledger; changes nothing."""
    return [
        Check("the file is whole", _integrity(db)),
        Check("every reference points to something", _foreign_keys(db)),
        Check("the summary says what the spots say", _rows(db, "check_summary", "month {}: {} and {}")),
        Check("prices and air dates add up to the spots", _rows(db, "check_prices", "{} of {}: {} and {}")),
        Check("rows read = stored + skipped, for every import", _rows(db, "check_batches", "import {}: {}")),
        Check("what the imports added and removed is what is there", _rows(db, "check_spots", "{} and {} spots")),
        Check("the changes add up, for every import", _rows(db, "check_changes", "import {}: {} and {} cents")),
        Check("entities add up to the company", _rows(db, "check_entities", "{}: {} and {} cents")),
        Check("closed months hold what they held", [label(month) for month in broken_seals(db)]),
    ]


def _integrity(db: sqlite3.Connection) -> list[str]:
    lines = [str(row[0]) for row in db.execute(f"PRAGMA integrity_check({_MOST_SHOWN})")]
    return [] if lines == ["ok"] else lines


def _foreign_keys(db: sqlite3.Connection) -> list[str]:
    return [f"{row[0]} {row[1]} → {row[2]}" for row in db.execute("PRAGMA foreign_key_check").fetchmany(_MOST_SHOWN)]


def _rows(db: sqlite3.Connection, question: str, shape: str) -> list[str]:
    return [shape.format(*row) for row in db.execute(_SQL[question]).fetchmany(_MOST_SHOWN)]
