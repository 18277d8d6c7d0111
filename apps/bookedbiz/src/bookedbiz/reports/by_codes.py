"""What the whole business brought by the codes of its rows: by kind of row, and of the station's own spots by language.

From the summary by codes, which has nobody's name: a question about a customer or a book is answered by reports.parts.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from bookedbiz.reports.booked import names_shown, plain_rows

OWN: Final = "Internal Ad Sales"
TYPES: Final = ("COM", "BNS")


@dataclass(frozen=True)
class OfKind:
    """Rows of one revenue type and type; blank is ""."""

    revenue_type: str
    spot_type: str
    cents: int
    spots: int


@dataclass(frozen=True)
class OfLanguage:
    """The station's own spots in one language and market with one code, found in one way."""

    group: str
    language: str
    market: str
    raw_code: str
    found: str
    cents: int
    paid_rows: int
    bonus_rows: int

    @property
    def rows(self) -> int:
        return self.paid_rows + self.bonus_rows


class Coded(NamedTuple):
    """One line of the summary by codes, of some months together."""

    revenue_type_id: int
    spot_type_id: int
    market_id: int
    language_id: int
    assigned_language_id: int
    language_method: str
    gross_cents: int
    net_cents: int
    spots: int


def kinds_of(db: sqlite3.Connection, lines: Sequence[Coded], column: str) -> list[OfKind]:
    """The same by kind of row; `column` is that of the money."""
    types, spot_types = names_shown(db, "revenue_type"), names_shown(db, "spot_type")
    sums: dict[tuple[str, str], list[int]] = {}
    for line in lines:
        found = sums.setdefault((types[line.revenue_type_id], spot_types[line.spot_type_id]), [0, 0])
        found[0] += getattr(line, column)
        found[1] += line.spots
    return [OfKind(*names, *sums[names]) for names in sorted(sums)]


def languages_of(db: sqlite3.Connection, lines: Sequence[Coded], column: str) -> list[OfLanguage]:
    """What of it is the station's own, paid or bonus, by language, market and code."""
    types, spot_types = names_shown(db, "revenue_type"), names_shown(db, "spot_type")
    groups, names, markets = (names_shown(db, kind) for kind in ("language_group", "language", "market"))
    codes, methods = names_shown(db, "language_code"), dict[str, str](plain_rows(db, "language_methods", {}))
    sums: dict[tuple[str, str, str, str, str], list[int]] = {}
    for line in lines:
        spot_type = spot_types[line.spot_type_id]
        if types[line.revenue_type_id] != OWN or spot_type not in TYPES:
            continue
        language = line.assigned_language_id
        where = markets[line.market_id], codes[line.language_id], methods.get(line.language_method, "")
        key = (groups[language], names[language], *where)
        found = sums.setdefault(key, [0, 0, 0])
        found[0] += getattr(line, column)
        found[1 + TYPES.index(spot_type)] += line.spots
    return [OfLanguage(*key, *sums[key]) for key in sorted(sums)]
