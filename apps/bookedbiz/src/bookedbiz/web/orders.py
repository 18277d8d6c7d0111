"""Insertion orders: the list with its files, what waits for traffic, and what is booked without an order."""

from functools import partial
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, current_app, render_template, request, send_file
from flask.typing import ResponseReturnValue
from flask_login import current_user
from markupsafe import Markup

from bookedbiz.months import month_of, station_day
from bookedbiz.orders.matching import Orders, match_orders, may_see, pending
from bookedbiz.orders.runsheet import RunSheets
from bookedbiz.orders.tree import Order, OrdersUnavailable, Tree
from bookedbiz.reports.filters import Filters
from bookedbiz.reports.table import Table
from bookedbiz.web.context import database, now
from bookedbiz.web.reporting import address, asked_filters, exported
from bookedbiz.web.roles import SELLING, only
from bookedbiz.web.tables import render_table

blueprint = Blueprint("orders", __name__, url_prefix="/orders")

QUESTION = "Which orders are not in traffic yet, and what is booked without one?"
_ON_MY_PAGE = 12


@blueprint.record_once
def _remember(state: object) -> None:
    """Keep what is known of the drive as long as the application lives."""
    app: Flask = state.app  # type: ignore[attr-defined]  # what Flask hands over
    root = context_of(app)
    app.extensions["bookedbiz orders"] = None if root is None else (Tree(root), RunSheets(root))


def context_of(app: Flask) -> Path | None:
    """Where the orders lie; None when nobody says so."""
    root: Path | None = app.extensions["bookedbiz"].settings.insertion_orders
    return root


@blueprint.get("/")
@only(SELLING)
def listed() -> ResponseReturnValue:
    """Which orders are there, and does traffic have them?"""
    filters, found, problem = asked_filters(), None, None
    try:
        found = _orders(filters)
    except OrdersUnavailable as why:
        problem = why
    return render_template(
        "orders.html",
        report=found,
        problem=problem,
        filters=filters,
        question=QUESTION,
        query=request.query_string.decode(),
        aes=[row[0] for row in database().execute("SELECT name FROM ae ORDER BY name COLLATE NOCASE")],
        one_book=current_user.only_ae_id is not None,
        draw=partial(_draw, filters),
    )


@blueprint.get("/list.<kind>")
@only(SELLING)
def export_listed(kind: str) -> Response:
    """The same as a file."""
    filters = asked_filters()
    found = _orders(filters)
    if found is None:
        abort(404)
    return exported(kind, found.tables, filters, QUESTION, figures=found.figures, trade="included")


@blueprint.get("/file")
@only(SELLING)
def file() -> Response:
    """One file of an order, to be kept; nothing but what the list shows."""
    known = current_app.extensions["bookedbiz orders"]
    if known is None:
        abort(404)
    try:
        order, path = known[0].file(request.args.get("path", ""))
    except KeyError:
        abort(404)
    if not may_see(database(), order, current_user.only_ae_id):
        abort(404)
    return send_file(path, as_attachment=True, download_name=path.name, mimetype="application/octet-stream")


@blueprint.app_template_global("pending_orders")
def pending_orders(filters: Filters) -> list[Order] | None:
    """The orders of a book that wait for traffic; None where no orders are kept, or the drive is not there."""
    known = current_app.extensions["bookedbiz orders"]
    if known is None:
        return None
    try:
        return pending(database(), known[0], filters)[:_ON_MY_PAGE]
    except OrdersUnavailable:
        return None


def _orders(filters: Filters) -> Orders | None:
    known = current_app.extensions["bookedbiz orders"]
    if known is None:
        return None
    tree, sheets = known
    return match_orders(database(), tree, sheets, filters, month_of(station_day(now())))


def _draw(filters: Filters, table: Table) -> Markup:
    return render_table(table, filters, lambda _: "", partial(address, "customer"), kind="dense")
