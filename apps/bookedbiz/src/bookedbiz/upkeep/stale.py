"""Which customers can be retired: those that never had a row, and those that have had none for years."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from bookedbiz.errors import Refused
from bookedbiz.names import deeds
from bookedbiz.names.audit import By
from bookedbiz.names.text import name_key
from station_kit.statements import load

_SQL = load("bookedbiz.upkeep")
NEW_FOR: Final = timedelta(days=90)  # a customer made so recently may still get its first row
USUAL_YEARS: Final = 2
MOST_YEARS: Final = 10


@dataclass(frozen=True)
class Retired:
    """Who deactivated a customer, when and why."""

    actor: str
    on: str
    reason: str


@dataclass(frozen=True)
class Candidate:
    """One customer. `last_air_date` is None when none of its rows has a date, or it has none."""

    id: int
    name: str
    agency: str
    sector: str
    ae: str
    spots: int
    gross_cents: int
    created_on: str
    last_air_date: str | None
    aliases: tuple[str, ...] = ()
    retired: Retired | None = None


@dataclass(frozen=True)
class Stale:
    """The lists, and since when nothing of a stale customer may have aired."""

    since: date
    zero: tuple[Candidate, ...]
    stale: tuple[Candidate, ...]
    inactive: tuple[Candidate, ...]
    active: int

    @property
    def stale_cents(self) -> int:
        """Lifetime revenue of the stale ones."""
        return sum(each.gross_cents for each in self.stale)


def stale_customers(db: sqlite3.Connection, today: date, years: int = USUAL_YEARS) -> Stale:
    """Zero-spot: active, no rows, made over 90 days ago. Stale: rows, none on or after January 1 `years` years ago."""
    since = date(today.year - years, 1, 1)
    lists: dict[str, list[sqlite3.Row]] = defaultdict(list)
    for row in db.execute(_SQL["customers_with_rows"]):
        lists[_list_of(row, since, today)].append(row)
    reasons = {row["name"]: row for row in db.execute(_SQL["why_inactive"])}
    wanted = [row["id"] for name in ("zero", "stale", "inactive") for row in lists[name]]
    spellings: dict[int, list[str]] = defaultdict(list)
    known = {row["id"]: {name_key(row["name"])} for each in lists.values() for row in each}
    for row in db.execute(_SQL["spellings"], {"customers": json.dumps(wanted)}):
        key = name_key(row["text"])
        if key not in known[row["customer_id"]]:  # another case or spaces are no other name
            known[row["customer_id"]].add(key)
            spellings[row["customer_id"]].append(row["text"])

    def made(name: str) -> tuple[Candidate, ...]:
        return tuple(_candidate(row, spellings[row["id"]], reasons.get(row["name"])) for row in lists[name])

    active = len(lists["zero"]) + len(lists["stale"]) + len(lists["kept"])
    return Stale(since, made("zero"), made("stale"), made("inactive"), active)


def retire(db: sqlite3.Connection, customer_ids: Iterable[int], reason: str, by: By) -> int:
    """Deactivate all of them for that reason, in the caller's transaction; how many. What they booked stays."""
    chosen = list(dict.fromkeys(customer_ids))
    if not chosen:
        raise Refused("Nothing changed: no customer was chosen", "Tick those to be deactivated")
    for customer_id in chosen:
        deeds.set_customer_active(db, customer_id, reason, by, active=False)
    return len(chosen)


def _list_of(row: sqlite3.Row, since: date, today: date) -> str:
    if not row["active"]:
        return "inactive"
    if row["spots"] == 0:
        return "zero" if date.fromisoformat(row["created_on"]) < today - NEW_FOR else "kept"
    last = row["last_air_date"] or f"{row['last_month'] // 100}-{row['last_month'] % 100:02d}-01"
    return "stale" if date.fromisoformat(last) < since else "kept"


def _candidate(row: sqlite3.Row, spellings: list[str], told: sqlite3.Row | None) -> Candidate:
    retired = None if row["active"] or told is None else Retired(told["actor"], told["on"], told["reason"] or "")
    return Candidate(
        id=row["id"],
        name=row["name"],
        agency=row["agency"],
        sector=row["sector"],
        ae=row["ae"],
        spots=row["spots"],
        gross_cents=row["gross_cents"],
        created_on=row["created_on"],
        last_air_date=row["last_air_date"],
        aliases=tuple(spellings),
        retired=retired,
    )
