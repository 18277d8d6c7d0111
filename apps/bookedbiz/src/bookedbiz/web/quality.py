"""Data quality: what needs repair, with the dollars at stake, and the rows behind it."""

import sqlite3
from threading import Lock

from flask import Blueprint, abort, render_template

from bookedbiz.quality.findings import Finding, findings, rows_of
from bookedbiz.web.context import context, database
from bookedbiz.web.roles import MANAGEMENT, only
from bookedbiz.workbook.columns import COLUMNS
from bookedbiz.workbook.issues import TITLES

blueprint = Blueprint("quality", __name__, url_prefix="/quality")

SHOWN = 300
PLACES = {  # where it is repaired
    "unresolved_bill_code": "names.queue",
    "broken_seal": "imports.months",
    "no_sector": "names.customers",
    "unknown_sales_person": "codes.waiting",
    "unknown_market": "codes.waiting",
    "unknown_language": "codes.waiting",
    "unknown_spot_type": "codes.waiting",
    "unknown_revenue_type": "codes.waiting",
    "language_review": "languages.review",
}
_lock = Lock()
_known: dict[
    str, tuple[tuple[object, ...], list[Finding]]
] = {}  # one look reads every row; kept until something changes


@blueprint.get("/")
@only(MANAGEMENT)
def page() -> str:
    """What needs repair, and what hangs on it?"""
    return render_template("clerk-quality.html", findings=_findings(database()), places=PLACES)


@blueprint.get("/<code>")
@only(MANAGEMENT)
def rows(code: str) -> str:
    """Which rows are it?"""
    if code not in TITLES:
        abort(404)
    found = rows_of(database(), code, SHOWN)
    titles = [column.header for column in COLUMNS]
    return render_template("clerk-quality-rows.html", title=TITLES[code], rows=found, columns=titles, shown=SHOWN)


def _findings(db: sqlite3.Connection) -> list[Finding]:
    place = str(context().settings.database)
    state = (
        *db.execute("SELECT max(id), max(finished_at), total(rows_added + rows_removed) FROM batch").fetchone(),
        *db.execute("SELECT max(id) FROM audit").fetchone(),
    )
    with _lock:
        known = _known.get(place)
    if known is None or known[0] != state:
        known = state, findings(db)
        with _lock:
            _known[place] = known
    return known[1]
