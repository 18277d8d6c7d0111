"""The resolution queue: bill codes without a customer, the largest first, each with the names it could mean."""

import sqlite3
from dataclasses import dataclass, replace

from bookedbiz.names.suggesting import APPROVE_FROM_CENTS, Candidate, Name, Suggester
from station_kit.statements import load

_SQL = load("bookedbiz.names")


@dataclass(frozen=True)
class Waiting:
    """A bill code that nobody has said the customer of. `months` is how many it has rows in."""

    id: int
    raw: str
    agency: str
    advertiser: str
    spots: int
    gross_cents: int
    first_month: int
    last_month: int
    months: int
    candidates: tuple[Candidate, ...] = ()

    @property
    def one_click(self) -> Candidate | None:
        """The name that can be approved at once: as good as sure, and with enough money to be worth it."""
        best = self.candidates[0] if self.candidates else None
        return best if best and best.is_sure and self.gross_cents >= APPROVE_FROM_CENTS else None


def waiting(db: sqlite3.Connection, *, dismissed: bool = False) -> list[Waiting]:
    """The queue with its candidates; of those that were dismissed when asked for."""
    suggester = Suggester(Name(**dict(row)) for row in db.execute(_SQL["customer_names"]))
    found = [Waiting(**dict(row)) for row in db.execute(_SQL["waiting_codes"], {"dismissed": int(dismissed)})]
    return [replace(one, candidates=tuple(suggester.best(one.agency, one.advertiser))) for one in found]


def customers_like(db: sqlite3.Connection, part: str, count: int) -> list[str]:
    """Names of customers that begin with `part`, then those that hold it."""
    rows = db.execute(
        """SELECT name FROM customer WHERE active AND instr(key, :part)
           ORDER BY instr(key, :part) > 1, key LIMIT :count""",
        {"part": part, "count": count},
    )
    return [str(name) for (name,) in rows]
