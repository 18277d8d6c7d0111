"""Every booked figure that is shown or exported: the one query layer, over the view `revenue` alone."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from bookedbiz.reports.filters import BLANK, Filters, Lines, Measure, Span
from bookedbiz.reports.fitted import ask, fitted
from bookedbiz.reports.remembered import remembered
from station_kit import statements

_SQL = statements.load("bookedbiz.reports")
_FILTERS = ("ae", "revenue_type", "sector", "market", "language", "entity", "customer_name", "customer_text")
Parameters = dict[str, str | int | None]

UNASSIGNED = "Unassigned"  # how the view `sales` names the sector of who has none

ByMonth = dict[int, int]  # yyyymm -> cents


class Name(StrEnum):
    """What booked figures can be split by, besides customers."""

    AE = "ae"
    ENTITY = "entity"
    SECTOR = "sector"
    MARKET = "market"
    LANGUAGE = "language"


class Customer(NamedTuple):
    """Who buys; `id` is negative while the bill code is unresolved."""

    id: int
    name: str


@dataclass(frozen=True)
class Rates:
    """What was aired for the money. A paid spot has a gross rate above nothing; credits are in the sums alone."""

    customers: int
    spots: int
    paid_spots: int
    paid_gross_cents: int
    gross_cents: int
    net_cents: int

    @property
    def average_cents(self) -> float | None:
        """Gross of a paid spot."""
        return self.paid_gross_cents / self.paid_spots if self.paid_spots else None

    @property
    def kept(self) -> float | None:
        """What the station keeps of the gross."""
        return self.net_cents / self.gross_cents if self.gross_cents > 0 else None


@dataclass(frozen=True)
class Choices:
    """What the filter bar offers."""

    years: tuple[int, ...]
    aes: tuple[str, ...]
    revenue_types: tuple[str, ...]
    sectors: tuple[str, ...]
    markets: tuple[str, ...]
    languages: tuple[str, ...]
    entities: tuple[str, ...]


def by_month(db: sqlite3.Connection, filters: Filters, first_month: int, last_month: int) -> ByMonth:
    """Cents per month, both ends included; a month without rows is missing."""

    def answer() -> ByMonth:
        column = _column(filters)
        question, parameters = best("booked_by_month", _parameters(filters, first_month, last_month))
        return {row["month"]: row[column] for row in ask(db, _SQL[question], parameters)}

    return remembered(db, ("by month", _asked(filters), first_month, last_month), answer)


def by_customer(db: sqlite3.Connection, filters: Filters, first_month: int, last_month: int) -> dict[Customer, ByMonth]:
    """Cents per customer and month, both ends included."""

    def answer() -> dict[Customer, ByMonth]:
        is_gross = filters.measure is Measure.GROSS
        booked: dict[int, ByMonth] = {}
        for customer_id, month, gross, net in plain_rows(
            db, *best("booked_by_customer", _parameters(filters, first_month, last_month))
        ):
            if customer_id in booked:
                booked[customer_id][month] = gross if is_gross else net
            else:
                booked[customer_id] = {month: gross if is_gross else net}
        known = customers_shown(db)
        return {known[customer_id]: amounts for customer_id, amounts in booked.items()}

    return remembered(db, ("by customer", _asked(filters), first_month, last_month), answer)


def by_name(
    db: sqlite3.Connection, filters: Filters, kind: Name, first_month: int, last_month: int
) -> dict[str, dict[Customer, ByMonth]]:
    """Cents per name of that kind, customer and month, both ends included."""
    if kind is Name.SECTOR:  # a customer has one, so the customers' own answer says it, and is shared
        return by_sector(db, by_customer(db, filters, first_month, last_month))

    def answer() -> dict[str, dict[Customer, ByMonth]]:
        is_gross = filters.measure is Measure.GROSS
        question, parameters = best(
            "booked_by_name", _parameters(filters, first_month, last_month) | {"kind": str(kind)}
        )
        names: dict[Any, dict[int, ByMonth]] = defaultdict(dict)  # by id, or by name
        for named, customer_id, month, gross, net in plain_rows(db, question, parameters):
            lines = names[named]
            if customer_id in lines:
                lines[customer_id][month] = gross if is_gross else net
            else:
                lines[customer_id] = {month: gross if is_gross else net}
        shown = names_shown(db, str(kind)) if question.startswith("whole") else {}
        known = customers_shown(db)
        booked: dict[str, dict[Customer, ByMonth]] = {}
        for named, lines in names.items():
            found = booked.setdefault(shown.get(named, named), {})
            for customer_id, amounts in lines.items():
                customer = known[customer_id]
                found[customer] = together((found[customer], amounts)) if customer in found else amounts
        return booked

    return remembered(db, ("by name", _asked(filters), kind, first_month, last_month), answer)


def together(parts: Iterable[ByMonth]) -> ByMonth:
    """The cents of several lines, month by month."""
    rest = iter(parts)
    sums: ByMonth = dict(next(rest, {}))
    for part in rest:
        for month, cents in part.items():
            if month in sums:
                sums[month] += cents
            else:
                sums[month] = cents
    return sums


def customers_shown(db: sqlite3.Connection) -> dict[int, Customer]:
    """Everybody who may buy, by id."""
    return {customer_id: Customer(customer_id, name) for customer_id, name in names_shown(db, "customer").items()}


def names_shown(db: sqlite3.Connection, kind: str) -> dict[int, str]:
    """How the ids of one kind are named."""
    return dict(plain_rows(db, "names_shown", {"kind": kind}))


def by_sector(db: sqlite3.Connection, booked: Mapping[Customer, ByMonth]) -> dict[str, dict[Customer, ByMonth]]:
    """The same cents under each customer's sector."""
    sectors = dict(plain_rows(db, "sectors_of_customers", {}))
    found: dict[str, dict[Customer, ByMonth]] = defaultdict(dict)
    for customer, amounts in booked.items():
        found[sectors.get(customer.id, UNASSIGNED)][customer] = amounts
    return dict(found)


