"""Everything on one customer."""

from flask import Response, abort, render_template

from bookedbiz.reports.customer import CustomerPage, customer_page
from bookedbiz.reports.filters import Filters
from bookedbiz.web.accounts.lists import forms, panel_of_customer
from bookedbiz.web.context import database
from bookedbiz.web.reporting import Page, around, asked_filters, blueprint, calendar_of, exported
from bookedbiz.web.roles import SIGNED_IN, only

QUESTION = "What does this customer bring, at what rate, and what has changed?"


@blueprint.get("/reports/customers/<int(signed=True):customer_id>")
@only(SIGNED_IN)
def customer(customer_id: int) -> str:
    """Everything on one customer."""
    report, filters = _report(customer_id)
    page = Page("customer", report.identity.name, QUESTION, customer_page, "customer", "customer.html", bar=())
    one = panel_of_customer(customer_id)
    more = around(database(), filters, page) | (forms() if one else {})
    return render_template("customer.html", page=page, report=report, one=one, **more)


@blueprint.get("/reports/customers/<int(signed=True):customer_id>.<kind>")
@only(SIGNED_IN)
def export_customer(customer_id: int, kind: str) -> Response:
    """The tables of the page, as a file."""
    report, filters = _report(customer_id)
    return exported(kind, report.tables, filters, report.identity.name)


def _report(customer_id: int) -> tuple[CustomerPage, Filters]:
    db = database()
    filters = asked_filters().having(customer_id=customer_id)
    report = customer_page(db, filters, calendar_of(db))
    return (report, filters) if report is not None else abort(404)
