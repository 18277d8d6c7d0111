"""Planning: the grid of forecasts, the budget, who stands behind a figure, and what was entered before."""

import sqlite3
from typing import Any, Final

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bookedbiz.errors import Refused
from bookedbiz.months import add_months, label
from bookedbiz.names.directory import create_ae
from bookedbiz.planning import budgets, sheet
from bookedbiz.planning.entering import field_name, shown, wanted_of
from bookedbiz.planning.figures import Item
from bookedbiz.planning.grid import Grid, planning_grid
from bookedbiz.planning.history import cell_history, last_sessions
from bookedbiz.planning.plans import buyers, entities, load_plans, unmatched
from bookedbiz.planning.saving import Cell, Saved, Session, last_session_id, save
from bookedbiz.planning.versions import versions
from bookedbiz.reports import booked
from bookedbiz.switches import Switch, is_on, turn
from bookedbiz.web import numbers
from bookedbiz.web.context import database, writing
from bookedbiz.web.planning_rights import YEARS, asked_year, may_write, require_writer, this_month
from bookedbiz.web.roles import ADMIN, MANAGEMENT, only

blueprint = Blueprint("planning", __name__, url_prefix="/planning")

_FORECAST_ITEMS: Final = (Item.FORECAST, Item.NEW_ACCOUNTS, Item.NEW_DOLLARS)
_RECENT = 6
blueprint.add_app_template_filter(numbers.dollars, "plain")
blueprint.add_app_template_filter(numbers.share, "part")


@blueprint.get("/")
@only(MANAGEMENT)
def grid() -> ResponseReturnValue:
    """What do we expect of each entity, month by month, and what is booked of it?"""
    return _grid_page(asked_year())


@blueprint.post("/")
@only(MANAGEMENT)
def save_session() -> ResponseReturnValue:
    """Save what was entered on the grid as one session, or reset one entity to its budget."""
    require_writer()
    year = asked_year()
    try:
        saved = _reset(request.form["reset"], year) if request.form.get("reset") else _save_entered(_FORECAST_ITEMS)
    except Refused as why:
        return _grid_page(year, problem=why), 409
    return redirect(url_for("planning.grid", **_arguments(year), saved=saved.changes), 303)


@blueprint.get("/budget")
@only(MANAGEMENT)
def budget() -> ResponseReturnValue:
    """What is each entity's budget, month by month?"""
    return _budget_page(asked_year())


@blueprint.post("/budget")
@only(MANAGEMENT)
def save_budget() -> ResponseReturnValue:
    """Save the budgets that were entered, or look at a pasted sheet, or store it."""
    require_writer()
    year = asked_year()
    text = request.form.get("sheet", "")
    try:
        if "look" in request.form:
            wanted = budgets.wanted_budget(database(), sheet.split_text(text), year)
            return _budget_page(year, text=text, found=budgets.compare(database(), wanted))
        saved = _store_sheet(text, year) if "store" in request.form else _save_entered((Item.BUDGET,))
    except Refused as why:
        return _budget_page(year, problem=why, text=text), 409
    return redirect(url_for("planning.budget", year=year, saved=saved.changes), 303)


@blueprint.get("/behind")
@only(MANAGEMENT)
def behind() -> ResponseReturnValue:
    """Who is behind a booked figure, and what was planned for it before?"""
    entity_id = request.args.get("entity", type=int)
    first, last = (request.args.get(name, 0, type=int) for name in ("first", "last"))
    names = {each.id: each.name for each in entities(database())} | {0: "Unmatched"}
    if not _is_month(first) or not _is_month(last) or (entity_id is not None and entity_id not in names):
        abort(404)
    db, one_month = database(), first == last
    return render_template(
        "planning-behind.html",
        name="Company" if entity_id is None else names[entity_id],
        span=label(first) if one_month else f"{label(first)} to {label(last)}",
        buyers=buyers(db, entity_id, first, last),
        plan=load_plans(db, first, last).get((entity_id or 0, first)) if entity_id and one_month else None,
        history=cell_history(db, entity_id, first) if entity_id and one_month else [],
        year=first // 100,
        shown=shown,
    )


