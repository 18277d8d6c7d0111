"""What budget, forecast and booked say together on the planning page. Pure.

The export for workbooks follows other rules on purpose: bookedbiz.exports.plan_rows.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

WINDOW_MONTHS = 3  # the current month and the next two: what a planning session is about


class Item(StrEnum):
    """What can be planned for an entity and a month."""

    BUDGET = "budget"
    FORECAST = "forecast"
    NEW_ACCOUNTS = "new_accounts"
    NEW_DOLLARS = "new_dollars"


@dataclass(frozen=True)
class Plan:
    """One entity's month. None: nothing was entered. Money in cents."""

    budget: int | None = None
    forecast: int | None = None
    new_accounts: int | None = None
    new_dollars: int | None = None
    booked: int = 0

    @property
    def shown(self) -> int | None:
        """The forecast as it is shown: as entered, else the budget."""
        return self.budget if self.forecast is None else self.forecast

    @property
    def from_budget(self) -> bool:
        """Whether the forecast shown is the budget."""
        return self.forecast is None and self.budget is not None

    def effective(self, *, is_past: bool) -> int:
        """What is expected in the end: of a past month what was booked, else the forecast shown or more."""
        return self.booked if is_past or self.shown is None else max(self.shown, self.booked)

    def entered(self, item: Item) -> int | None:
        """What was entered for that item."""
        entered: dict[Item, int | None] = {
            Item.BUDGET: self.budget,
            Item.FORECAST: self.forecast,
            Item.NEW_ACCOUNTS: self.new_accounts,
            Item.NEW_DOLLARS: self.new_dollars,
        }
        return entered[item]


@dataclass(frozen=True)
class Sums:
    """Some months, of one entity or of many, added up."""

    budget: int = 0
    effective: int = 0
    booked: int = 0
    new_accounts: int = 0
    new_dollars: int = 0

    @property
    def pipeline(self) -> int:
        """What is expected and not booked yet."""
        return self.effective - self.booked

    @property
    def variance(self) -> int:
        """What is expected beyond the budget, or short of it."""
        return self.effective - self.budget

    @property
    def reached(self) -> float | None:
        """Booked as a share of what is expected; None when nothing is."""
        return self.booked / self.effective if self.effective > 0 else None


def sums_of(plan: Plan, *, is_past: bool) -> Sums:
    """One month as a sum of its own."""
    return Sums(
        budget=plan.budget or 0,
        effective=plan.effective(is_past=is_past),
        booked=plan.booked,
        new_accounts=plan.new_accounts or 0,
        new_dollars=plan.new_dollars or 0,
    )


def add_up(parts: Iterable[Sums]) -> Sums:
    """All parts together."""
    whole = Sums()
    for part in parts:
        whole = Sums(
            budget=whole.budget + part.budget,
            effective=whole.effective + part.effective,
            booked=whole.booked + part.booked,
            new_accounts=whole.new_accounts + part.new_accounts,
            new_dollars=whole.new_dollars + part.new_dollars,
        )
    return whole
