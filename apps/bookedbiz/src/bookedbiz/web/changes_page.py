"""What changed: of one import or between two days, as a page and as files; and the day's changes by mail."""

from functools import partial
from urllib.parse import urlencode

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from markupsafe import Markup

from bookedbiz.changes.asked import Asked, asked_of
from bookedbiz.changes.digest import is_subscribed, subscribe
from bookedbiz.changes.report import changes_of
from bookedbiz.months import station_day
from bookedbiz.reports.filters import Filters
from bookedbiz.reports.table import Table
from bookedbiz.web.context import context, database, now, writing
from bookedbiz.web.reporting import address, blueprint, exported
from bookedbiz.web.roles import SELLING, only
from bookedbiz.web.tables import render_table

QUESTION = "What was booked, cancelled, repriced and moved, and by whom?"


@blueprint.get("/reports/changes")
@only(SELLING)
def changes() -> str:
    """What has changed since yesterday, between two days, or with one import?"""
    asked = _asked()
    db = database()
    aes = [row[0] for row in db.execute("SELECT name FROM ae ORDER BY name COLLATE NOCASE")]
    return render_template(
        "changes.html",
        asked=asked,
        report=changes_of(db, asked),
        question=QUESTION,
        here=_here,
        aes=aes if current_user.only_ae_id is None else [],
        draw=partial(_draw, asked),
        subscribed=is_subscribed(db, current_user.user_id),
        mail=context().settings.ways.mail is not None,
    )


@blueprint.get("/reports/changes.<kind>")
@only(SELLING)
def export_changes(kind: str) -> Response:
    """The same as a file."""
    asked = _asked()
    report = changes_of(database(), asked)
    return exported(kind, report.tables, asked, QUESTION, figures=report.figures, trade="included")


@blueprint.post("/reports/changes/by-mail")
@only(SELLING)
def changes_by_mail() -> ResponseReturnValue:
    """Send me the day's changes each day, or no longer."""
    with writing() as (db, by):
        subscribe(db, current_user.user_id, by, wanted=request.form.get("wanted") == "yes")
    return redirect(url_for("reports.changes"), 303)


def _asked() -> Asked:
    return asked_of(request.args, station_day(now()), only_ae_id=current_user.only_ae_id)


def _here(asked: Filters, kind: str = "") -> str:
    at = url_for("reports.export_changes", kind=kind) if kind else url_for("reports.changes")
    return f"{at}?{urlencode(asked.to_args())}"


def _draw(asked: Asked, table: Table) -> Markup:
    return render_table(table, asked, _here, _opened, kind="dense")


def _opened(asked: Filters) -> str:
    """An AE or a month narrows this page; a customer leads to theirs."""
    return _here(asked) if isinstance(asked, Asked) else address("customer", asked)
