"""The reports: each address is parsed into filters, asked of the query layer, and shown or exported."""

import sqlite3
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from markupsafe import Markup

from bookedbiz.months import month_of, station_day
from bookedbiz.reports import booked, by_customer, by_month, imports, overview
from bookedbiz.reports.calendar import Calendar
from bookedbiz.reports.export import Heading, to_csv, to_xlsx
from bookedbiz.reports.filters import Filters, from_args
from bookedbiz.reports.table import Table
from bookedbiz.web.context import database, now
from bookedbiz.web.roles import EVERYBODY, SIGNED_IN, only
from bookedbiz.web.tables import render_table

blueprint = Blueprint("reports", __name__)

MONTHS_TITLE = "How does each month compare with last year?"
CUSTOMERS_TITLE = "What does each customer bring, month by month?"
BIGGEST = 8
RECENT = 5
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_EXPORTS: dict[str, tuple[Callable[[Table, Heading], bytes], str]] = {
    "csv": (to_csv, "text/csv; charset=utf-8"),
    "xlsx": (to_xlsx, _XLSX),
}


@blueprint.get("/")
@only(EVERYBODY)  # it tells the address of the start page, which asks for the session
def root() -> ResponseReturnValue:
    """There is one way in."""
    return redirect(url_for("reports.home"))


@blueprint.get("/reports/")
@only(SIGNED_IN)
def home() -> str:
    """Where do we stand this morning, and what has the last import changed?"""
    db, only_ae_id = database(), current_user.only_ae_id
    calendar = _calendar(db)
    filters = Filters(year=calendar.month // 100, only_ae_id=only_ae_id)
    amounts = booked.by_month(db, filters, *overview.months_needed(calendar))
    last = imports.last_completed(db)
    return render_template(
        "home.html",
        standings=overview.standings(amounts, calendar),
        report=by_month.month_report(filters, amounts, calendar),
        address=_address,
        batch=last,
        changes=imports.biggest_changes(db, last, count=BIGGEST, only_ae_id=only_ae_id) if last else [],
        recent=imports.recent(db, RECENT),
        day=imports.since(db, now() - timedelta(hours=24)),
    )


@blueprint.get("/reports/months")
@only(SIGNED_IN)
def months() -> str:
    """How does each month compare with last year?"""
    db, filters = database(), _filters()
    report = _month_report(db, filters)
    return render_template("months.html", title=MONTHS_TITLE, report=report, **_around(db, filters, "months"))


@blueprint.get("/reports/customers")
@only(SIGNED_IN)
def customers() -> str:
    """What does each customer bring, month by month?"""
    db, filters = database(), _filters()
    report = _customer_report(db, filters)
    return render_template("customers.html", title=CUSTOMERS_TITLE, report=report, **_around(db, filters, "customers"))


@blueprint.get("/reports/months.<kind>")
@only(SIGNED_IN)
def export_months(kind: str) -> Response:
    """The month report as it is shown, as a file."""
    db, filters = database(), _filters()
    return _export(db, kind, _month_report(db, filters).table, filters, MONTHS_TITLE)


@blueprint.get("/reports/customers.<kind>")
@only(SIGNED_IN)
def export_customers(kind: str) -> Response:
    """The customer report as it is shown, as a file."""
    db, filters = database(), _filters()
    return _export(db, kind, _customer_report(db, filters).table, filters, CUSTOMERS_TITLE)


def _month_report(db: sqlite3.Connection, filters: Filters) -> by_month.MonthReport:
    amounts = booked.by_month(db, filters, *by_month.months_needed(filters))
    return by_month.month_report(filters, amounts, _calendar(db))


def _customer_report(db: sqlite3.Connection, filters: Filters) -> by_customer.CustomerReport:
    amounts = booked.by_customer(db, filters, *by_customer.months_needed(filters))
    earlier = booked.customers_before(db, filters.year * 100 + 1)
    return by_customer.customer_report(filters, amounts, earlier, _calendar(db))


def _filters() -> Filters:
    """What the address asks for, within what this person may see."""
    this_year = month_of(station_day(now())) // 100
    return from_args(request.args, default_year=this_year, only_ae_id=current_user.only_ae_id)


def _calendar(db: sqlite3.Connection) -> Calendar:
    return Calendar(station_day(now()), booked.closed_months(db))


def _around(db: sqlite3.Connection, filters: Filters, report: str) -> dict[str, object]:
    """What the page around a report needs."""
    return {
        "filters": filters,
        "choices": booked.choices(db, filters),
        "name": report,
        "address": _address,
        "draw": partial(_draw, filters),
        "one_book": current_user.only_ae_id is not None,
    }


def _address(report: str, filters: Filters, kind: str = "") -> str:
    """Where a report with these filters is; with a kind, its export."""
    path = url_for(f"reports.export_{report}", kind=kind) if kind else url_for(f"reports.{report}")
    return f"{path}?{urlencode(filters.to_args())}"


def _draw(filters: Filters, table: Table, report: str, opens: str) -> Markup:
    """The report's table; its heads sort it, its lines open the other report."""
    return render_table(table, filters, partial(_address, report), partial(_address, opens), kind=report)


def _export(db: sqlite3.Connection, kind: str, table: Table, filters: Filters, title: str) -> Response:
    if kind not in _EXPORTS:
        abort(404)
    make, mimetype = _EXPORTS[kind]
    last = imports.last_completed(db)
    content = make(table, Heading(title, filters, last.finished_at if last else None))
    name = f"bookedbiz-{table.name.replace(' ', '-')}-{filters.year}.{kind}"
    return Response(content, mimetype=mimetype, headers={"Content-Disposition": f'attachment; filename="{name}"'})
