"""The planning export's rows: each state that a month can be in, and what holds in all of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookedbiz.exports.plan_rows import plan_row, plan_rows
from bookedbiz.planning.figures import Plan
from bookedbiz.planning.plans import Entity

planned = st.integers(0, 10**10)
positive = st.integers(1, 10**10)
B, F, K = planned, planned, positive


def row(**plan):
    return plan_row("Avery Quill", 202611, Plan(**plan))


@given(b=B, f=F, k=K)
def test_with_budget_forecast_and_booked_the_forecast_counts(b: int, f: int, k: int) -> None:
    found = row(budget=b, forecast=f, booked=k)
    assert (found.expected, found.pipeline, found.vs_budget) == (max(k, f), max(0, f - k), k - b)
    assert (found.budget, found.forecast, found.booked) == (b, f, k)


@given(b=B, k=K)
def test_with_budget_and_booked_the_budget_counts_and_fills_no_forecast(b: int, k: int) -> None:
    found = row(budget=b, booked=k)
    assert (found.expected, found.pipeline, found.vs_budget) == (max(k, b), max(0, b - k), k - b)
    assert found.forecast is None


@given(f=F, k=K)
def test_with_forecast_and_booked_there_is_no_budget_to_differ_from(f: int, k: int) -> None:
    found = row(forecast=f, booked=k)
    assert (found.expected, found.pipeline, found.vs_budget) == (max(k, f), max(0, f - k), None)


@given(k=K)
def test_with_booked_alone_nothing_is_left_to_expect(k: int) -> None:
    found = row(booked=k)
    assert (found.expected, found.pipeline, found.vs_budget) == (k, None, None)


@given(b=B)
def test_with_budget_alone_all_of_it_is_pipeline(b: int) -> None:
    found = row(budget=b)
    assert (found.expected, found.pipeline, found.vs_budget, found.booked) == (b, b, -b, 0)


@given(f=F)
def test_with_forecast_alone_all_of_it_is_pipeline(f: int) -> None:
    found = row(forecast=f)
    assert (found.expected, found.pipeline, found.vs_budget) == (f, f, None)


@given(b=st.none() | B, f=st.none() | F, k=st.integers(-(10**9), 10**10), n=st.none() | planned, d=st.none() | planned)
def test_booked_and_pipeline_are_what_is_expected_wherever_there_is_a_pipeline(b, f, k, n, d) -> None:
    found = row(budget=b, forecast=f, booked=k, new_accounts=n, new_dollars=d)
    if found is None:
        assert (b, f, n, d) == (None, None, None, None)
        assert k <= 0
        return
    assert (found.pipeline is None) == (b is None and f is None)
    assert (found.vs_budget is None) == (b is None)
    assert (found.forecast, found.new_accts, found.new_dollars) == (f, n, d)
    if found.pipeline is not None:
        assert k + found.pipeline == found.expected


@pytest.mark.parametrize("cents", [0, -45_00])
def test_nothing_planned_and_nothing_but_credits_booked_is_no_row(cents) -> None:
    assert row(booked=cents) is None
    assert row(booked=cents, new_accounts=2) is not None


def test_rows_come_by_name_and_then_by_month_and_without_who_is_gone() -> None:
    avery, gone, house = (
        Entity(3, "avery", "AE", True),
        Entity(4, "Gone", "AE", False),
        Entity(2, "House", "House", True),
    )
    plans = {(entity, month): Plan(budget=1) for entity in (2, 3, 4, 0) for month in (202612, 202602, 202512, 202701)}
    found = [(each.ae1, each.month) for each in plan_rows([house, gone, avery], plans, 2026)]
    assert found == [("avery", 202602), ("avery", 202612), ("House", 202602), ("House", 202612)]
