"""The sheet export: money by customer, market, class, AE, agency flag and sector, and by month, all of history."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from bookedbiz.exports.fingerprint import TupleKey, normalised, row_hash
from station_kit import statements

_SQL = statements.load("bookedbiz.exports")
_EVER = (0, 999912)


class Texts(NamedTuple):
    """What identifies a tuple, as it is shown."""

    customer: str | None
    market: str | None
    revenue_class: str | None
    ae1: str | None
    agency_flag: str | None
    sector: str | None


class Money(NamedTuple):
    """One month of a tuple, in cents."""

    gross: int
    net: int
    broker: int


Cents = tuple[int, int, int]  # as Money has them, without its cost for tens of thousands of lines
_Ids = tuple[int, int, int, int, int]
_NONE: Cents = (0, 0, 0)


@dataclass(frozen=True)
class Contract:
    """The newest spot of a tuple that has a contract: the rates as they are now, never an average."""

    number: str
    gross: int
    net: int
    broker: int

    @property
    def broker_yn(self) -> str:
        return "Y" if self.broker else "N"

    @property
    def broker_pct(self) -> float | None:
        """The broker's share of gross; None without gross."""
        return self.broker / self.gross if self.gross > 0 else None

    @property
    def agency_pct(self) -> float | None:
        """What the station does not keep, before the broker; None without gross."""
        return 1 - self.net / self.gross if self.gross > 0 else None


@dataclass(frozen=True)
class TupleMonths:
    """One tuple and its months in time, those without any money left out."""

    texts: Texts
    row_hash: str
    contract: Contract | None
    cents: list[tuple[int, Cents]]

    @property
    def months(self) -> tuple[tuple[int, Money], ...]:
        """The same with names."""
        return tuple((month, Money(*cents)) for month, cents in self.cents)


@dataclass(slots=True)
class _Gathered:
    """A tuple while it is put together, its months in time; `newest_spot` is that of the newest contract, of the latest
    month with one."""

    texts: list[Texts]
    months: dict[int, Cents] = field(default_factory=dict)
    newest_month: int = 0
    newest_spot: int = 0


def tuples(db: sqlite3.Connection, first_month: int | None = None, last_month: int | None = None) -> list[TupleMonths]:
    """Every tuple with money in those months, by its key; the contract is the newest of all history."""
    gathered = _gather(db)
    contracts = _contracts(db, [each.newest_spot for each in gathered.values()])
    found = []
    first, last = first_month or _EVER[0], last_month or _EVER[1]
    for key in sorted(gathered):
        each = gathered[key]
        cents = [line for line in each.months.items() if line[1] != _NONE and first <= line[0] <= last]
        if cents:
            found.append(TupleMonths(_smallest(each.texts), row_hash(key), contracts.get(each.newest_spot), cents))
    return found


def _gather(db: sqlite3.Connection) -> dict[TupleKey, _Gathered]:
    """Tuples by key: spellings that the hash does not tell apart are one."""
    names = _Names(db)
    by_key: dict[TupleKey, _Gathered] = {}
    rows = db.cursor()
    rows.row_factory = None  # plain tuples: there are tens of thousands, month by month
    by_ids: dict[_Ids, _Gathered] = {}
    for bill_code, market, kind, person, is_agency, month, gross, net, broker, newest in rows.execute(
        _SQL["money_by_tuple"]
    ):
        ids = (bill_code, market, kind, person, is_agency)
        gathered = by_ids.get(ids)
        if gathered is None:
            texts = names.texts(ids)
            gathered = by_ids[ids] = by_key.setdefault(tuple(map(normalised, texts)), _Gathered([]))
            gathered.texts.append(texts)
        months = gathered.months
        if month in months:
            so_far = months[month]
            months[month] = (so_far[0] + gross, so_far[1] + net, so_far[2] + broker)
        else:
            months[month] = (gross, net, broker)
        if newest is not None and (month > gathered.newest_month or newest > gathered.newest_spot):
            gathered.newest_month, gathered.newest_spot = month, newest
    return by_key


class _Names:
    """The texts behind the ids, read once."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._bill_codes: dict[int, tuple[str, str | None]] = {
            row["id"]: (row["raw"], row["sector"]) for row in db.execute(_SQL["bill_codes_with_sector"])
        }
        self._people = dict(map(tuple, db.execute("SELECT id, raw FROM sales_person")))
        self._markets = {row[0]: row[1] if row[0] else None for row in db.execute("SELECT id, code FROM market")}
        self._classes = {row[0]: row[1] or None for row in db.execute("SELECT id, name FROM revenue_type")}

    def texts(self, ids: _Ids) -> Texts:
        bill_code, market, revenue_type, sales_person, is_agency = ids
        raw, sector = self._bill_codes[bill_code]
        return Texts(
            customer=raw,
            market=self._markets[market],
            revenue_class=self._classes[revenue_type],
            ae1=self._people[sales_person],
            agency_flag="Y" if is_agency else "N",
            sector=sector,
        )


def _smallest(texts: list[Texts]) -> Texts:
    """Of several spellings the first by code point, for each text by itself: the same for all months, every day."""
    if len(texts) == 1:
        return texts[0]
    return Texts(
        *(min((text for text in column if text is not None), default=None) for column in zip(*texts, strict=True))
    )


def _contracts(db: sqlite3.Connection, spot_ids: list[int]) -> Mapping[int, Contract]:
    rows = db.execute(_SQL["contracts_of_spots"], {"spot_ids": json.dumps(spot_ids)})
    return {spot_id: Contract(number, gross, net, broker) for spot_id, number, gross, net, broker in rows}
