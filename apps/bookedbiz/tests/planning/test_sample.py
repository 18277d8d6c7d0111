"""The sample station has plans to look at, and its plans agree with its book."""

import sqlite3
from contextlib import closing
from pathlib import Path

from bookedbiz.exports.plan_rows import plan_rows
from bookedbiz.planning.figures import Plan
from bookedbiz.planning.grid import planning_grid
from bookedbiz.planning.plans import UNMATCHED, entities, load_plans, unmatched
from bookedbiz.reports import booked
from bookedbiz.reports.filters import Filters
from station_kit.sqlitefile import open_database


def opened(sample_database: Path) -> "closing[sqlite3.Connection]":
    return closing(open_database(sample_database, read_only=True))


def test_the_company_of_the_grid_is_the_company_of_the_reports(sample_database: Path) -> None:
    with opened(sample_database) as db:
        by_month = booked.by_month(db, Filters(2026), 202601, 202612)
        grid = planning_grid(entities(db), load_plans(db, 202601, 202612), 2026, 202611)
    found = {cell.column.months[0]: cell.sums.booked for cell in grid.company.cells if cell.column.is_month}
    assert found == {month: by_month.get(month, 0) for month in range(202601, 202613)}
    assert grid.company.year.booked == sum(by_month.values())
    quarters = [cell.sums.booked for cell in grid.company.cells if len(cell.column.months) == 3]
    assert sum(quarters) == grid.company.year.booked


def test_the_window_is_this_month_and_the_next_two(sample_database: Path) -> None:
    with opened(sample_database) as db:
        plans = load_plans(db, 202601, 202712)
        both = [planning_grid(entities(db), plans, year, 202611) for year in (2026, 2027)]
    states = {column.months[0]: column.state for grid in both for column in grid.columns if column.is_month}
    assert [month for month, state in states.items() if state == "window"] == [202611, 202612, 202701]
    assert states[202610] == "past"
    assert states[202702] == "later"


def test_export_and_page_agree_where_they_should(sample_database: Path) -> None:
    with opened(sample_database) as db:
        plans = load_plans(db, 202601, 202612)
        rows = plan_rows(entities(db), plans, 2026)
        grid = planning_grid(entities(db), plans, 2026, 202601)
    assert len(rows) > 100
    shown = {(block.name, cell.column.months[0]): cell for block in grid.blocks for cell in block.cells if cell.plan}
    for row in rows:
        cell = shown[(row.ae1, row.month)]
        assert (row.booked, row.budget, row.expected) == (cell.sums.booked, cell.plan.budget, cell.sums.effective)


def test_what_no_entity_owns_is_listed_with_its_dollars(sample_database: Path) -> None:
    with opened(sample_database) as db:
        plans = load_plans(db, 202601, 202612)
        listed = unmatched(db, 202601, 202612)
    assert [each.name for each in listed] == ["Rowan Fennick"]
    whole = sum(plans.get((UNMATCHED, month), Plan()).booked for month in range(202601, 202613))
    assert sum(each.gross_cents for each in listed) == whole > 0


def test_its_budgets_follow_the_year_before(sample_database: Path) -> None:
    with opened(sample_database) as db:
        plans = load_plans(db, 202501, 202612)
        notes = [row[0] for row in db.execute("SELECT note FROM plan_session ORDER BY id")]
    for (entity, month), plan in plans.items():
        if month >= 202601 and plan.budget is not None:
            assert abs(plan.budget - plans[(entity, month - 100)].booked * 1.06) <= 50_00 or plan.budget == 0
    assert notes == ["Approved budget", "Monday sales meeting"]
