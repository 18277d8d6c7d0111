"""What was paid for spots: the one query layer of prices, over the summaries `priced` and `parted` without Trade."""

import json
import math
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from bookedbiz.pricing.asked import DAY_PARTS, DAY_TYPES, LENGTHS, Dimension, PriceFilters, Show
from bookedbiz.reports.booked import filter_parameters
from bookedbiz.reports.filters import Filters, Measure, Span
from bookedbiz.reports.fitted import ask
from bookedbiz.reports.remembered import remembered
from station_kit import statements

_SQL = statements.load("bookedbiz.pricing")
_CODES: Mapping[str, Mapping[int, str]] = {
    "day part": DAY_PARTS, "day type": DAY_TYPES, "length": LENGTHS, "tenure": {1: "new", 0: "returning"},
    "month": {0: ""}, "nothing": {0: ""},
}  # fmt: skip


class Price(NamedTuple):
    """What some spots cost. Paid ones have a gross rate above nothing: only these are in averages, never credits."""

    spots: int = 0
    gross_cents: int = 0
    net_cents: int = 0
    paid_spots: int = 0
    paid_gross_cents: int = 0
    paid_net_cents: int = 0
    paid_squares: float = 0.0
    paid_seconds: int = 0
    timed_gross_cents: int = 0
    least_paid_cents: int | None = None
    most_paid_cents: int | None = None

    def __add__(self, other: "Price") -> "Price":  # type: ignore[override]  # never as tuples are put together
        """Both together: sums are added, so that no average is ever made of averages."""
        return Price(
            self.spots + other.spots,
            self.gross_cents + other.gross_cents,
            self.net_cents + other.net_cents,
            self.paid_spots + other.paid_spots,
            self.paid_gross_cents + other.paid_gross_cents,
            self.paid_net_cents + other.paid_net_cents,
            self.paid_squares + other.paid_squares,
            self.paid_seconds + other.paid_seconds,
            self.timed_gross_cents + other.timed_gross_cents,
            _of_both(min, self.least_paid_cents, other.least_paid_cents),
            _of_both(max, self.most_paid_cents, other.most_paid_cents),
        )

    @property
    def average(self) -> float | None:
        """Gross cents of a paid spot."""
        return self.paid_gross_cents / self.paid_spots if self.paid_spots else None

    @property
    def average_net(self) -> float | None:
        """Net cents of a paid spot."""
        return self.paid_net_cents / self.paid_spots if self.paid_spots else None

    @property
    def margin(self) -> float | None:
        """What the station keeps of the gross of paid spots."""
        return self.paid_net_cents / self.paid_gross_cents if self.paid_gross_cents else None

    @property
    def per_second(self) -> float | None:
        """Gross cents of a second of paid time."""
        return self.timed_gross_cents / self.paid_seconds if self.paid_seconds else None

    @property
    def deviation(self) -> float | None:
        """How far rates lie from their average: the standard deviation of all paid spots, in cents."""
        if not self.paid_spots:
            return None
        mean = self.paid_gross_cents / self.paid_spots
        return math.sqrt(max(0.0, self.paid_squares / self.paid_spots - mean * mean))

    @property
    def variation(self) -> float | None:
        """The deviation as a part of the average: lower is steadier."""
        return self.deviation / self.average if self.deviation is not None and self.average else None


NOTHING = Price()
ByMonth = dict[int, Price]


def add_up(prices: Iterable[Price]) -> Price:
    """All of them together."""
    return sum(prices, NOTHING)


def by_name(db: sqlite3.Connection, asked: PriceFilters, kind: str, months: Sequence[int]) -> dict[str, ByMonth]:
    """What was paid under each name of that kind, month by month."""

    def answer() -> dict[str, ByMonth]:
        names = _names(db, kind)
        found: dict[str, ByMonth] = defaultdict(dict)
        for row in _lines(db, asked, (kind, "nothing"), months, by_month=True):
            name, price = names.get(row[0], ""), Price(*row[3:])
            known = found[name].get(row[2])
            found[name][row[2]] = price if known is None else known + price
        return dict(found)

    return remembered(db, ("prices by name", _key(asked), kind, tuple(months)), answer)


def by_two(
    db: sqlite3.Connection, asked: PriceFilters, first: str, second: str, months: Sequence[int]
) -> dict[tuple[str, str], Price]:
    """What was paid under each pair of names, in these months together; `second` is length or market."""

    def answer() -> dict[tuple[str, str], Price]:
        one, two = _names(db, first), _names(db, second)
        found: dict[tuple[str, str], Price] = {}
        for row in _lines(db, asked, (first, second), months, by_month=False):
            key, price = (one.get(row[0], ""), two.get(row[1], "")), Price(*row[3:])
            known = found.get(key)
            found[key] = price if known is None else known + price
        return found

    return remembered(db, ("prices by two", _key(asked), first, second, tuple(months)), answer)


def _lines(
    db: sqlite3.Connection, asked: PriceFilters, by: tuple[str, str], months: Sequence[int], *, by_month: bool
) -> list[tuple[int, ...]]:
    """Lines of first id, second id, month and the fields of a Price; of parts of the day without those behind net."""
    if not months:
        return []
    first, second = by
    parameters = filter_parameters(asked, min(months), max(months)) | {
        "first": first,
        "second": second,
        "by_month": by_month,
        "months": json.dumps(list(months)),
        "day_part": asked.day_part,
        "day_type": asked.day_type,
        "tenure": asked.tenure,
        "newcomers": json.dumps(_newcomers(db) if asked.tenure or first == "tenure" else []),
    }
    of_parts = first in ("day part", "day type") or asked.day_part is not None or asked.day_type is not None
    cursor = ask(db, _SQL["parts" if of_parts else "prices"], parameters)
    cursor.row_factory = None
    return cursor.fetchall()


def _names(db: sqlite3.Connection, kind: str) -> Mapping[int, str]:
    if kind in _CODES:
        return _CODES[kind]
    return {row["id"]: row["name"] for row in db.execute(_SQL["names_of"], {"kind": kind})}


def _newcomers(db: sqlite3.Connection) -> list[int]:
    """A customer is new in the year of their first revenue row, and returning ever after."""
    return [row["bill_code_id"] * 10000 + row["month"] // 100 for row in db.execute(_SQL["first_months"])]


def _key(asked: PriceFilters) -> Filters:
    """What of the question an answer goes by: neither its months, which are told, nor how it is shown."""
    plain = asked.having(year=0, span=Span.ALL, measure=Measure.GROSS, sort="total", status=None, customer_id=None)
    return plain.having(first=None, last=None, by=Dimension.AE, back=12, show=Show.RATES)


def _of_both(choose: Callable[..., int], one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return other if one is None else one
    return choose(one, other)
