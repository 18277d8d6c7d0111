"""A budget from a sheet, against the plans that are there: what would it change?"""

import sqlite3
from dataclasses import dataclass

from bookedbiz.names.text import name_key
from bookedbiz.planning import sheet
from bookedbiz.planning.figures import Plan
from bookedbiz.planning.plans import entities, load_plans
from bookedbiz.planning.saving import Wanted


@dataclass(frozen=True)
class Taken:
    """What a sheet says of one entity: its months together, before and after."""

    name: str
    months: int
    changed: int
    before: int
    after: int


def wanted_budget(db: sqlite3.Connection, lines: sheet.Lines, year: int) -> Wanted:
    """What the sheet asks for. Refused, with all that is wrong with it."""
    ids = {name_key(entity.name): entity.id for entity in entities(db)}
    return sheet.wanted_of(sheet.budget_of(lines, year), ids)


def compare(db: sqlite3.Connection, wanted: Wanted) -> list[Taken]:
    """What would become of each entity that the sheet names, by name."""
    plans = load_plans(db, min(cell.month for cell in wanted), max(cell.month for cell in wanted))
    found = []
    for entity in entities(db):
        cells = [cell for cell in wanted if cell.entity_id == entity.id]
        before = [plans.get((cell.entity_id, cell.month), Plan()).budget for cell in cells]
        after = [wanted[cell] for cell in cells]
        if cells:
            changed = sum(old != new for old, new in zip(before, after, strict=True))
            sums = [sum(cents or 0 for cents in side) for side in (before, after)]
            found.append(Taken(entity.name, len(cells), changed, *sums))
    return found
