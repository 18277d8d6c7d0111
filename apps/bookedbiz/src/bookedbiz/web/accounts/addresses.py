"""The address book: every customer and agency in one list, flat or below its agency, and the way to make one."""

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from bookedbiz.accounts import finding
from bookedbiz.accounts.assigning import assign
from bookedbiz.accounts.finding import Asked, asked_of, choices_of, find, grouped
from bookedbiz.accounts.mine import account_table
from bookedbiz.accounts.signals import Kind
from bookedbiz.accounts.similar import create_account, similar
from bookedbiz.accounts.standing import Account, accounts, money_of
from bookedbiz.names.suggesting import Candidate
from bookedbiz.web.accounts.shared import aes_of, as_file, blueprint, last_refresh, today
from bookedbiz.web.context import database, writing
from bookedbiz.web.links import path, query
from bookedbiz.web.roles import MANAGEMENT, SELLING, only

QUESTION = "Who are our customers and agencies, and whom do we talk to there?"


@blueprint.get("/book")
@only(SELLING)
def address_book() -> str:
    """Who are our customers and agencies, and whom do we talk to there?"""
    db = database()
    every = _seen()
    asked = asked_of(request.args)
    found = _in_order(every, asked)
    first = asked.number * finding.SHOWN
    return render_template(
        "accounts-book.html",
        asked=asked,
        choices=choices_of(every),
        signals=[kind.value for kind in Kind],
        touches=finding.TOUCHES,
        shown=found[first : first + finding.SHOWN],
        count=len(found),
        year_cents=money_of(found, found),
        pages=(len(found) + finding.SHOWN - 1) // finding.SHOWN,
        address=_address,
        question=QUESTION,
        refresh=last_refresh(db),
    )


@blueprint.get("/book.<kind>")
@only(SELLING)
def export_book(kind: str) -> Response:
    """All that the address book finds, as a file."""
    asked = asked_of(request.args)
    said = ", ".join(f"{name}: {value}" for name, value in asked.to_args().items() if name != "page")
    return as_file(kind, (account_table("address book", _in_order(_seen(), asked)),), QUESTION, said)


@blueprint.get("/new")
@only(MANAGEMENT)
def new() -> str:
    """Make an account, after a look at names that are alike."""
    return _new_page("", "customer", [])


@blueprint.post("/new")
@only(MANAGEMENT)
def create() -> ResponseReturnValue:
    """Show whose names are alike; make it when there are none, or when somebody has looked."""
    form = request.form
    name, kind = " ".join(form.get("name", "").split()), form.get("kind", "customer")
    alike = similar(database(), kind, name) if name else []
    if alike and form.get("looked") != "1":
        return _new_page(name, kind, alike), 409
    ae = form.get("ae", "")
    with writing() as (db, by):
        account_id = create_account(db, kind, name, form.get("sector") or None, by)
        if ae.isascii() and ae.isdigit():
            assign(db, account_id, int(ae), by)
    flash(f"{name} made.")
    return redirect(url_for("accounts.account", account_id=account_id), 303)


def _seen() -> list[Account]:
    return accounts(database(), today(), ae_id=current_user.only_ae_id)


def _in_order(every: list[Account], asked: Asked) -> list[Account]:
    found = find(every, asked)
    return grouped(found) if asked.view == "grouped" else found


def _address(asked: Asked, kind: str = "") -> str:
    """Where the address book with that question is; with a kind, its file."""
    there = path("accounts.export_book", kind=kind) if kind else path("accounts.address_book")
    said = query(asked.to_args())  # it may say of which kind, too, which is not the file's
    return f"{there}?{said}" if said else there


def _new_page(name: str, kind: str, alike: list[Candidate]) -> str:
    db = database()
    sectors = [row["name"] for row in db.execute("SELECT name FROM sector ORDER BY name")]
    return render_template("accounts-new.html", name=name, kind=kind, alike=alike, aes=aes_of(db), sectors=sectors)
