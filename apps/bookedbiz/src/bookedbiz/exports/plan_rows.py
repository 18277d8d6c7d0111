"""The planning export: what a plan and what is booked come to, as agreed with the owner of the workbook. Pure.

The planning page follows other rules on purpose: bookedbiz.planning.figures.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from bookedbiz.planning.figures import Plan
from bookedbiz.planning.plans import Entity, Plans
from bookedbiz.reports.calendar import months_of


@dataclass(frozen=True)
class PlanRow:
    """One entity's month, in cents; None where there is nothing to say."""

    ae1: str
    month: int
    budget: int | None
    forecast: int | None
    booked: int
    new_accts: int | None
    new_dollars: int | None
    expected: int
    pipeline: int | None
    vs_budget: int | None


def plan_row(ae1: str, month: int, plan: Plan) -> PlanRow | None:
    """The row of one month; None when nothing is planned and nothing booked, credits alone included.

    Where `pipeline` says something, booked and pipeline together are what is expected.
    """
    planned = plan.shown
    entered = (plan.budget, plan.forecast, plan.new_accounts, plan.new_dollars)
    if all(each is None for each in entered) and plan.booked <= 0:
        return None
    return PlanRow(
        ae1=ae1,
        month=month,
        budget=plan.budget,
        forecast=plan.forecast,
        booked=plan.booked,
        new_accts=plan.new_accounts,
        new_dollars=plan.new_dollars,
        expected=plan.booked if planned is None else max(plan.booked, planned),
        pipeline=None if planned is None else max(0, planned - plan.booked),
        vs_budget=None if plan.budget is None else plan.booked - plan.budget,
    )


def plan_rows(entities: Iterable[Entity], plans: Plans, year: int) -> list[PlanRow]:
    """The rows of a year: active entities by name, months in time."""
    active = sorted((each for each in entities if each.active), key=lambda each: (each.name.casefold(), each.name))
    rows = (
        plan_row(each.name, month, plans.get((each.id, month), Plan())) for each in active for month in months_of(year)
    )
    return [row for row in rows if row is not None]
