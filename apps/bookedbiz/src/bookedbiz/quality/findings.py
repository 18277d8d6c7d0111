"""Every kind of thing that needs repair, with its rows and the dollars at stake, the most money first. Reads only."""

import sqlite3
from dataclasses import dataclass

from bookedbiz.importing.closing import closed_months
from bookedbiz.languages.rules import review_sums
from bookedbiz.months import label
from bookedbiz.upkeep.codes import KINDS, waiting_codes
from bookedbiz.workbook.issues import TITLES
from station_kit.statements import load

_SQL = load("bookedbiz.quality")
_NAMES = {
    "unresolved_bill_code": "bill code without a customer",
    "blank_bill_code": "no bill code at all",
    "no_sector": "customer without a sector",
    "blank_sales_person": "no sales person",
    "unknown_sales_person": "sales person who is no account executive",
}
_OF_NAMES = frozenset({"no_bill_code"})  # told among the names already
_OF_CODES = frozenset(f"unknown_{kind}" for kind in KINDS)  # told as long as they wait: a row's issue stays with it


@dataclass(frozen=True)
class Finding:
    """One kind. `is_cell`: its rows can be listed by `code`. `urgent`: there must be none."""

    code: str
    words: str
    spots: int
    gross_cents: int
    is_cell: bool = False
    urgent: bool = False


def findings(db: sqlite3.Connection) -> list[Finding]:
    """What needs repair: what must never be first, then by the money that hangs on it. Of names without Trade."""
    found = [*_names(db), *_cells(db), *_codes(db), *_languages(db), *_money(db), *_conflicts(db), *_seals(db)]
    return sorted(found, key=lambda one: (not one.urgent, -abs(one.gross_cents), -one.spots, one.code))


def rows_of(db: sqlite3.Connection, code: str, count: int) -> list[sqlite3.Row]:
    """The rows whose cells have that issue, the largest first."""
    return db.execute(_SQL["rows_of_code"], {"code": code, "count": count}).fetchall()


def _names(db: sqlite3.Connection) -> list[Finding]:
    rows = db.execute(_SQL["names_without"])
    return [Finding(row["problem"], _NAMES[row["problem"]], row["spots"], row["gross_cents"]) for row in rows]


def _cells(db: sqlite3.Connection) -> list[Finding]:
    rows = db.execute(_SQL["cells_by_code"])
    return [
        Finding(row["code"], TITLES.get(row["code"], row["code"]), row["spots"], row["gross_cents"], is_cell=True)
        for row in rows
        if row["code"] not in _OF_NAMES | _OF_CODES
    ]


def _codes(db: sqlite3.Connection) -> list[Finding]:
    sums: dict[str, tuple[int, int]] = {}
    for each in waiting_codes(db):
        spots, cents = sums.get(each.kind, (0, 0))
        sums[each.kind] = spots + each.spots, cents + each.gross_cents
    return [
        Finding(f"unknown_{kind}", TITLES[f"unknown_{kind}"], *amounts, is_cell=True) for kind, amounts in sums.items()
    ]


def _languages(db: sqlite3.Connection) -> list[Finding]:
    spots, cents = review_sums(db)
    return [Finding("language_review", "language that needs a look", spots, cents)] if spots else []


def _money(db: sqlite3.Connection) -> list[Finding]:
    row = db.execute(_SQL["net_and_gross"]).fetchone()
    both = [
        Finding("net_above", "station net above gross", row["net_above_spots"], row["net_above_cents"]),
        Finding("net_zero", "station net of nothing, gross above it", row["net_zero_spots"], row["net_zero_cents"]),
    ]
    return [one for one in both if one.spots]


def _conflicts(db: sqlite3.Connection) -> list[Finding]:
    names = [f"{row['name']} ({row['kind'].replace('_', ' ')})" for row in db.execute(_SQL["alias_conflicts"])]
    words = f"spelling that is also somebody else's name: {', '.join(names[:5])}"
    return [Finding("alias_conflict", words, len(names), 0)] if names else []


def _seals(db: sqlite3.Connection) -> list[Finding]:
    months = [label(one.month) for one in reversed(closed_months(db)) if one.is_broken]
    words = f"closed month that changed since: {', '.join(months)}"
    return [Finding("broken_seal", words, len(months), 0, urgent=True)] if months else []
