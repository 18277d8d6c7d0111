"""More of the query layer: booked figures by sector and group, by kind of row, by language and code, by class; barter.

Everything is from the views `revenue` and `sales`, which say the same, but barter, which is no revenue.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from bookedbiz.reports.booked import (
    ByMonth,
    Customer,
    Parameters,
    best,
    customers_shown,
    filter_parameters,
    is_company,
    names_shown,
    plain_rows,
    together,
)
from bookedbiz.reports.by_codes import Coded, OfKind, OfLanguage, kinds_of, languages_of
from bookedbiz.reports.filters import Filters, Measure, Span
from bookedbiz.reports.fitted import ask
from bookedbiz.reports.remembered import remembered
from station_kit import statements

_SQL = statements.load("bookedbiz.reports")
_Line = TypeVar("_Line")

USUAL_CLASS = "regular"  # of who is no customer yet, as the view `sales` says


@dataclass(frozen=True)
class OfSector:
    """One customer's part of a sector; `cents` are gross or net, as asked."""

    group: str
    sector: str
    customer: Customer
    cents: int
    spots: int
    paid_spots: int
    paid_gross_cents: int


def by_sector(db: sqlite3.Connection, filters: Filters, months: Sequence[int]) -> list[OfSector]:
    """Each customer's part of its sector in these months together."""
    return _of_months(
        db,
        "booked_by_group",
        filters,
        months,
        lambda row, cents: OfSector(
            row["sector_group"],
            row["sector"],
            Customer(row["customer_id"], row["customer"]),
            cents,
            row["spots"],
            row["paid_spots"],
            row["paid_gross_cents"],
        ),
    )


def by_kind(db: sqlite3.Connection, filters: Filters, months: Sequence[int]) -> list[OfKind]:
    """What each kind of row brought in these months together."""
    if is_company(filters):
        return kinds_of(db, _coded(db, months), _column(filters))
    return _of_months(
        db,
        "booked_by_kind",
        filters,
        months,
        lambda row, cents: OfKind(row["revenue_type"], row["spot_type"], cents, row["spots"]),
    )


def by_language(db: sqlite3.Connection, filters: Filters, months: Sequence[int]) -> list[OfLanguage]:
    """What the station's own spots brought by language, market and code in these months together."""
    if is_company(filters):
        return languages_of(db, _coded(db, months), _column(filters))
    return _of_months(
        db,
        "languages_of_ad_sales",
        filters,
        months,
        lambda row, cents: OfLanguage(
            row["language_group"],
            row["language"],
            row["market"],
            row["raw_code"],
            row["found"] or "",
            cents,
            row["paid_rows"] or 0,
            row["bonus_rows"] or 0,
        ),
    )


def by_class(
    db: sqlite3.Connection, filters: Filters, first_month: int, last_month: int
) -> dict[str, dict[Customer, ByMonth]]:
    """Cents per class, customer and month, both ends included; all of WorldLink is one customer of the id 0."""

    def answer() -> dict[str, dict[Customer, ByMonth]]:
        is_gross = filters.measure is Measure.GROSS
        question, parameters = best("booked_by_class", filter_parameters(filters, first_month, last_month))
        lines: dict[tuple[int, int], ByMonth] = {}
        for customer_id, is_worldlink, month, gross, net in plain_rows(db, question, parameters):
            line = lines.setdefault((customer_id, is_worldlink), {})
            line[month] = gross if is_gross else net
        known, classes = customers_shown(db), names_shown(db, "class")
        parts: dict[str, dict[Customer, list[ByMonth]]] = {}
        for (customer_id, is_worldlink), line in lines.items():
            customer = Customer(0, "WorldLink") if is_worldlink else known[customer_id]
            of_class = parts.setdefault(classes.get(customer_id, USUAL_CLASS), {})
            of_class.setdefault(customer, []).append(line)
        return {
            name: {customer: together(found) for customer, found in customers.items()}
            for name, customers in parts.items()
        }

    return remembered(db, ("by class", _asked(filters), first_month, last_month), answer)


def barter(db: sqlite3.Connection, filters: Filters, first_month: int, last_month: int) -> dict[Customer, ByMonth]:
    """Cents of barter per customer and month, both ends included. It is no revenue and in no other figure."""

    def answer() -> dict[Customer, ByMonth]:
        column = _column(filters)
        found: dict[Customer, ByMonth] = defaultdict(dict)
        for row in ask(db, _SQL["barter_by_customer"], filter_parameters(filters, first_month, last_month)):
            found[Customer(row["customer_id"], row["customer"])][row["month"]] = row[column]
        return dict(found)

    return remembered(db, ("barter", _asked(filters), first_month, last_month), answer)


def _coded(db: sqlite3.Connection, months: Sequence[int]) -> list[Coded]:
    """What the whole business brought in these months together, by codes."""

    def answer() -> list[Coded]:
        if not months:
            return []
        asked: Parameters = {"first_month": min(months), "last_month": max(months), "months": json.dumps(list(months))}
        return [Coded._make(row) for row in plain_rows(db, "whole_by_codes", asked)]

    return remembered(db, ("by codes", tuple(months)), answer)


def _of_months(
    db: sqlite3.Connection,
    name: str,
    filters: Filters,
    months: Sequence[int],
    line: Callable[[sqlite3.Row, int], _Line],
) -> list[_Line]:
    def answer() -> list[_Line]:
        if not months:
            return []
        asked = filter_parameters(filters, min(months), max(months)) | {"months": json.dumps(list(months))}
        column = _column(filters)
        return [line(row, row[column]) for row in ask(db, _SQL[name], asked).fetchall()]

    return remembered(db, (name, _asked(filters), tuple(months)), answer)


def _asked(filters: Filters) -> Filters:
    return filters.having(year=0, span=Span.ALL, sort="total", status=None, customer_id=None)


def _column(filters: Filters) -> str:
    return "gross_cents" if filters.measure is Measure.GROSS else "net_cents"
