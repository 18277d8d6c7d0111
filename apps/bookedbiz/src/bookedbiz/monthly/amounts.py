"""What was booked by month and customer, by label or air date: over the summary `aired` without Trade."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bookedbiz.monthly.asked import MonthFilters
from bookedbiz.reports.booked import ByMonth, customers_shown, filter_parameters
from bookedbiz.reports.filters import Measure, Span
from bookedbiz.reports.fitted import ask
from bookedbiz.reports.remembered import remembered
from station_kit import statements

_SQL = statements.load("bookedbiz.monthly")


class Bought(NamedTuple):
    """What a customer bought in a month. Paid spots have a gross rate above nothing; rates are of these alone."""

    month: int
    customer_id: int
    customer: str
    spots: int
    paid_spots: int
    gross_cents: int
    net_cents: int
    paid_gross_cents: int
    least_paid_cents: int | None
    most_paid_cents: int | None


@dataclass(frozen=True)
class Bulk:
    """Some of it together, and how many customers with money it is of."""

    customers: int
    spots: int
    paid_spots: int
    gross_cents: int
    net_cents: int
    paid_gross_cents: int
    least_paid_cents: int | None
    most_paid_cents: int | None
    largest_cents: int

    @property
    def average_cents(self) -> float | None:
        """Gross of a paid spot."""
        return self.paid_gross_cents / self.paid_spots if self.paid_spots else None

    @property
    def kept(self) -> float | None:
        """Net as a share of gross."""
        return self.net_cents / self.gross_cents if self.gross_cents > 0 else None


def booked_by_basis(db: sqlite3.Connection, asked: MonthFilters, first: int, last: int) -> ByMonth:
    """Cents per month that counts, both ends included."""

    def answer() -> ByMonth:
        parameters = filter_parameters(asked, first, last) | {"basis": str(asked.basis)}
        rows = ask(db, _SQL["booked_by_basis"], parameters).fetchall()
        column = "gross_cents" if asked.measure is Measure.GROSS else "net_cents"
        return {row["counted_month"]: row[column] for row in rows}

    return remembered(db, ("booked by basis", _key(asked), first, last), answer)


def bought(db: sqlite3.Connection, asked: MonthFilters, months: Sequence[int]) -> list[Bought]:
    """What each customer bought in each of these months."""

    def answer() -> list[Bought]:
        if not months:
            return []
        parameters = filter_parameters(asked, min(months), max(months)) | {"basis": str(asked.basis)}
        cursor = ask(db, _SQL["customers_by_month"], parameters)
        cursor.row_factory = None
        wanted, known = set(months), customers_shown(db)
        return [
            Bought(month, *known[customer_id], *amounts) for month, customer_id, *amounts in cursor if month in wanted
        ]

    return remembered(db, ("bought", _key(asked), tuple(months)), answer)


def together(lines: Iterable[Bought]) -> Bulk:
    """All of it; a customer of several months is one customer."""
    spots = paid_spots = gross = net = paid_gross = 0
    least, most = [], []
    customers: dict[int, int] = {}
    for _, customer_id, _, own_spots, own_paid, own_gross, own_net, own_paid_gross, lowest, highest in lines:
        spots += own_spots
        paid_spots += own_paid
        gross += own_gross
        net += own_net
        paid_gross += own_paid_gross
        if lowest is not None and highest is not None:
            least.append(lowest)
            most.append(highest)
        if own_gross:
            customers[customer_id] = customers.get(customer_id, 0) + own_gross
    ends = min(least, default=None), max(most, default=None)
    largest = max(customers.values(), default=0)
    return Bulk(len(customers), spots, paid_spots, gross, net, paid_gross, *ends, largest)


def _key(asked: MonthFilters) -> object:
    """What of the question an answer goes by: the months are told."""
    return asked.having(year=0, span=Span.ALL, sort="total", status=None, customer_id=None, first=None, last=None)
