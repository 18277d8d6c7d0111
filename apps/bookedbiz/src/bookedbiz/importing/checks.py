"""Whether the ledger is what it must be: each question has an answer and, when it is no, what was found."""

import sqlite3
from dataclasses import dataclass

from bookedbiz.importing.closing import broken_seals
from bookedbiz.languages.assignment import wrong_languages
from bookedbiz.months import label
from station_kit.statements import load

_SQL = load("bookedbiz.importing")
_MOST_SHOWN = 5


@dataclass(frozen=True)
class Check:
    """One question. `found` says what is wrong, empty when nothing is; `what_to_do` is for whoever reads that."""

    name: str
    found: list[str]
    what_to_do: str = ""

    @property
    def passed(self) -> bool:
        return not self.found


def check_ledger(db: sqlite3.Connection) -> list[Check]:
    """Every check, in order. Reads all of the ledger; changes nothing."""
    return [
        Check("the file is whole", _integrity(db), _RESTORE),
        Check("every reference points to something", _foreign_keys(db), _RESTORE),
        Check("the summary says what the spots say", _rows(db, "check_summary", "month {}: {} and {}"), _IMPORT_AGAIN),
        Check(
            "the summary says the same without spellings", _rows(db, "check_sold", "month {}: {} and {}"), _IMPORT_AGAIN
        ),
        Check(
            "prices and air dates add up to the spots",
            _rows(db, "check_prices", "{} of {}: {} and {}"),
            _IMPORT_AGAIN,
        ),
        Check("what pages count is what is there", _rows(db, "check_counted", "{} of {}"), _IMPORT_AGAIN),
        Check("rows read = stored + skipped, for every import", _rows(db, "check_batches", "import {}: {}"), _BY_HAND),
        Check(
            "what the imports added and removed is what is there",
            _rows(db, "check_spots", "{} and {} spots"),
            "Spots were changed outside of imports. " + _RESTORE,
        ),
        Check(
            "the changes add up, for every import", _rows(db, "check_changes", "import {}: {} and {} cents"), _BY_HAND
        ),
        Check("entities add up to the company", _rows(db, "check_entities", "{}: {} and {} cents"), _IMPORT_AGAIN),
        Check("closed months hold what they held", [label(month) for month in broken_seals(db)], _BROKEN_SEAL),
        Check("every line has the language that the rules give it", wrong_languages(db, _MOST_SHOWN), _IMPORT_AGAIN),
        Check("plans are what their history says", _plans(db, "check_plans", "{} {} {}: {} held, {} told"), _PLAN),
        Check("every change of a plan begins where the last ended", _plans(db, "check_plan_steps", _STEP), _PLAN),
        Check("one budget version is active", _rows(db, "check_versions", "{}: {}"), _PLAN),
    ]


_RESTORE = "Restore the newest point from before it, then import the workbooks since (they are kept in `workbooks`)"
_IMPORT_AGAIN = "Import the newest workbook again; if the check still fails, restore the newest point from before it"
_BY_HAND = "Records of imports were changed by hand: restore the newest point from before it"
_BROKEN_SEAL = "Close the month again with accounting's recap, giving the reason, or restore a point from before it"
_PLAN = "A plan was changed by hand: enter it again on the planning page, or restore a point from before it"
_STEP = "{} {} {}: from {}, before it was {}"


def _plans(db: sqlite3.Connection, question: str, shape: str) -> list[str]:
    rows = db.execute(_SQL[question]).fetchmany(_MOST_SHOWN)
    return [shape.format(entity, label(month), item, *values) for entity, month, item, *values in rows]


def _integrity(db: sqlite3.Connection) -> list[str]:
    lines = [str(row[0]) for row in db.execute(f"PRAGMA integrity_check({_MOST_SHOWN})")]
    return [] if lines == ["ok"] else lines


def _foreign_keys(db: sqlite3.Connection) -> list[str]:
    return [f"{row[0]} {row[1]} → {row[2]}" for row in db.execute("PRAGMA foreign_key_check").fetchmany(_MOST_SHOWN)]


def _rows(db: sqlite3.Connection, question: str, shape: str) -> list[str]:
    return [shape.format(*row) for row in db.execute(_SQL[question]).fetchmany(_MOST_SHOWN)]
