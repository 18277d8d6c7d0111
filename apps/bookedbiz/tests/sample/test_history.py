"""The sample's past: as the imports of fourteen months would have recorded it, and ending in what is booked now."""

import random
from datetime import UTC, date, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookedbiz.importing.summary import take_snapshots
from bookedbiz.reports import pacing
from bookedbiz.reports.calendar import Calendar
from bookedbiz.reports.filters import Filters
from bookedbiz.sample.fill import SampleRequest, fill
from bookedbiz.sample.history import REACH, Line, steps_of

TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)


@pytest.fixture
def filled(ledger, tmp_path):
    fill(ledger, SampleRequest(800, 7, NOW), tmp_path, None, lambda _: None)
    return ledger


def test_an_import_that_changes_nothing_records_nothing_more(filled) -> None:
    before = [tuple(row) for row in filled.execute("SELECT * FROM snapshot")]
    take_snapshots(filled, range(202611, 202613), TODAY)
    assert [tuple(row) for row in filled.execute("SELECT * FROM snapshot")] == before


def test_pacing_knows_the_same_day_of_last_year_and_where_it_went(filled) -> None:
    report = pacing.pacing_report(filled, Filters(2026), Calendar(TODAY, frozenset()))
    assert report.knows_last_year
    assert report.since == TODAY - REACH
    now, then, *_ = report.table.rows[1].cells[1:]
    final = report.table.rows[1].cells[5]
    assert 0 < then < final
    assert now > 0
    assert len([each for each in report.curve.before if each]) > 5


@given(
    seed=st.integers(0, 999), spots=st.integers(1, 400), gross=st.integers(-10_000, 9_000_000),
    month=st.sampled_from([202509, 202601, 202610, 202611, 202612, 202704]),
)  # fmt: skip
def test_a_line_moves_on_each_of_its_days_and_ends_as_it_is(seed: int, spots: int, gross: int, month: int) -> None:
    line = Line((1, 1, 1, 1), spots, gross, gross * 85 // 100)
    steps = steps_of(random.Random(seed), line, month, TODAY - REACH, TODAY)
    assert steps[-1][1:] == (spots, gross, gross * 85 // 100)
    days = [step[0] for step in steps]
    assert days == sorted(set(days))
    assert all(TODAY - REACH <= day <= TODAY for day in days)
    assert all(before[1:] != after[1:] for before, after in pairwise(steps))
    assert all(day.weekday() < 5 for day in days if day > TODAY - REACH)
