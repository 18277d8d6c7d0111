"""Whom the bill codes mean: the queue, one code, the customers, and every change with what it moves told before."""

from collections.abc import Callable

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bookedbiz.names import agencies, deeds
from bookedbiz.names.audit import By
from bookedbiz.names.effect import Effect, of_agency, of_customer, try_out, try_out_of_agency
from bookedbiz.names.queue import customers_like, waiting
from bookedbiz.names.text import name_key
from bookedbiz.names.undoing import undo_deed
from bookedbiz.web.context import acting, database, open_for_writing, writing
from bookedbiz.web.roles import ADMIN, MANAGEMENT, only
from station_kit.statements import load
from station_pages.addresses import local_path

blueprint = Blueprint("names", __name__, url_prefix="/names")

SHOWN = 100
_SQL = load("bookedbiz.names")
_WORDS = {
    "link": "Link the bill code to {customer}",
    "create": "Make the customer {name}",
    "alias-agency": "Read the agency {alias} as {name}",
    "alias-advertiser": "Read the advertiser {alias} as {name}",
    "merge": "Merge this customer into {customer}",
    "split": "Split this customer off again",
    "rename": "Rename this customer to {name}",
    "deactivate": "Deactivate this customer: {reason}",
    "reactivate": "Activate this customer again",
    "dismiss": "Leave the bill code as it is",
    "restore": "Put the bill code back into the queue",
    "agency-rename": "Rename this agency, and its customers with it, to {name}",
    "agency-merge": "Merge this agency into {agency}",
    "agency-split": "Split this agency off again",
    "agency-alias": "Read {alias} as this agency",
    "agency-deactivate": "Deactivate this agency: {reason}",
    "agency-reactivate": "Activate this agency again",
}
_OF_A_CUSTOMER = frozenset({"rename", "deactivate", "reactivate"})  # they move no bill code


@blueprint.get("/")
@only(MANAGEMENT)
def queue() -> str:
    """Which bill codes has nobody said the customer of?"""
    dismissed = request.args.get("dismissed") == "1"
    found = waiting(database(), dismissed=dismissed)
    return render_template(
        "clerk-queue.html",
        waiting=found[:SHOWN],
        count=len(found),
        gross_cents=sum(one.gross_cents for one in found),
        spots=sum(one.spots for one in found),
        dismissed=dismissed,
    )


@blueprint.get("/codes/<int:bill_code_id>")
@only(MANAGEMENT)
def code(bill_code_id: int) -> str:
    """Whom does this bill code mean?"""
    db = database()
    found = [one for kind in (False, True) for one in waiting(db, dismissed=kind) if one.id == bill_code_id]
    if not found:
        abort(404)
    sectors = [row["name"] for row in db.execute("SELECT name FROM sector ORDER BY name")]
    return render_template("clerk-code.html", code=found[0], sectors=sectors)


@blueprint.get("/customers")
@only(MANAGEMENT)
def customers() -> str:
    """Who are the customers?"""
    part = name_key(request.args.get("q", "")[:120])
    rows = database().execute(_SQL["customer_list"], {"id": None, "part": part, "count": SHOWN}).fetchall()
    doubles = database().execute(_SQL["duplicates"]).fetchall()
    return render_template("clerk-customers.html", customers=rows, q=request.args.get("q", ""), doubles=doubles)


@blueprint.get("/customers/<int:customer_id>")
@only(MANAGEMENT)
def customer(customer_id: int) -> str:
    """What is known of this customer, and what can be changed?"""
    db = database()
    row = db.execute(_SQL["customer_list"], {"id": customer_id, "part": "", "count": 1}).fetchone()
    if row is None:
        abort(404)
    codes = db.execute("SELECT raw FROM bill_code WHERE customer_id = ? ORDER BY raw", (customer_id,)).fetchall()
    return render_template("clerk-customer.html", customer=row, codes=codes)


@blueprint.get("/agencies")
@only(MANAGEMENT)
def agency_list() -> str:
    """Who are the agencies, and which are there twice?"""
    db, part = database(), name_key(request.args.get("q", "")[:120])
    rows = db.execute(_SQL["agency_list"], {"id": None, "part": part, "count": SHOWN}).fetchall()
    active = [(row[0], row[1]) for row in db.execute("SELECT id, name FROM agency WHERE active")]
    return render_template(
        "clerk-agencies.html", agencies=rows, q=request.args.get("q", ""), doubles=agencies.doubles(active)
    )


