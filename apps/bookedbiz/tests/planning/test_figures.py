"""The formulas of the planning page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookedbiz.planning.figures import Plan, Sums, add_up, sums_of

amounts = st.integers(0, 10**10)
plans = st.builds(Plan, budget=st.none() | amounts, forecast=st.none() | amounts, booked=st.integers(-(10**9), 10**10))


@pytest.mark.parametrize(
    ("plan", "shown", "from_budget", "effective"),
    [
        (Plan(budget=900, forecast=1000, booked=400), 1000, False, 1000),
        (Plan(budget=900, forecast=1000, booked=1200), 1000, False, 1200),
        (Plan(budget=900, booked=400), 900, True, 900),
        (Plan(budget=900, forecast=0, booked=400), 0, False, 400),
        (Plan(booked=400), None, False, 400),
        (Plan(booked=-50), None, False, -50),
        (Plan(), None, False, 0),
    ],
)
def test_a_forecast_is_what_was_entered_or_else_the_budget(plan, shown, from_budget, effective) -> None:
    assert (plan.shown, plan.from_budget, plan.effective(is_past=False)) == (shown, from_budget, effective)


@given(plan=plans)
def test_a_past_month_brings_what_it_has_booked(plan: Plan) -> None:
    assert plan.effective(is_past=True) == plan.booked


@given(plan=plans, is_past=st.booleans())
def test_booked_and_pipeline_are_what_is_expected(plan: Plan, is_past: bool) -> None:
    sums = sums_of(plan, is_past=is_past)
    assert sums.booked + sums.pipeline == sums.effective == sums.budget + sums.variance
    assert sums.pipeline >= 0


@given(parts=st.lists(st.builds(sums_of, plans, is_past=st.booleans()), max_size=12), cut=st.integers(0, 12))
def test_a_year_is_its_quarters(parts: list[Sums], cut: int) -> None:
    assert add_up([add_up(parts[:cut]), add_up(parts[cut:])]) == add_up(parts)


def test_what_is_reached_is_booked_of_what_is_expected() -> None:
    assert sums_of(Plan(budget=1000, booked=250), is_past=False).reached == 0.25
    assert sums_of(Plan(), is_past=False).reached is None
