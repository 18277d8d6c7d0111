"""What an import could not read or did not take: lines left out, and kinds of cells to look at. Reads only."""

import sqlite3
from dataclasses import dataclass

from bookedbiz.workbook.issues import TITLES
from station_kit.statements import load

SHOWN = 200
LONGEST = 120  # of what the cells say: an import may hold a thousand different ones
_SQL = load("bookedbiz.importing")


@dataclass(frozen=True)
class CellProblem:
    """A kind of cell to look at. `says`: what some of them say."""

    code: str
    words: str
    cells: int
    spots: int
    first_row: int
    says: str


@dataclass(frozen=True)
class Problems:
    """`left_out` counts lines by sheet and reason, `lines` are the first of them but the blank ones."""

    left_out: list[sqlite3.Row]
    lines: list[sqlite3.Row]
    cells: list[CellProblem]


def problems_of(db: sqlite3.Connection, batch_id: int) -> Problems:
    """The problems of that import, of cells those that are still in the ledger: a later import may have mended some."""
    asked = {"batch_id": batch_id, "count": SHOWN}
    cells = [_cell(row) for row in db.execute(_SQL["issues_of_batch"], asked)]
    left_out = db.execute(_SQL["skipped_of_batch"], asked).fetchall()
    return Problems(left_out, db.execute(_SQL["skipped_lines_of_batch"], asked).fetchall(), cells)


def _cell(row: sqlite3.Row) -> CellProblem:
    says = row["says"] if len(row["says"]) <= LONGEST else f"{row['says'][:LONGEST]}…"
    words = TITLES.get(row["code"], row["code"])
    return CellProblem(row["code"], words, row["cells"], row["spots"], row["first_row"], says.replace(",", ", "))
