"""What of the budget is to come from which sector: the year by sector, and one entity month by month."""

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from bookedbiz.errors import Refused
from bookedbiz.planning.entering import shown
from bookedbiz.planning.figures import Item
from bookedbiz.planning.plans import entities, load_plans
from bookedbiz.planning.sector_year import sector_year
from bookedbiz.planning.sectors import (
    Key,
    balances,
    field_name,
    load_expectations,
    save_expectations,
    sector_names,
    wanted_of,
)
from bookedbiz.reports.calendar import months_of
from bookedbiz.reports.filters import Filters
from bookedbiz.reports.table import Table
from bookedbiz.web.context import database, writing
from bookedbiz.web.planning_rights import asked_year, may_write, require_writer, this_month
from bookedbiz.web.reporting import exported
from bookedbiz.web.roles import MANAGEMENT, only
from bookedbiz.web.tables import render_table

blueprint = Blueprint("sectors", __name__, url_prefix="/planning")

QUESTION = "What do we expect of each sector, and what of it is booked?"


@blueprint.get("/sectors")
@only(MANAGEMENT)
def by_sector() -> str:
    """What do we expect of each sector this year?"""
    year = asked_year()
    report = sector_year(database(), year)
    return render_template(
        "planning-sectors.html", report=report, year=year, years=_years(year), draw=_draw, question=QUESTION
    )


@blueprint.get("/sectors.<kind>")
@only(MANAGEMENT)
def export_by_sector(kind: str) -> Response:
    """The same as a file."""
    year = asked_year()
    return exported(kind, sector_year(database(), year).tables, Filters(year), QUESTION)


@blueprint.get("/sectors/<int:entity_id>")
@only(MANAGEMENT)
def of_entity(entity_id: int) -> str:
    """What is expected of each sector of this entity, month by month?"""
    return _entity_page(entity_id)


@blueprint.post("/sectors/<int:entity_id>")
@only(MANAGEMENT)
def save(entity_id: int) -> ResponseReturnValue:
    """Save what was entered."""
    require_writer()
    try:
        wanted = {key: cents for key, cents in wanted_of(request.form).items() if key.entity_id == entity_id}
        with writing() as (db, by):
            saved = save_expectations(db, wanted, this_month(), by)
    except Refused as why:
        return _entity_page(entity_id, problem=why), 409
    return redirect(url_for("sectors.of_entity", entity_id=entity_id, year=asked_year(), saved=saved), 303)


def _entity_page(entity_id: int, *, problem: Refused | None = None) -> str:
    db, year = database(), asked_year()
    names = {each.id: each.name for each in entities(db)}
    if entity_id not in names:
        abort(404)
    months = months_of(year)
    plans = load_plans(db, months[0], months[-1])
    expected = load_expectations(db, months[0], months[-1])
    budgets = {key: plan.budget for key, plan in plans.items()}
    return render_template(
        "planning-sector.html",
        name=names[entity_id],
        entity_id=entity_id,
        months=months,
        month=this_month(),
        sectors=sector_names(db),
        expected=expected,
        balances=balances(expected, budgets, entity_id, months),
        year=year,
        years=_years(year),
        can_write=may_write(),
        problem=problem,
        typed=request.form if problem else {},
        saved=request.args.get("saved", type=int),
        key=Key,
        field_name=field_name,
        shown=lambda cents: shown(Item.BUDGET, cents),
    )


def _draw(table: Table, year: int) -> Markup:
    ids = {each.name: each.id for each in entities(database())}

    def opens(filters: Filters) -> str:
        return url_for("sectors.of_entity", entity_id=ids[filters.entity or ""], year=year)

    return render_table(table, Filters(year), lambda _: url_for("sectors.by_sector", year=year), opens, kind="dense")


def _years(year: int) -> list[int]:
    this_year = this_month() // 100
    return sorted({this_year - 1, this_year, this_year + 1, year})
