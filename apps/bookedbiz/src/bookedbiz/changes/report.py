"""The report on changes: four tables of the same changes, the biggest first, and what it was together."""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from heapq import nsmallest
from typing import TypeVar

from bookedbiz.changes.asked import Asked, narrowed
from bookedbiz.changes.summed import KINDS, Summed, Sums, contract_numbers, summed
from bookedbiz.months import label
from bookedbiz.reports.filters import Filters
from bookedbiz.reports.remembered import remembered
from bookedbiz.reports.table import Cell, Column, Figure, Kind, Role, Row, Table
from station_kit.statements import load

MOST_LINES = 100  # of a table; the rest is one line
_SQL = load("bookedbiz.changes")
_Key = TypeVar("_Key", bound="str | int | tuple[str, int]")


@dataclass(frozen=True)
class Changes:
    """Everything the page and its exports need."""

    batches: tuple[sqlite3.Row, ...]
    whole: Sums
    figures: tuple[Figure, ...]
    tables: tuple[Table, ...]


def changes_of(db: sqlite3.Connection, asked: Asked) -> Changes:
    """What was booked, cancelled, repriced and moved; Trade included, as in every import's own sums."""

    def answer() -> Changes:
        batches = batches_of(db, asked)
        found = summed(db, asked, (row["id"] for row in batches), MOST_LINES)
        return Changes(tuple(batches), found.whole, _figures(found.whole, len(batches)), _tables(db, asked, found))

    return remembered(db, ("changes", asked), answer)


def batches_of(db: sqlite3.Connection, asked: Asked) -> list[sqlite3.Row]:
    """The imports that are asked for, the latest first."""
    if asked.batch is not None:
        return db.execute(_SQL["one_batch"], {"batch": asked.batch}).fetchall()
    since, until = asked.moments()
    return db.execute(_SQL["batches_between"], {"since": since, "until": until}).fetchall()


def _tables(db: sqlite3.Connection, asked: Asked, found: Summed) -> tuple[Table, ...]:
    other = asked.plain()
    numbers: Mapping[int, str] = {}

    def customer(name: str) -> tuple[str, Filters]:
        return name, other.having(customer_id=found.customer_ids[name], customer=None, sort="total")

    def contract(key: tuple[str, int]) -> tuple[str, Filters]:
        return f"{numbers.get(key[1]) or 'no contract'}, {key[0]}", customer(key[0])[1]

    biggest = _biggest(found.contracts)
    numbers = contract_numbers(db, (contract_id for _, contract_id in biggest))
    return (
        _table("AE", found.aes, found.whole, lambda name: (name, narrowed(asked, ae=name))),
        _table("month", found.months, found.whole, lambda month: (label(month), narrowed(asked, month=month))),
        _table("customer", found.customers, found.whole, customer),
        _table("contract", found.contracts, found.whole, contract, (biggest, found.all_contracts)),
    )


def _biggest(found: Mapping[_Key, Sums]) -> list[_Key]:
    return [key for _, key in nsmallest(MOST_LINES, ((-sums.weight, key) for key, sums in found.items()))]


def _table(
    what: str,
    found: Mapping[_Key, Sums],
    whole: Sums,
    opened: Callable[[_Key], tuple[str, Filters]],
    biggest: tuple[list[_Key], int] | None = None,
) -> Table:
    shown, count = biggest or (_biggest(found), len(found))
    rows = []
    for key in shown:
        name, opens = opened(key)
        rows.append(Row((name, *_cells(found[key])), opens=opens))
    if count > len(shown):
        rest = whole.less(found[key] for key in shown)
        rows.append(Row((f"{count - len(shown):,} more", *_cells(rest))))
    if rows:
        rows.append(Row(("Together", *_cells(whole)), role=Role.TOTAL))
    return Table(f"by {what}", _columns(what[:1].upper() + what[1:]), tuple(rows))


def _columns(head: str) -> tuple[Column, ...]:
    hints = {"moved": "Another day, time, length, market, or any other cell but the gross rate"}
    pairs = (
        (Column(kind.capitalize(), Kind.COUNT, hint=hints.get(kind, "")), Column("$", Kind.CHANGE)) for kind in KINDS
    )
    return (Column(head, Kind.NAME), *(column for pair in pairs for column in pair), Column("Change", Kind.CHANGE))


def _cells(sums: Sums) -> tuple[Cell, ...]:
    pairs = zip(sums[:4], sums[4:], strict=True)
    return (*(cell for pair in pairs for cell in pair), sums.change)


def _figures(whole: Sums, batches: int) -> tuple[Figure, ...]:
    imports = f"{batches:,} import{'' if batches == 1 else 's'}, Trade included"
    named = {"booked": "Booked", "cancelled": "Cancelled", "repriced": "Repriced", "moved": "Moved or edited"}
    spots, cents = whole.spots, whole.cents
    return (
        Figure("Change", whole.change, imports),
        *(Figure(words, cents[kind], f"{spots[kind]:,} rows") for kind, words in named.items()),
    )
