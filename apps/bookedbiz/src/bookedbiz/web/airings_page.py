"""The airings behind a number."""

from dataclasses import replace

from flask import Response, render_template, request

from bookedbiz.airings.asked import AiringFilters, airing_filters
from bookedbiz.airings.report import IN_A_FILE, airings_file, airings_report
from bookedbiz.reports.filters import Filters
from bookedbiz.reports.heavy import heavy
from bookedbiz.web.context import database
from bookedbiz.web.reporting import Page, around, asked_filters, blueprint, calendar_of, exported
from bookedbiz.web.roles import SIGNED_IN, only

PAGE = Page(
    "spots",
    "Airings",
    "Which airings are behind this number?",
    airings_report,
    "spots",
    "airings.html",
    bar=("gross", "ae", "revenue_type", "sector", "market", "language", "customer"),
)


@blueprint.get("/reports/spots")
@only(SIGNED_IN)
def spots() -> str:
    """Which airings are behind this number?"""
    db, filters = database(), _asked()
    report = airings_report(db, filters, calendar_of(db))
    named = isinstance(filters, AiringFilters) and (filters.period or filters.contract)
    page = replace(PAGE, bar=("today", *PAGE.bar)) if named else PAGE  # its months are told, no year is to be chosen
    return render_template(page.template, page=page, report=report, most=IN_A_FILE, **around(db, filters, page))


@blueprint.get("/reports/spots.<kind>")
@only(SIGNED_IN)
def export_spots(kind: str) -> Response:
    """The airings as a file: so many as it may hold, with the sums of all."""
    db, filters = database(), _asked()
    with heavy():
        report = airings_file(db, filters, calendar_of(db))
        title = PAGE.question
        if report.shown < report.spots:
            title = f"{title} {report.shown:,} of {report.spots:,} are listed; the sums are of all"
        return exported(kind, report.tables, filters, title, figures=report.figures)


def _asked() -> Filters:
    found: AiringFilters = airing_filters(request.args, asked_filters())
    return found
