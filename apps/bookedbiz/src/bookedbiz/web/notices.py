"""Notices: what the station was told, whether it arrived, and one to try; who gets the day's changes by mail."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from bookedbiz.notices.outbox import Notice, Sent, send_waiting
from bookedbiz.notices.telling import told
from bookedbiz.web.context import context, database, now, open_for_writing
from bookedbiz.web.roles import ADMIN, MANAGEMENT, only
from station_kit.statements import load

blueprint = Blueprint("notices", __name__, url_prefix="/notices")

SHOWN = 50
_SQL = load("bookedbiz.notices")


@blueprint.get("/")
@only(MANAGEMENT)
def page() -> str:
    """What was the station told, and did it arrive?"""
    rows = database().execute(_SQL["last_notices"], {"count": SHOWN}).fetchall()
    return render_template("clerk-notices.html", notices=rows, ways=context().settings.ways)


@blueprint.post("/try")
@only(ADMIN)
def try_out() -> ResponseReturnValue:
    """Send a notice that says nothing."""
    with open_for_writing() as db:
        sent = told(db, Notice("try", "A trial notice", "It says nothing."), context().settings.ways, now())
    return _back(sent)


@blueprint.post("/send")
@only(ADMIN)
def send() -> ResponseReturnValue:
    """Try again what has not gone out yet."""
    with open_for_writing() as db:
        sent = send_waiting(db, context().settings.ways, now())
    return _back(sent)


def _back(sent: Sent) -> ResponseReturnValue:
    flash(f"{sent.sent} sent, {sent.waiting} waiting." + "".join(f" {error}." for error in sent.errors))
    return redirect(url_for("notices.page"))
