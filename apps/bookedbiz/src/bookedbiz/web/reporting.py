"""What all report pages share: the filters of the address, the calendar, links, the table on the page and in a file."""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from flask import Blueprint, Response, abort, jsonify, make_response, render_template, request
from flask_login import current_user
from markupsafe import Markup

from bookedbiz.months import month_of, station_day
from bookedbiz.reports import booked, imports
from bookedbiz.reports.as_json import Json, envelope, report_json
from bookedbiz.reports.calendar import Calendar
from bookedbiz.reports.export import Heading, to_csv, to_xlsx
from bookedbiz.reports.filters import Filters, from_args, not_understood
from bookedbiz.reports.heavy import heavy
from bookedbiz.reports.table import Figure, Table
from bookedbiz.web.context import database, now
from bookedbiz.web.links import path, query
from bookedbiz.web.roles import SIGNED_IN, only
from bookedbiz.web.tables import MOST_LINES, render_table

blueprint = Blueprint("reports", __name__)

_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_EXPORTS: Final[dict[str, tuple[Callable[[Sequence[Table], Heading], bytes], str]]] = {
    "csv": (to_csv, "text/csv; charset=utf-8"),
    "xlsx": (to_xlsx, _XLSX),
}


@dataclass(frozen=True)
class Page:
    """One report: its address, the question in its title, how it is made, and what it can be narrowed by.

    `opens` names the report that its lines lead to. `bar` is what its filter bar offers; with `today` no
    year can be chosen, with `gross` no net. What `make` returns has `tables`: the same that are exported.
    """

    name: str
    heading: str
    question: str
    make: Callable[[sqlite3.Connection, Filters, Calendar], Any]
    opens: str
    template: str
    roles: frozenset[str] = SIGNED_IN
    bar: tuple[str, ...] = ("ae", "revenue_type", "sector", "market", "language", "customer")
    narrow: Callable[[sqlite3.Connection, Filters], Filters] = lambda _, filters: filters
    trade: str = "excluded"


def add_report(page: Page) -> None:
    """Give a report its page and its exports: `/reports/NAME`, and `.csv`, `.xlsx`, `.json` beside it."""

    @only(page.roles)
    def show() -> str:
        db = database()
        filters = page.narrow(db, asked_filters())
        report = page.make(db, filters, calendar_of(db))
        return render_template(page.template, page=page, report=report, **around(db, filters, page))

    @only(page.roles)
    def export(kind: str) -> Response:
        db = database()
        filters = page.narrow(db, asked_filters())
        report = page.make(db, filters, calendar_of(db))
        figures = tuple(getattr(report, "figures", ()))
        return exported(kind, report.tables, filters, page.question, figures=figures, trade=page.trade)

    blueprint.add_url_rule(f"/reports/{page.name}", page.name, show)
    blueprint.add_url_rule(f"/reports/{page.name}.<kind>", f"export_{page.name}", export)


def asked_filters() -> Filters:
    """What the address asks for, within what this person may see."""
    this_year = month_of(station_day(now())) // 100
    return from_args(request.args, default_year=this_year, only_ae_id=current_user.only_ae_id)


def calendar_of(db: sqlite3.Connection) -> Calendar:
    """The station's today, and what is closed."""
    return Calendar(station_day(now()), booked.closed_months(db))


def around(db: sqlite3.Connection, filters: Filters, page: Page) -> dict[str, object]:
    """What the page around a report needs."""
    return {
        "filters": filters,
        "choices": booked.choices(db, filters),
        "name": page.name,
        "address": address,
        "draw": partial(_draw, filters, page),
        "one_book": current_user.only_ae_id is not None,
    }


def address(report: str, filters: Filters, kind: str = "") -> str:
    """Where a report with these filters is; with a kind, its export."""
    endpoint = f"reports.export_{report}" if kind else f"reports.{report}"
    parts: dict[str, str | int] = {"kind": kind} if kind else {}
    if report == "customer":
        parts["customer_id"] = filters.customer_id or 0
    return f"{path(endpoint, **parts)}?{query(filters.to_args())}"


def exported(
    kind: str,
    tables: Sequence[Table],
    filters: Filters,
    title: str,
    *,
    figures: Sequence[Figure] = (),
    trade: str = "excluded",
) -> Response:
    """The tables as a file or as JSON: exactly what is shown."""
    if kind == "json":
        return answered(report_json(title, tables, figures, filters), trade=trade)
    if kind not in _EXPORTS:
        abort(404)
    make, mimetype = _EXPORTS[kind]
    last = imports.last_completed(database())
    with heavy():
        content = make(tables, Heading(title, filters, last.finished_at if last else None, trade))
    name = f"bookedbiz-{tables[0].name.replace(' ', '-')}-{filters.year}.{kind}"
    return Response(content, mimetype=mimetype, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def answered(data: Json, *, trade: str = "excluded") -> Response:
    """The answer to a program: the data in the envelope, or 400 when the address asks for what there is not."""
    wrong = not_understood(request.args)
    if wrong:
        return refused(wrong)
    last = imports.last_completed(database())
    return jsonify(envelope(data, last.finished_at if last else None, trade=trade))


def refused(why: str) -> Response:
    """400, and why, for a program."""
    return make_response(jsonify({"error": "Bad request", "message": why}), 400)


def _draw(filters: Filters, page: Page, table: Table, kind: str = "", most: int = MOST_LINES) -> Markup:
    """A table of the report; its heads sort it, its lines open the other report."""
    return render_table(table, filters, partial(address, page.name), partial(_opened, page.opens), kind=kind, most=most)


def _opened(report: str, filters: Filters) -> str:
    """A line about one customer leads to the customer's page, every other one to the report's own."""
    return address("customer" if filters.customer_id is not None else report, filters)
