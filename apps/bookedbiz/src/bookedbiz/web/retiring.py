"""Customers to retire, and the class of those that stay."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bookedbiz.months import month_of, station_day
from bookedbiz.names import deeds
from bookedbiz.upkeep import listing, stale
from bookedbiz.upkeep.classes import Class, set_class
from bookedbiz.web.context import database, now, writing
from bookedbiz.web.roles import ADMIN, MANAGEMENT, only

blueprint = Blueprint("retiring", __name__, url_prefix="/customers")

SHOWN = 150
_TABS = ("stale", "zero", "inactive")


@blueprint.get("/stale")
@only(MANAGEMENT)
def stale_customers() -> str:
    """Which customers can be retired?"""
    years = request.args.get("years", stale.USUAL_YEARS, type=int)
    tab = request.args.get("tab", "stale")
    if not 1 <= years <= stale.MOST_YEARS or tab not in _TABS:
        abort(404)
    found = stale.stale_customers(database(), station_day(now()), years)
    shown = {"stale": found.stale, "zero": found.zero, "inactive": found.inactive}[tab]
    return render_template(
        "upkeep-stale.html", found=found, tab=tab, years=years, customers=shown[:SHOWN], count=len(shown)
    )


@blueprint.post("/stale")
@only(ADMIN)
def retire() -> ResponseReturnValue:
    """Deactivate those that are ticked, for a reason."""
    ids = request.form.getlist("customer", type=int)
    with writing() as (db, by):
        count = stale.retire(db, ids, request.form.get("reason", ""), by)
    flash(f"Deactivated: {count:,} {'customer' if count == 1 else 'customers'}. What they booked stays.")
    return redirect(url_for("retiring.stale_customers", tab=request.form.get("tab") or None), 303)


@blueprint.post("/activate")
@only(ADMIN)
def activate() -> ResponseReturnValue:
    """Let those that are ticked be active again."""
    ids = request.form.getlist("customer", type=int)
    with writing() as (db, by):
        for customer_id in dict.fromkeys(ids):
            deeds.set_customer_active(db, customer_id, request.form.get("reason", ""), by, active=True)
    flash(f"Active again: {len(set(ids)):,}.")
    return redirect(url_for("retiring.stale_customers", tab="inactive"), 303)


@blueprint.get("/classes")
@only(MANAGEMENT)
def classes() -> str:
    """Which customer is regular, which came once, which is political?"""
    part, wanted = request.args.get("q", "").strip()[:120], request.args.get("class", "")
    if wanted not in ("", *Class):
        abort(404)
    year = month_of(station_day(now())) // 100
    found = listing.customers_by_class(database(), year, part=part, wanted=wanted)
    return render_template(
        "upkeep-classes.html",
        customers=found[:SHOWN],
        count=len(found),
        q=part,
        wanted=wanted,
        classes=Class,
        year=year,
    )


@blueprint.post("/classes")
@only(MANAGEMENT)
def say_class() -> ResponseReturnValue:
    """Say the class of those that are ticked."""
    said = request.form.get("class", "")
    if said not in ("by sector", *Class):
        abort(422)
    wanted = None if said == "by sector" else Class(said)
    with writing() as (db, by):
        count = set_class(db, request.form.getlist("customer", type=int), wanted, by)
    flash(f"Done: {count:,} {'customer is' if count == 1 else 'customers are'} {said}. The audit takes it back.")
    return redirect(url_for("retiring.classes", q=request.form.get("q") or None), 303)
