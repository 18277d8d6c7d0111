"""The report on changes: four tables of the same lines, the biggest first, and what it was together."""

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from bookedbiz.changes.asked import Asked, narrowed
from bookedbiz.months import label
from bookedbiz.names.text import name_key
from bookedbiz.reports.filters import Filters, Measure
from bookedbiz.reports.table import Cell, Column, Figure, Kind, Role, Row, Table
from station_kit.statements import load

MOST_LINES = 150  # of a table; the rest is one line
_SQL = load("bookedbiz.changes")
_TOLD = {"booked": "booked", "cancelled": "cancelled", "repriced": "repriced", "moved": "moved", "edited": "moved"}
_KINDS = ("booked", "cancelled", "repriced", "moved")


@dataclass
class Sums:
    """Spots and cents by kind; `moved` has those that were edited in another way, too."""

    spots: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_KINDS, 0))
    cents: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_KINDS, 0))

    @property
    def change(self) -> int:
        return sum(self.cents.values())

    @property
    def weight(self) -> int:
        """How big it is: what came and what went, also where the two are equal."""
        return sum(abs(cents) for cents in self.cents.values())

    def add(self, other: "Sums") -> None:
        for kind in _KINDS:
            self.spots[kind] += other.spots[kind]
            self.cents[kind] += other.cents[kind]


@dataclass(frozen=True)
class Line:
    """One contract's month, changed in one way."""

    customer_id: int
    customer: str
    ae: str
    contract: str
    month: int
    sums: Sums


@dataclass(frozen=True)
class Changes:
    """Everything the page and its exports need."""

    batches: tuple[sqlite3.Row, ...]
    whole: Sums
    figures: tuple[Figure, ...]
    tables: tuple[Table, ...]


def changes_of(db: sqlite3.Connection, asked: Asked) -> Changes:
    """What was booked, cancelled, repriced and moved; Trade included, as in every import's own sums."""
    batches = batches_of(db, asked)
    lines = lines_of(db, asked, batches)
    whole = Sums()
    for line in lines:
        whole.add(line.sums)
    other = asked.plain()

    def customer(line: Line) -> Filters:
        return other.having(customer_id=line.customer_id, customer=None, sort="total")

    def contract(line: Line) -> str:
        return f"{line.contract or 'no contract'}, {line.customer}"

    tables = (
        _table("by AE", lines, lambda line: line.ae, lambda line: narrowed(asked, ae=line.ae)),
        _table("by month", lines, lambda line: label(line.month), lambda line: narrowed(asked, month=line.month)),
        _table("by customer", lines, lambda line: line.customer, customer),
        _table("by contract", lines, contract, customer),
    )
    return Changes(tuple(batches), whole, _figures(whole, len(batches)), tables)


def batches_of(db: sqlite3.Connection, asked: Asked) -> list[sqlite3.Row]:
    """The imports that are asked for, the latest first."""
    if asked.batch is not None:
        return db.execute(_SQL["one_batch"], {"batch": asked.batch}).fetchall()
    since, until = asked.moments()
    return db.execute(_SQL["batches_between"], {"since": since, "until": until}).fetchall()


def lines_of(db: sqlite3.Connection, asked: Asked, batches: Iterable[sqlite3.Row]) -> list[Line]:
    """What those imports changed."""
    ids = [row["id"] for row in batches]
    if not ids:
        return []
    parameters = {
        "first_batch": min(ids), "last_batch": max(ids), "month": asked.month, "ae": asked.ae,
        "only_ae_id": asked.only_ae_id,
    }  # fmt: skip
    part = name_key(asked.customer or "")
    column = "net_cents" if asked.measure is Measure.NET else "gross_cents"
    lines = []
    for row in db.execute(_SQL["changes_between"], parameters):
        if part and part not in name_key(row["customer"]):
            continue
        sums, kind = Sums(), _TOLD[row["kind"]]
        sums.spots[kind], sums.cents[kind] = row["spots"], row[column]
        lines.append(Line(row["customer_id"], row["customer"], row["ae"], row["contract"], row["month"], sums))
    return lines


def _table(name: str, lines: list[Line], name_of: Callable[[Line], str], opens: Callable[[Line], Filters]) -> Table:
    found: dict[str, tuple[Line, Sums]] = {}
    whole = Sums()
    for line in lines:
        found.setdefault(name_of(line), (line, Sums()))[1].add(line.sums)
        whole.add(line.sums)
    ranked = sorted(found.items(), key=lambda item: (-item[1][1].weight, item[0]))
    rows = [Row((each, *_cells(sums)), opens=opens(line)) for each, (line, sums) in ranked[:MOST_LINES]]
    rest = Sums()
    for _, (_, sums) in ranked[MOST_LINES:]:
        rest.add(sums)
    if ranked[MOST_LINES:]:
        rows.append(Row((f"{len(ranked) - MOST_LINES:,} more", *_cells(rest))))
    if rows:
        rows.append(Row(("Together", *_cells(whole)), role=Role.TOTAL))
    return Table(name, _columns(name.partition(" ")[2].capitalize() if name != "by AE" else "AE"), tuple(rows))


def _columns(head: str) -> tuple[Column, ...]:
    hints = {"moved": "Another day, time, length, market, or any other cell but the gross rate"}
    pairs = (
        (Column(kind.capitalize(), Kind.COUNT, hint=hints.get(kind, "")), Column("$", Kind.CHANGE)) for kind in _KINDS
    )
    return (Column(head, Kind.NAME), *(column for pair in pairs for column in pair), Column("Change", Kind.CHANGE))


def _cells(sums: Sums) -> tuple[Cell, ...]:
    pairs = ((sums.spots[kind], sums.cents[kind]) for kind in _KINDS)
    return (*(cell for pair in pairs for cell in pair), sums.change)


def _figures(whole: Sums, batches: int) -> tuple[Figure, ...]:
    imports = f"{batches:,} import{'' if batches == 1 else 's'}, Trade included"
    named = {"booked": "Booked", "cancelled": "Cancelled", "repriced": "Repriced", "moved": "Moved or edited"}
    return (
        Figure("Change", whole.change, imports),
        *(Figure(words, whole.cents[kind], f"{whole.spots[kind]:,} rows") for kind, words in named.items()),
    )
