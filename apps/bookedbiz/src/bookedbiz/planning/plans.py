"""What is planned and booked, read from the ledger: by entity and month, with what no entity owns."""

import sqlite3
from dataclasses import dataclass, replace

from bookedbiz.planning.figures import Plan
from station_kit import statements

_SQL = statements.load("bookedbiz.planning")

UNMATCHED = 0  # the id of no entity: rows whose sales person is none

Plans = dict[tuple[int, int], Plan]  # by entity and month


@dataclass(frozen=True)
class Entity:
    """A name that owns budget, forecast and booked."""

    id: int
    name: str
    kind: str
    active: bool


@dataclass(frozen=True)
class Unmatched:
    """A sales person who is no entity, and what hangs on it."""

    name: str
    spots: int
    gross_cents: int


@dataclass(frozen=True)
class Buyer:
    """A customer behind a booked figure."""

    name: str
    spots: int
    gross_cents: int


@dataclass(frozen=True)
class Buyers:
    """The largest customers behind a booked figure; `others` is what the rest brings."""

    largest: tuple[Buyer, ...]
    count: int
    gross_cents: int

    @property
    def others(self) -> int:
        return self.gross_cents - sum(each.gross_cents for each in self.largest)


def entities(db: sqlite3.Connection) -> list[Entity]:
    """Every entity, inactive ones too, by name."""
    return [Entity(row["id"], row["name"], row["kind"], bool(row["active"])) for row in db.execute(_SQL["entities"])]


def load_plans(db: sqlite3.Connection, first_month: int, last_month: int) -> Plans:
    """What is planned or booked for those months, both ends included; entity UNMATCHED has booked alone."""
    span = {"first_month": first_month, "last_month": last_month}
    plans: Plans = {
        (row["entity_id"], row["month"]): Plan(
            row["budget_cents"], row["forecast_cents"], row["new_accounts"], row["new_cents"]
        )
        for row in db.execute(_SQL["plans"], span)
    }
    for row in db.execute(_SQL["booked_by_entity"], span):
        cell = (row["entity_id"], row["month"])
        plans[cell] = replace(plans.get(cell, Plan()), booked=row["gross_cents"])
    return plans


def unmatched(db: sqlite3.Connection, first_month: int, last_month: int) -> list[Unmatched]:
    """Sales persons of those months who are no entity, the largest first."""
    rows = db.execute(_SQL["unmatched_revenue"], {"first_month": first_month, "last_month": last_month})
    return [Unmatched(row["sales_person"], row["spots"], row["gross_cents"]) for row in rows]


def buyers(
    db: sqlite3.Connection, entity_id: int | None, first_month: int, last_month: int, *, count: int = 50
) -> Buyers:
    """The customers behind a booked figure, the largest first; `entity_id` None for the company."""
    asked = {"entity_id": entity_id, "first_month": first_month, "last_month": last_month}
    everybody = [
        Buyer(row["customer"], row["spots"], row["gross_cents"]) for row in db.execute(_SQL["customers_behind"], asked)
    ]
    return Buyers(tuple(everybody[:count]), len(everybody), sum(each.gross_cents for each in everybody))
