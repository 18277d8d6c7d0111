"""The reports on the company and on one's own book: management, pacing, "my book"."""

import sqlite3

from flask import request
from flask_login import current_user

from bookedbiz.reports import make
from bookedbiz.reports.filters import Filters
from bookedbiz.reports.mine import added_report, book_of
from bookedbiz.reports.pacing import pacing_report
from bookedbiz.web.reporting import Page
from bookedbiz.web.roles import MANAGEMENT, SELLING


def own_book(db: sqlite3.Connection, filters: Filters) -> Filters:
    """Somebody with a book sees theirs; who may see all can ask for another one, or for all of them (`ae=`)."""
    if filters.only_ae_id is not None or "ae" in request.args or current_user.ae_id is None:
        return filters
    row = db.execute("SELECT name FROM ae WHERE id = ?", (current_user.ae_id,)).fetchone()
    return filters if row is None else filters.having(ae=row[0])


PAGES = (
    Page(
        "mine",
        "My book",
        "How does my year stand, which accounts fall away, and what waits for me?",
        book_of,
        "customers",
        "mine.html",
        roles=SELLING,
        bar=("ae",),
        narrow=own_book,
    ),
    Page(
        "management",
        "Management",
        "How do the company and each entity do by quarter, against last year and the plan?",
        make.management,
        "customers",
        "names.html",
        roles=MANAGEMENT,
        bar=("revenue_type", "sector", "market", "language"),
    ),
    Page(
        "pacing",
        "Pacing",
        "Are we ahead of the same day last year?",
        pacing_report,
        "customers",
        "pacing.html",
        roles=SELLING,
        bar=("today", "ae", "revenue_type", "sector", "market"),
    ),
    Page(
        "contracts",
        "Contracts added",
        "Which contracts came with the imports of the last 30 days?",
        added_report,
        "customers",
        "contracts.html",
        roles=SELLING,
        bar=("today", "gross", "ae"),
    ),
)
