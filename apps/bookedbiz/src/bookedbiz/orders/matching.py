"""Orders against what is booked: not in traffic yet, amounts that differ, and business without an order."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bookedbiz.months import label
from bookedbiz.names.people import sales_person_name
from bookedbiz.names.resolve import load_aes
from bookedbiz.names.text import name_key
from bookedbiz.orders.runsheet import Ordered, RunSheets
from bookedbiz.orders.tree import Order, Tree
from bookedbiz.reports.filters import Filters
from bookedbiz.reports.remembered import remembered
from bookedbiz.reports.table import Column, Figure, Kind, Role, Row, Table
from station_kit.statements import load

_SQL = load("bookedbiz.orders")
MOST_LISTED = 150  # contracts without an order, the largest first; the others are one line
SMALLEST_DIFFERENCE_CENTS = 100  # below it somebody has rounded


class State(StrEnum):
    """How an order stands."""

    WAITING = "not in traffic yet"
    DIFFERS = "amounts differ"
    BOOKED = "booked"


@dataclass(frozen=True)
class Held:
    """What is booked under a contract number."""

    spots: int
    gross_cents: int
    first_month: int
    last_month: int


@dataclass(frozen=True)
class Matched:
    """One order, what it orders if its run sheet can be read, and what is booked of it."""

    order: Order
    ae_id: int | None
    ordered: Ordered | None
    held: Held | None

    @property
    def state(self) -> State:
        if self.held is None:
            return State.WAITING
        return State.DIFFERS if abs(self.difference) >= SMALLEST_DIFFERENCE_CENTS else State.BOOKED

    @property
    def difference(self) -> int:
        """Booked less ordered, in cents; 0 when one of them is not known."""
        return self.held.gross_cents - self.ordered.gross_cents if self.held and self.ordered else 0


@dataclass(frozen=True)
class Orders:
    """Everything the page and its files show. `unread` run sheets are read when somebody looks again."""

    matched: tuple[Matched, ...]
    figures: tuple[Figure, ...]
    listed: Table
    without: Table
    unread: int

    @property
    def tables(self) -> tuple[Table, ...]:
        return self.listed, self.without


def match_orders(db: sqlite3.Connection, tree: Tree, sheets: RunSheets, filters: Filters, month: int) -> Orders:
    """The orders of the book that `filters` leaves, and what is booked from `month` on without one."""
    everything = tree.orders()
    chosen = _matched(db, [order for order in everything], sheets, filters)
    without, count = _without(db, {order.number for order in everything}, filters, month)
    matched, unread = chosen
    counts = {state: [each for each in matched if each.state is state] for state in State}
    figures = (
        Figure("Not in traffic yet", len(counts[State.WAITING]), _ordered_words(counts[State.WAITING]), is_count=True),
        Figure("Amounts differ", len(counts[State.DIFFERS]), "by the run sheet", is_count=True),
        Figure("Booked", len(counts[State.BOOKED]), "with their order", is_count=True),
        Figure("Booked without order", count, f"contracts from {label(month)} on", is_count=True),
    )
    return Orders(matched, figures, _listed(matched), without, unread)


def pending(db: sqlite3.Connection, tree: Tree, filters: Filters) -> list[Order]:
    """The orders of that book that are not in traffic yet. OrdersUnavailable when the drive is not there."""
    orders = _of_book(db, list(tree.orders()), filters)
    held = _held(db, [order for order, _ in orders])
    return [order for order, _ in orders if order.number not in held]


def may_see(db: sqlite3.Connection, order: Order, only_ae_id: int | None) -> bool:
    """Whether somebody who sees that book alone may see the order."""
    return only_ae_id is None or _ae_ids(db).get(name_key(sales_person_name(order.ae))) == only_ae_id


def _matched(
    db: sqlite3.Connection, orders: list[Order], sheets: RunSheets, filters: Filters
) -> tuple[tuple[Matched, ...], int]:
    mine = _of_book(db, orders, filters)
    ordered, unread = sheets.read([order for order, _ in mine])
    held = _held(db, [order for order, _ in mine])
    found = (Matched(order, ae_id, ordered.get(order.path), held.get(order.number)) for order, ae_id in mine)
    rank = {State.WAITING: 0, State.DIFFERS: 1, State.BOOKED: 2}
    return tuple(sorted(found, key=lambda one: (one.order.ae.casefold(), rank[one.state], one.order.number))), unread


def _of_book(db: sqlite3.Connection, orders: list[Order], filters: Filters) -> list[tuple[Order, int | None]]:
    ids = _ae_ids(db)
    wanted = None if filters.ae is None else ids.get(name_key(filters.ae), -1)
    part = name_key(filters.customer or "")
    found = [(order, ids.get(name_key(sales_person_name(order.ae)))) for order in orders]
    return [
        (order, ae_id)
        for order, ae_id in found
        if (filters.only_ae_id is None or ae_id == filters.only_ae_id)
        and (wanted is None or ae_id == wanted or name_key(order.ae) == name_key(filters.ae or ""))
        and (not part or part in name_key(f"{order.number} {order.customer}"))
    ]


def _ae_ids(db: sqlite3.Connection) -> Mapping[str, int]:
    return remembered(db, "aes of orders", lambda: load_aes(db))


def _held(db: sqlite3.Connection, orders: list[Order]) -> Mapping[str, Held]:
    numbers = json.dumps(sorted({order.number for order in orders}))
    return remembered(db, ("booked of orders", numbers), lambda: {
        row["number"]: Held(row["spots"], row["gross_cents"], row["first_month"], row["last_month"])
        for row in db.execute(_SQL["booked_of_orders"], {"numbers": numbers})
    })  # fmt: skip


def _listed(matched: tuple[Matched, ...]) -> Table:
    columns = (
        Column("AE", Kind.NAME),
        Column("Contract", Kind.WORD),
        Column("Customer", Kind.WORD),
        Column("Files", Kind.COUNT),
        Column("State", Kind.WORD),
        Column("Ordered", Kind.MONEY, hint="By the run sheet, where there is one that can be read"),
        Column("Booked", Kind.MONEY),
        Column("Difference", Kind.CHANGE),
        Column("Months", Kind.WORD),
    )
    rows = [
        Row(
            (
                one.order.ae, one.order.number, one.order.customer, len(one.order.files), str(one.state),
                one.ordered.gross_cents if one.ordered else None, one.held.gross_cents if one.held else None,
                one.difference if one.held and one.ordered else None, _months(one.held or one.ordered),
            ),
            state="urgent" if one.state is State.WAITING else "",
        )
        for one in matched
    ]  # fmt: skip
    return Table("insertion orders", columns, tuple(rows))


def _without(db: sqlite3.Connection, numbers: set[str], filters: Filters, month: int) -> tuple[Table, int]:
    """The table, and how many contracts there are."""
    columns = (
        Column("Customer", Kind.NAME),
        Column("Contract", Kind.WORD),
        Column("AE", Kind.WORD),
        Column("Months", Kind.WORD),
        Column("Spots", Kind.COUNT),
        Column("Gross", Kind.MONEY),
    )
    parameters = {"month": month, "only_ae_id": filters.only_ae_id}
    found = remembered(
        db, ("contracts ahead", *parameters.items()), lambda: db.execute(_SQL["contracts_ahead"], parameters).fetchall()
    )
    part = name_key(filters.customer or "")
    plain = filters.having(ae=None, customer=None, sort="total")
    rows = [
        Row(
            (row["customer"], row["number"], row["ae"], _span(row["first_month"], row["last_month"]), row["spots"],
             row["gross_cents"]),
            opens=plain.having(customer_id=row["customer_id"]),
        )
        for row in found
        if (row["number"].lstrip("0") or "0") not in numbers
        and (filters.ae is None or row["ae"] == filters.ae)
        and (not part or part in name_key(f"{row['number']} {row['customer']}"))
    ]  # fmt: skip
    count, sums = len(rows), _sums(rows)
    if rows:
        rest = _sums(rows[MOST_LISTED:])
        if rows[MOST_LISTED:]:
            rows = [*rows[:MOST_LISTED], Row((f"{count - MOST_LISTED:,} more", "", "", "", *rest))]
        rows.append(Row((f"{count:,} contracts", "", "", "", *sums), role=Role.TOTAL))
    return Table("booked without order", columns, tuple(rows)), count


def _sums(rows: list[Row]) -> tuple[int, int]:
    spots, cents = (sum(int(row.cells[position] or 0) for row in rows) for position in (4, 5))
    return spots, cents


def _months(known: Held | Ordered | None) -> str:
    return "" if known is None else _span(known.first_month, known.last_month)


def _span(first: int, last: int) -> str:
    return label(first) if first == last else f"{label(first)} to {label(last)}"


def _ordered_words(waiting: list[Matched]) -> str:
    cents = sum(one.ordered.gross_cents for one in waiting if one.ordered)
    return f"${cents / 100:,.0f} by their run sheets" if cents else "a folder is there, and no booked row"
