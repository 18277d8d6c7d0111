"""What an import changed, told by customer, account executive and month: booked, cancelled, repriced, moved, edited."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field

from bookedbiz.months import label
from station_kit.statements import load

KINDS = ("booked", "cancelled", "repriced", "moved", "edited")
_SQL = load("bookedbiz.importing")


@dataclass
class Line:
    """One customer, account executive or month: spots by kind, and what that did to its money."""

    name: str
    spots: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    gross_cents: int = 0
    net_cents: int = 0


@dataclass(frozen=True)
class Told:
    """The same changes, three times added up, the biggest first; `total` is all of them."""

    customers: list[Line]
    aes: list[Line]
    months: list[Line]
    total: Line


def tell_batch(db: sqlite3.Connection, batch_id: int) -> Told:
    """What that import changed; all of it Trade included, as the batch's own sums are."""
    rows = db.execute(_SQL["changes_of_batch"], {"batch_id": batch_id}).fetchall()
    months = _added_up(rows, lambda row: str(row["month"]))
    for line in months:
        line.name = label(int(line.name))
    total = _added_up(rows, lambda _: "All")
    return Told(
        customers=_biggest_first(_added_up(rows, lambda row: str(row["customer"]))),
        aes=_biggest_first(_added_up(rows, lambda row: str(row["ae"]))),
        months=months,
        total=total[0] if total else Line("All"),
    )


def _added_up(rows: list[sqlite3.Row], name_of: Callable[[sqlite3.Row], str]) -> list[Line]:
    lines: dict[str, Line] = {}
    for row in rows:
        line = lines.setdefault(name_of(row), Line(name_of(row)))
        line.spots[row["kind"]] += row["spots"]
        line.gross_cents += row["gross_cents"]
        line.net_cents += row["net_cents"]
    return [lines[name] for name in sorted(lines)]


def _biggest_first(lines: list[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: (-abs(line.gross_cents), line.name))