@blueprint.get("/agencies/<int:agency_id>")
@only(MANAGEMENT)
def agency(agency_id: int) -> str:
    """What is known of this agency, and what can be changed?"""
    db = database()
    row = db.execute(_SQL["agency_list"], {"id": agency_id, "part": "", "count": 1}).fetchone()
    if row is None:
        abort(404)
    return render_template(
        "clerk-agency.html",
        agency=row,
        customers=db.execute(_SQL["customers_of_agency"], {"agency_id": agency_id}).fetchall(),
        aliases=db.execute(
            "SELECT name FROM alias WHERE agency_id = ? AND active ORDER BY name", (agency_id,)
        ).fetchall(),
        others=db.execute("SELECT name FROM agency WHERE active AND id <> ? ORDER BY name", (agency_id,)).fetchall(),
    )


@blueprint.post("/change")
@only(ADMIN)
def change() -> ResponseReturnValue:
    """Show what a change would move; with `confirm`, make it."""
    form = request.form
    verb = form.get("verb", "")
    if verb not in _WORDS:
        abort(422)
    words = _WORDS[verb].format(
        customer=form.get("customer", ""), name=form.get("name", ""), alias=form.get("alias", ""),
        reason=form.get("reason", ""), agency=form.get("agency", ""),
    )  # fmt: skip
    back = local_path(form.get("back", ""), url_for("names.queue"))
    if form.get("confirm") == "yes":
        with writing() as (db, by):
            _deed(verb, by)(db)
        flash(f"Done: {words}. The audit can take it back.")
        return redirect(back)
    return render_template("clerk-confirm.html", words=words, effect=_effect(verb), form=form, back=back)


@blueprint.post("/undo/<int:audit_id>")
@only(ADMIN)
def undo(audit_id: int) -> ResponseReturnValue:
    """Take a line of the audit back."""
    with writing() as (db, by):
        words = undo_deed(db, audit_id, by)
    flash(f"Taken back: {words}.")
    return redirect(url_for("audit.lines"))


@blueprint.get("/like")
@only(MANAGEMENT)
def like() -> ResponseReturnValue:
    """Names of customers for whoever types one."""
    return {"names": customers_like(database(), name_key(request.args.get("q", "")[:120]), 20)}


def _effect(verb: str) -> Effect:
    with open_for_writing() as db:
        deed = _deed(verb, acting())
        moved = try_out(db, lambda: deed(db))
        if verb == "agency-split":  # they hang on the other one until then
            return try_out_of_agency(db, _number("id"), lambda: deed(db))
        if verb.startswith("agency-") and verb != "agency-alias":
            return of_agency(db, _number("id"))
        return of_customer(db, _number("id")) if verb in _OF_A_CUSTOMER else moved


def _deed(verb: str, by: By) -> Callable[..., object]:
    """What the form asks for, to be run on a connection."""
    form, number = request.form, _number("id")
    name, alias, reason = form.get("name", ""), form.get("alias", ""), form.get("reason", "")
    every: dict[str, Callable[..., object]] = {
        "link": lambda db: deeds.link(db, number, deeds.customer_named(db, form.get("customer", "")), by),
        "create": lambda db: deeds.create_for(db, number, name, form.get("sector") or None, by),
        "alias-agency": lambda db: deeds.same_agency(db, alias, name, by),
        "alias-advertiser": lambda db: deeds.same_advertiser(db, alias, name, by),
        "merge": lambda db: deeds.merge(db, number, deeds.customer_named(db, form.get("customer", "")), by),
        "split": lambda db: deeds.split(db, number, by),
        "rename": lambda db: deeds.rename(db, number, name, by),
        "deactivate": lambda db: deeds.set_customer_active(db, number, reason, by, active=False),
        "reactivate": lambda db: deeds.set_customer_active(db, number, reason, by, active=True),
        "dismiss": lambda db: deeds.dismiss(db, number, by),
        "restore": lambda db: deeds.dismiss(db, number, by, dismissed=False),
    }
    return every[verb] if verb in every else _agency_deed(verb, by)


def _agency_deed(verb: str, by: By) -> Callable[..., object]:
    form, number = request.form, _number("id")
    reason = form.get("reason", "")
    every: dict[str, Callable[..., object]] = {
        "agency-rename": lambda db: agencies.rename_agency(db, number, form.get("name", ""), by),
        "agency-merge": lambda db: agencies.merge_agency(
            db, number, agencies.agency_named(db, form.get("agency", "")), by
        ),
        "agency-split": lambda db: agencies.split_agency(db, number, by),
        "agency-alias": lambda db: agencies.add_spelling(db, number, form.get("alias", ""), by),
        "agency-deactivate": lambda db: agencies.set_agency_active(db, number, reason, by, active=False),
        "agency-reactivate": lambda db: agencies.set_agency_active(db, number, reason, by, active=True),
    }
    return every[verb]


def _number(name: str) -> int:
    text = request.form.get(name, "")
    return int(text) if text.isascii() and text.isdigit() else 0
