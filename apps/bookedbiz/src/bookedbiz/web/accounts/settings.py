"""From which figures on a signal shows: the station's thresholds."""

from dataclasses import asdict

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bookedbiz.accounts.refresh import record, refresh
from bookedbiz.accounts.thresholds import WORDS, Thresholds, load_thresholds, set_thresholds
from bookedbiz.errors import Refused
from bookedbiz.web.accounts.shared import blueprint
from bookedbiz.web.context import database, now, writing
from bookedbiz.web.roles import ADMIN, only


@blueprint.get("/thresholds")
@only(ADMIN)
def thresholds() -> str:
    """From which figures on does a signal show?"""
    held = asdict(load_thresholds(database()))
    return render_template("accounts-thresholds.html", held=held, words=WORDS, usual=asdict(Thresholds()))


@blueprint.post("/thresholds")
@only(ADMIN)
def change_thresholds() -> ResponseReturnValue:
    """Store what was changed, and compute the signals with it."""
    wanted = {name: _whole(name) for name in WORDS if name in request.form}
    with writing() as (db, by):
        changed = set_thresholds(db, wanted, by)
        found = refresh(db, now())
        record(db, now(), None, None)
    flash(f"{changed} changed; {found.opened} signals opened, {found.closed} closed.")
    return redirect(url_for("accounts.thresholds"), 303)


def _whole(name: str) -> int:
    text = request.form[name].replace(",", "").replace("$", "").strip()
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise Refused(f"Thresholds not changed: {request.form[name]!r} is no whole number")
    return int(text)
