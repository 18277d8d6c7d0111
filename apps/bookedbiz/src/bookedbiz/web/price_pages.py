"""The reports on prices: average rates, how they move, and what spots cost by length."""

import sqlite3

from flask import request

from bookedbiz.pricing import make
from bookedbiz.pricing.asked import length_filters, price_filters
from bookedbiz.reports.filters import Filters
from bookedbiz.web.reporting import Page


def of_prices(_: sqlite3.Connection, filters: Filters) -> Filters:
    """The question of the address with what it says of prices."""
    return price_filters(request.args, filters)


def of_lengths(_: sqlite3.Connection, filters: Filters) -> Filters:
    """The question of the address with what it says of lengths."""
    return length_filters(request.args, filters)


_NARROWED_BY = ("ae", "revenue_type", "sector", "market", "language", "customer")

PAGES = (
    Page(
        "pricing",
        "Pricing",
        "What do we charge for a spot, of what, and is that getting better?",
        make.pricing,
        "pricing",
        "pricing.html",
        bar=("today", "gross", *_NARROWED_BY),
        narrow=of_prices,
    ),
    Page(
        "trends",
        "Price trends",
        "Do rates rise, are they steady, and on how few customers does it hang?",
        make.trends,
        "trends",
        "trends.html",
        bar=("today", "gross", *_NARROWED_BY),
        narrow=of_prices,
    ),
    Page(
        "lengths",
        "Spot lengths",
        "What does a spot cost by its length, and what is kept of it?",
        make.lengths,
        "lengths",
        "lengths.html",
        bar=("gross", *_NARROWED_BY),
        narrow=of_lengths,
    ),
)
