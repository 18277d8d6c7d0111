"""The way in, the start page, and the reports by month and by customer."""

from datetime import timedelta

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from bookedbiz.monthly import make as monthly
from bookedbiz.monthly.asked import month_filters
from bookedbiz.reports import booked, by_month, imports, make, overview, pacing, plans
from bookedbiz.reports.filters import Filters
from bookedbiz.web import airings_page, changes_page, company_pages, customer_page, name_pages, price_pages
from bookedbiz.web.context import database, now
from bookedbiz.web.reporting import Page, add_report, address, blueprint, calendar_of
from bookedbiz.web.roles import EVERYBODY, SIGNED_IN, only

BIGGEST = 8
RECENT = 5

PAGES = (
    Page(
        "months",
        "Revenue by month",
        "How does each month compare with last year?",
        monthly.months,
        "customers",
        "months.html",
        narrow=lambda _, filters: month_filters(request.args, filters),
    ),
    Page(
        "customers",
        "Revenue by customer",
        "What does each customer bring, month by month?",
        make.customers,
        "months",
        "customers.html",
    ),
    *name_pages.PAGES,
    *company_pages.PAGES,
    *price_pages.PAGES,
)
# three pages put their own routes on the blueprint
__all__ = ["PAGES", "airings_page", "blueprint", "changes_page", "customer_page"]

for _page in PAGES:
    add_report(_page)


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
    calendar = calendar_of(db)
    filters = Filters(year=calendar.month // 100, only_ae_id=only_ae_id)
    amounts = booked.by_month(db, filters, *overview.months_needed(calendar))
    last = imports.last_completed(db)
    beside = overview.Beside(
        plans=plans.planned(db, filters, filters.year * 100 + 1, filters.year * 100 + 112),
        year_ago=pacing.year_ago(db, filters, calendar),
    )
    return render_template(
        "home.html",
        standings=overview.standings(amounts, calendar, beside),
        report=by_month.month_report(filters, amounts, calendar),
        address=address,
        batch=last,
        changes=imports.biggest_changes(db, last, count=BIGGEST, only_ae_id=only_ae_id) if last else [],
        recent=imports.recent(db, RECENT),
        day=imports.since(db, now() - timedelta(hours=24)),
    )
