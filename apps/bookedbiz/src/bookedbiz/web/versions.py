"""Versions of the budget: copy one, change it, make it the one that reports read."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bookedbiz.errors import Refused
from bookedbiz.planning.entering import field_name, shown, wanted_of
from bookedbiz.planning.figures import Item, Plan
from bookedbiz.planning.grid import planning_grid
from bookedbiz.planning.plans import entities
from bookedbiz.planning.versions import (
    Version,
    activate,
    budgets_of,
    change_version,
    copy_version,
    drop_version,
    rename_version,
    versions,
)
from bookedbiz.web.context import database, writing
from bookedbiz.web.planning_rights import asked_year, may_write, require_writer, this_month
from bookedbiz.web.roles import MANAGEMENT, only

blueprint = Blueprint("versions", __name__, url_prefix="/planning/versions")


@blueprint.get("/")
@only(MANAGEMENT)
def everything() -> str:
    """Which budgets are there, and which one is in force?"""
    year = asked_year()
    return render_template(
        "planning-versions.html", versions=versions(database(), year), year=year, years=_years(), can_write=may_write()
    )


@blueprint.get("/<int:version_id>")
@only(MANAGEMENT)
def one(version_id: int) -> ResponseReturnValue:
    """What does this version say of each entity, month by month?"""
    version = _version(version_id)
    if version.active:
        return redirect(url_for("planning.budget", year=asked_year()))
    return _page(version)


@blueprint.post("/<int:version_id>")
@only(MANAGEMENT)
def change(version_id: int) -> ResponseReturnValue:
    """Save the budgets that were entered."""
    require_writer()
    version = _version(version_id)
    try:
        with writing() as (db, by):
            saved = change_version(db, version_id, wanted_of(request.form, (Item.BUDGET,)), by)
    except Refused as why:
        return _page(version, problem=why), 409
    return redirect(url_for("versions.one", version_id=version_id, year=asked_year(), saved=saved), 303)


@blueprint.post("/<int:version_id>/<verb>")
@only(MANAGEMENT)
def do(version_id: int, verb: str) -> ResponseReturnValue:
    """Copy it, rename it, make it the budget, or throw it away."""
    require_writer()
    version, name = _version(version_id), request.form.get("name", "")
    if verb not in ("copy", "rename", "activate", "drop"):
        abort(404)
    with writing() as (db, by):
        if verb == "copy":
            copy_version(db, version_id, name, request.form.get("note", ""), by)
            words = f"{version.name} copied."
        elif verb == "rename":
            rename_version(db, version_id, name, by)
            words = f"{version.name} renamed."
        elif verb == "activate":
            done = activate(db, version_id, this_month(), by, change_past=request.form.get("past") == "yes")
            left = f" {done.kept} of months that are over stayed as they were." if done.kept else ""
            words = f"{version.name} is the budget now: {done.changes} budgets changed.{left}"
        else:
            drop_version(db, version_id, by)
            words = f"{version.name} thrown away."
    flash(words)
    return redirect(url_for("versions.everything", year=asked_year()), 303)


def _version(version_id: int) -> Version:
    found = [each for each in versions(database(), asked_year()) if each.id == version_id]
    if not found:
        abort(404)
    return found[0]


def _page(version: Version, *, problem: Refused | None = None) -> str:
    year, db = asked_year(), database()
    plans = {key: Plan(budget=cents) for key, cents in budgets_of(db, version).items() if key[1] // 100 == year}
    return render_template(
        "planning-version.html",
        version=version,
        grid=planning_grid(entities(db), plans, year, this_month()),
        year=year,
        years=_years(),
        can_write=may_write(),
        problem=problem,
        typed=request.form if problem else {},
        saved=request.args.get("saved", type=int),
        Item=Item,
        field_name=field_name,
        shown=shown,
    )


def _years() -> list[int]:
    this_year = this_month() // 100
    return sorted({this_year - 1, this_year, this_year + 1, asked_year()}, reverse=True)
