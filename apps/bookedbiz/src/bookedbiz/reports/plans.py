"""Budgets and forecasts by entity and month, as they were entered. No booked figure comes from here."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bookedbiz.reports.booked import ByMonth
from bookedbiz.reports.filters import Filters, Measure
from station_kit import statements

_SQL = statements.load("bookedbiz.reports")


@dataclass(frozen=True)
class Planned:
    """One month's plan in cents; None: nothing was entered."""

    budget: int | None
    forecast: int | None

    @property
    def shown(self) -> int | None:
        """The forecast as entered, else the budget."""
        return self.budget if self.forecast is None else self.forecast


Plans = Mapping[str, Mapping[int, Planned]]  # by entity and month


def planned(db: sqlite3.Connection, filters: Filters, first_month: int, last_month: int) -> Plans:
    """The plans of the entities that the filters leave; none where they ask for a part of an entity's business."""
    narrowed = (filters.revenue_type, filters.sector, filters.market, filters.language, filters.customer)
    if any(narrowed) or filters.measure is not Measure.GROSS:  # plans are gross, of an entity's whole business
        return {}
    parameters = {
        "first_month": first_month,
        "last_month": last_month,
        "only_ae_id": filters.only_ae_id,
        "ae": filters.ae,
        "entity": filters.entity,
    }
    found: dict[str, dict[int, Planned]] = {}
    for row in db.execute(_SQL["plans_by_entity"], parameters):
        found.setdefault(row["entity"], {})[row["month"]] = Planned(row["budget_cents"], row["forecast_cents"])
    return found


def budget_of(plans: Iterable[Mapping[int, Planned]], months: Sequence[int]) -> int | None:
    """The budgets of these months together; None when there is none at all."""
    found = [plan[month].budget for plan in plans for month in months if month in plan]
    amounts = [amount for amount in found if amount is not None]
    return sum(amounts) if amounts else None


def expected_of(plan: Mapping[int, Planned], booked: ByMonth, months: Sequence[int]) -> int | None:
    """One entity's forecast: of each month what was entered, else the budget, and never less than what is booked."""
    if not any(month in plan and plan[month].shown is not None for month in months):
        return None
    shown = ((plan[month].shown or 0) if month in plan else 0 for month in months)
    return sum(max(amount, booked.get(month, 0)) for amount, month in zip(shown, months, strict=True))
