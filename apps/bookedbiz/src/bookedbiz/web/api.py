"""The reports for programs: the pages' query layer, the pages' filters and rights, one envelope. See docs/api.md."""

from typing import Final

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from bookedbiz.exports import written
from bookedbiz.exports.plan_rows import plan_rows
from bookedbiz.planning.plans import entities, load_plans
from bookedbiz.reports import answers, imports
from bookedbiz.reports.as_json import Json
from bookedbiz.reports.filters import Filters, not_understood
from bookedbiz.web import health
from bookedbiz.web.context import context, database
from bookedbiz.web.reporting import answered, asked_filters, calendar_of, refused
from bookedbiz.web.roles import EVERYBODY, MANAGEMENT, SELLING, SIGNED_IN, only

blueprint = Blueprint("api", __name__)

MOST_CHANGES: Final = 500
_USUAL_CHANGES: Final = 50
_YEARS: Final = range(1990, 2100)
FEATURES: Final = ("reports", "exports", "planning", "pacing", "language-review", "read-only-mode")


@blueprint.before_request
def refuse_what_is_not_understood() -> ResponseReturnValue | None:
    """A program that mistypes a parameter is told so, and not given the figures of another question."""
    wrong = not_understood(request.args)
    return refused(wrong) if wrong else None


@blueprint.get("/api/revenue/summary")
@only(SIGNED_IN)
def summary() -> Response:
    """How does the year stand, by quarter and against last year?"""
    db = database()
    return answered(answers.summary(db, asked_filters(), calendar_of(db)))


@blueprint.get("/api/revenue/monthly/<year>")
@only(SIGNED_IN)
def monthly(year: str) -> Response:
    """What is booked for each month of that year?"""
    filters = _of_year(year)
    if filters is None:
        return _no_year(year)
    db = database()
    return answered(answers.monthly(db, filters, calendar_of(db)))


@blueprint.get("/api/aes")
@only(SIGNED_IN)
def aes() -> Response:
    """Who sells how much? An account executive is told of themselves."""
    db = database()
    return answered(answers.account_executives(db, asked_filters(), calendar_of(db)))


@blueprint.get("/api/metadata/years")
@only(SIGNED_IN)
def years() -> Response:
    """Which years are there, and which months are closed?"""
    db = database()
    return answered(answers.years(db, calendar_of(db)))


@blueprint.get("/api/planning/<year>")
@only(MANAGEMENT)
def planning(year: str) -> Response:
    """What is planned and booked, by entity and month? The lines of the planning export."""
    filters = _of_year(year)
    if filters is None:
        return _no_year(year)
    db = database()
    rows = plan_rows(entities(db), load_plans(db, filters.year * 100 + 1, filters.year * 100 + 12), filters.year)
    lines: list[Json] = [dict(zip(written.PLAN_FIELDS, values, strict=True)) for values in written.plan_values(rows)]
    return answered({"year": filters.year, "rows": lines})


@blueprint.get("/api/changes")
@only(SELLING)
def changes() -> Response:
    """What did an import change? The last one, unless `batch` names another."""
    asked = {name: request.args.get(name, "") for name in ("batch", "count")}
    for name, text in asked.items():
        if text and not (text.isascii() and text.isdigit()):
            return refused(f"{name}={text!r} is no number")
    count = int(asked["count"] or _USUAL_CHANGES)
    if not 1 <= count <= MOST_CHANGES:
        return refused(f"count={count} is not between 1 and {MOST_CHANGES}")
    db = database()
    batch = imports.completed(db, int(asked["batch"])) if asked["batch"] else imports.last_completed(db)
    if batch is None and asked["batch"]:
        return refused(f"batch={asked['batch']} is no import that succeeded")
    return answered(answers.changes(db, batch, count, current_user.only_ae_id), trade="included")


@blueprint.get("/api/pacing")
@only(SELLING)
def pacing() -> Response:
    """Are we ahead of the same day last year?"""
    db = database()
    return answered(answers.pacing(db, asked_filters(), calendar_of(db)))


@blueprint.get("/api/health")
@only(EVERYBODY)
def api_health() -> ResponseReturnValue:
    """The same as /health."""
    return health.show_health()


@blueprint.get("/info")
@only(EVERYBODY)
def info() -> Response:
    """Which program is this?"""
    made_with = context()
    return jsonify(
        {
            "name": "BookedBiz",
            "version": made_with.version,
            "environment": made_with.settings.host_name or "unnamed",
            "read_only": bool(made_with.read_only),
            "features": list(FEATURES),
        }
    )


def _of_year(text: str) -> Filters | None:
    if not (text.isascii() and text.isdigit() and int(text) in _YEARS):
        return None
    return asked_filters().having(year=int(text))


def _no_year(text: str) -> Response:
    return refused(f"{text!r} is no year; write it like 2026")
