"""The year by sector: what is expected of each by quarter, what is booked of it, and which entities do not add up."""

import sqlite3
from collections import Counter, defaultdict
from dataclasses import dataclass

from bookedbiz.planning.plans import entities, load_plans
from bookedbiz.planning.sectors import State, balances, load_expectations, sector_names
from bookedbiz.reports.calendar import months_of
from bookedbiz.reports.filters import Filters
from bookedbiz.reports.table import Cell, Column, Kind, Role, Row, Table, share
from station_kit import statements

_SQL = statements.load("bookedbiz.planning")
UNASSIGNED = "Unassigned"


@dataclass(frozen=True)
class SectorYear:
    """What the page and its files show."""

    sectors: Table
    entities: Table

    @property
    def tables(self) -> tuple[Table, ...]:
        return self.sectors, self.entities


def sector_year(db: sqlite3.Connection, year: int) -> SectorYear:
    """What is expected of the sectors this year, and what is booked of it."""
    return SectorYear(_sectors(db, year), _entities(db, year))


def _sectors(db: sqlite3.Connection, year: int) -> Table:
    first, last = year * 100 + 1, year * 100 + 12
    names = sector_names(db)
    expected: dict[str, list[int]] = defaultdict(lambda: [0] * 4)
    for key, cents in load_expectations(db, first, last).items():
        expected[names[key.sector_id]][(key.month % 100 - 1) // 3] += cents
    booked: dict[str, list[int]] = defaultdict(lambda: [0] * 4)
    for row in db.execute(_SQL["booked_by_sector"], {"first_month": first, "last_month": last}):
        booked[row["sector"]][row["quarter"] - 1] += row["gross_cents"]
    shown = [name for name in (*names.values(), UNASSIGNED) if any(expected[name]) or any(booked[name])]
    shown.sort(key=lambda name: (-sum(expected[name]), -sum(booked[name]), name))
    rows = [Row((name, *_cells(expected[name], booked[name]))) for name in shown]
    sums = [[sum(each[name][quarter] for name in shown) for quarter in range(4)] for each in (expected, booked)]
    rows.append(Row(("Company", *_cells(*sums)), role=Role.TOTAL))
    pairs = ((Column(f"Q{n} expected", Kind.MONEY), Column(f"Q{n} booked", Kind.MONEY)) for n in range(1, 5))
    columns = (Column("Sector", Kind.NAME), *(column for pair in pairs for column in pair),
               Column("Expected", Kind.MONEY), Column("Booked", Kind.MONEY), Column("of it", Kind.SHARE))  # fmt: skip
    return Table("by sector", columns, tuple(rows))


def _cells(expected: list[int], booked: list[int]) -> tuple[Cell, ...]:
    pairs = (cell for pair in zip(expected, booked, strict=True) for cell in pair)
    return (*pairs, sum(expected), sum(booked), share(sum(booked), sum(expected)))


def _entities(db: sqlite3.Connection, year: int) -> Table:
    first, last = year * 100 + 1, year * 100 + 12
    expected, plans = load_expectations(db, first, last), load_plans(db, first, last)
    budgets = {key: plan.budget for key, plan in plans.items()}
    rows = []
    for entity in entities(db):
        months = balances(expected, budgets, entity.id, months_of(year)).values()
        if not entity.active and not any(each.expected for each in months):
            continue
        states = Counter(each.state for each in months)
        budget, sums = sum(each.budget or 0 for each in months), sum(each.expected or 0 for each in months)
        rows.append(
            Row(
                (entity.name, budget, sums, sums - budget if sums else None, states[State.BALANCED],
                 states[State.UNDER], states[State.OVER], states[State.NOTHING]),
                opens=Filters(year, entity=entity.name),
            )
        )  # fmt: skip
    columns = (
        Column("Entity", Kind.NAME, hint="Opens its sectors, month by month"),
        Column("Budget", Kind.MONEY),
        Column("Sectors", Kind.MONEY),
        Column("Difference", Kind.CHANGE),
        *(Column(words, Kind.COUNT) for words in ("Balanced", "Under", "Over", "Not split")),
    )
    return Table("by entity", columns, tuple(rows))