def rates_by_month(db: sqlite3.Connection, filters: Filters, first_month: int, last_month: int) -> dict[int, Rates]:
    """Spots, customers and rates per month, both ends included."""

    def answer() -> dict[int, Rates]:
        rows = ask(db, _SQL["rates_by_month"], _parameters(filters, first_month, last_month)).fetchall()
        return {
            row["month"]: Rates(
                row["customers"],
                row["spots"],
                row["paid_spots"],
                row["paid_gross_cents"],
                row["gross_cents"],
                row["net_cents"],
            )
            for row in rows
        }

    return remembered(db, ("rates by month", _asked(filters), first_month, last_month), answer)


def customers_before(db: sqlite3.Connection, month: int) -> frozenset[int]:
    """Ids of all customers with a revenue row before that month, whatever is filtered."""

    def answer() -> frozenset[int]:
        return frozenset(row[0] for row in plain_rows(db, "customers_before", {"month": month}))

    return remembered(db, ("customers before", month), answer)


def closed_months(db: sqlite3.Connection) -> frozenset[int]:
    """The months that accounting has closed."""
    return frozenset(row["month"] for row in db.execute(_SQL["closed_months"]))


def years(db: sqlite3.Connection) -> tuple[int, ...]:
    """The years with revenue, newest first."""
    first, last = db.execute(_SQL["outer_months"]).fetchone()
    return () if first is None else tuple(range(last // 100, first // 100 - 1, -1))


def choices(db: sqlite3.Connection, filters: Filters) -> Choices:
    """What can be chosen, and what is chosen already."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in db.execute(_SQL["choices"]):
        found[row["kind"]].add(row["value"])
    found["revenue_type"] = {value or BLANK for value in found["revenue_type"]}
    for name, values in found.items():
        chosen = getattr(filters, name)
        if chosen is not None:
            values.add(chosen)  # so that the bar shows what the address asks for
    in_order = {name: tuple(sorted(values, key=str.casefold)) for name, values in found.items()}
    return Choices(
        years=tuple(sorted({*years(db), filters.year}, reverse=True)),
        aes=in_order["ae"],
        revenue_types=in_order["revenue_type"],
        sectors=in_order["sector"],
        markets=in_order["market"],
        languages=in_order["language"],
        entities=in_order["entity"],
    )


def _asked(filters: Filters) -> Filters:
    """What of the filters a query goes by: not the order, nor the year, whose months it is told."""
    return filters.having(year=0, span=Span.ALL, sort="total", lines=Lines.SOME, status=None, customer_id=None)


def plain_rows(
    db: sqlite3.Connection, question: str, parameters: Mapping[str, str | int | None]
) -> Iterator[tuple[Any, ...]]:
    """The answer as plain tuples: there are thousands of lines."""
    rows = db.cursor()
    rows.row_factory = None
    return iter(rows.execute(fitted(_SQL[question], parameters), parameters))


def best(question: str, parameters: Parameters) -> tuple[str, Parameters]:
    """`whole_…` instead of `booked_…` where only months and a book are asked for: the same, and sooner."""
    is_whole = all(parameters[name] is None for name in _FILTERS)
    return (question.replace("booked_", "whole_", 1) if is_whole else question), parameters


def is_company(filters: Filters) -> bool:
    """Whether all of the business is asked for, of everybody."""
    parameters = _parameters(filters, 0, 0)
    return filters.only_ae_id is None and all(parameters[name] is None for name in _FILTERS)


def _column(filters: Filters) -> str:
    return "gross_cents" if filters.measure is Measure.GROSS else "net_cents"


def _parameters(filters: Filters, first_month: int, last_month: int) -> Parameters:
    text = filters.customer
    quoted = text is not None and len(text) > 2 and text.startswith('"') and text.endswith('"')
    return {
        "first_month": first_month,
        "last_month": last_month,
        "only_ae_id": filters.only_ae_id,
        "ae": filters.ae,
        "revenue_type": "" if filters.revenue_type == BLANK else filters.revenue_type,
        "sector": filters.sector,
        "market": filters.market,
        "language": filters.language,
        "entity": filters.entity,
        "customer_name": text[1:-1] if text is not None and quoted else None,
        "customer_text": None if quoted else text,
    }


filter_parameters = _parameters  # what the query layer of prices asks with, too