@blueprint.get("/unmatched")
@only(MANAGEMENT)
def unmatched_people() -> str:
    """Which sales persons are no entity, and what would become of them?"""
    year = asked_year()
    found = [each for each in unmatched(database(), year * 100 + 1, year * 100 + 12) if each.gross_cents or each.spots]
    return render_template("planning-unmatched.html", people=found, year=year)


@blueprint.post("/entity")
@only(ADMIN)
def make_entity() -> ResponseReturnValue:
    """Make entities of the sales persons that were ticked, who are none yet."""
    names, year = set(request.form.getlist("name")), asked_year()
    if not names <= {each.name for each in unmatched(database(), year * 100 + 1, year * 100 + 12)}:
        abort(404)
    with writing() as (db, by):
        for name in sorted(names):
            create_ae(db, name, by)
    return redirect(url_for("planning.grid", year=year), 303)


@blueprint.post("/who-writes")
@only(ADMIN)
def turn_who_writes() -> ResponseReturnValue:
    """Let management write plans, or admins alone."""
    with writing() as (db, by):
        turn(db, Switch.MANAGEMENT_WRITES_PLANS, by, on=request.form.get("management") == "on")
    return redirect(url_for("planning.grid"), 303)


def _grid_page(year: int, *, problem: Refused | None = None) -> str:
    db, months = database(), (year * 100 + 1, year * 100 + 12)
    planned = planning_grid(entities(db), load_plans(db, *months), year, this_month())
    return render_template(
        "planning.html",
        grid=planned,
        unmatched=[each for each in unmatched(db, *months) if each.gross_cents],
        sessions=last_sessions(db, _RECENT),
        all_lines=request.values.get("lines") == "all",
        management_writes=is_on(db, Switch.MANAGEMENT_WRITES_PLANS),
        **_around(db, year, problem),
    )


def _budget_page(
    year: int, *, problem: Refused | None = None, text: str = "", found: list[budgets.Taken] | None = None
) -> str:
    db = database()
    active = next(each.name for each in versions(db, year) if each.active)
    planned: Grid = planning_grid(entities(db), load_plans(db, year * 100 + 1, year * 100 + 12), year, this_month())
    return render_template(
        "planning-budget.html", grid=planned, text=text, found=found, version=active, **_around(db, year, problem)
    )


def _around(db: sqlite3.Connection, year: int, problem: Refused | None) -> dict[str, object]:
    """What both pages need. `typed` is what was entered when it could not be saved."""
    this_year = this_month() // 100
    return {
        "year": year,
        "years": sorted({*booked.years(db), year, this_year, this_year + 1}, reverse=True),
        "seen": request.form.get("seen", type=int) if problem else last_session_id(db),
        "saved": request.args.get("saved", type=int),
        "problem": problem,
        "typed": request.form if problem else {},
        "can_write": may_write(),
        "Item": Item,
        "field_name": field_name,
        "shown": shown,
    }


def _save_entered(items: tuple[Item, ...]) -> Saved:
    source = "budget" if items == (Item.BUDGET,) else "planning"
    session = Session(source, this_month(), request.form.get("note", ""), seen=request.form.get("seen", type=int))
    wanted = wanted_of(request.form, items)
    with writing() as (db, by):
        return save(db, wanted, session, by)


def _reset(entity: str, year: int) -> Saved:
    """Take the entity's forecasts of the year's open months away: the budget stands in their place."""
    if not entity.isascii() or not entity.isdigit():
        abort(404)
    first = max(this_month(), year * 100 + 1)
    wanted = {Cell(int(entity), month, Item.FORECAST): None for month in range(first, year * 100 + 13)}
    with writing() as (db, by):
        return save(db, wanted, Session("reset", this_month(), request.form.get("note", "")), by)


def _store_sheet(text: str, year: int) -> Saved:
    with writing() as (db, by):
        wanted = budgets.wanted_budget(db, sheet.split_text(text), year)
        return save(db, wanted, Session("import", this_month(), request.form.get("note", "")), by)


def _arguments(year: int) -> dict[str, Any]:
    return {"year": year, "lines": "all"} if request.values.get("lines") == "all" else {"year": year}


def _is_month(month: int) -> bool:
    return month // 100 in YEARS and add_months(month, 0) == month
