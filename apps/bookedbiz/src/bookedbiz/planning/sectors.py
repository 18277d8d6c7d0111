"""What of an entity's budget is to come from which sector: amounts that must add up to the budget of the month."""

import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from bookedbiz.errors import Refused
from bookedbiz.money import to_cents
from bookedbiz.months import label
from bookedbiz.names.audit import By, Deed, write_audit
from bookedbiz.planning.plans import entities
from station_kit import statements

_SQL = statements.load("bookedbiz.planning")
_FIELD = re.compile(r"sector-([0-9]{1,9})-([0-9]{1,9})-((?:19|20)[0-9]{2}(?:0[1-9]|1[0-2]))")


class Key(NamedTuple):
    """One amount."""

    entity_id: int
    sector_id: int
    month: int


Expectations = dict[Key, int]  # cents


class State(StrEnum):
    """Whether what is expected of sectors is the budget of the month."""

    NOTHING = ""  # nothing is expected of any sector
    BALANCED = "balanced"
    UNDER = "under"
    OVER = "over"


@dataclass(frozen=True)
class Balance:
    """One month of an entity. `difference` is what the sectors are above the budget, below it negative."""

    budget: int | None
    expected: int | None

    @property
    def expected_or_0(self) -> int:
        return self.expected or 0

    @property
    def budget_or_0(self) -> int:
        return self.budget or 0

    @property
    def difference(self) -> int:
        return self.expected_or_0 - self.budget_or_0

    @property
    def state(self) -> State:
        if self.expected is None:
            return State.NOTHING
        if self.difference == 0:
            return State.BALANCED
        return State.OVER if self.difference > 0 else State.UNDER


def sector_names(db: sqlite3.Connection) -> dict[int, str]:
    """Every sector, by its group and name."""
    return {row[0]: str(row[1]) for row in db.execute("SELECT id, name FROM sector ORDER BY grp, name")}


def load_expectations(db: sqlite3.Connection, first_month: int, last_month: int) -> Expectations:
    """What is expected for those months, both ends included."""
    rows = db.execute(_SQL["expectations"], {"first_month": first_month, "last_month": last_month})
    return {Key(row["entity_id"], row["sector_id"], row["month"]): row["amount_cents"] for row in rows}


def balances(
    expected: Mapping[Key, int], budgets: Mapping[tuple[int, int], int | None], entity_id: int, months: Iterable[int]
) -> dict[int, Balance]:
    """Each month of an entity: its budget, and what its sectors come to."""
    sums: dict[int, int] = defaultdict(int)
    for key, cents in expected.items():
        if key.entity_id == entity_id:
            sums[key.month] += cents
    return {month: Balance(budgets.get((entity_id, month)), sums.get(month)) for month in months}


def field_name(key: Key) -> str:
    """`sector-ENTITY-SECTOR-202611`."""
    return f"sector-{key.entity_id}-{key.sector_id}-{key.month}"


def wanted_of(form: Mapping[str, str]) -> dict[Key, int | None]:
    """What the fields ask for; an empty one is nothing expected. Refused, naming what is no number."""
    wanted: dict[Key, int | None] = {}
    wrong = []
    for name, text in form.items():
        match = _FIELD.fullmatch(name)
        if match is None:
            continue
        key = Key(int(match[1]), int(match[2]), int(match[3]))
        try:
            wanted[key] = to_cents(text) if text.strip() else None
        except ValueError:
            wrong.append(f"{text.strip()[:20]!r} ({label(key.month)})")
    if wrong:
        raise Refused(f"Not saved: no number: {', '.join(wrong[:5])}", "Enter dollars like 12,500")
    return wanted


def save_expectations(db: sqlite3.Connection, wanted: Mapping[Key, int | None], month: int, by: By) -> int:
    """Make them what is wanted, in the caller's transaction; how many were different. Audited with old and new.

    Refused for months before `month`, the current one, and below zero. They need not add up yet: the page says so.
    """
    if not wanted:
        return 0
    held = load_expectations(db, min(key.month for key in wanted), max(key.month for key in wanted))
    changed = {key: new for key, new in wanted.items() if new != held.get(key)}
    _require_sound(db, changed, month)
    for key, new in changed.items():
        db.execute("DELETE FROM sector_expectation WHERE entity_id = ? AND sector_id = ? AND month = ?", key)
        if new is not None:
            db.execute(
                "INSERT INTO sector_expectation (entity_id, sector_id, month, amount_cents) VALUES (?, ?, ?, ?)",
                (*key, new),
            )
    names = {entity.id: entity.name for entity in entities(db)}
    for entity_id in sorted({key.entity_id for key in changed}):
        cells = {f"{key.sector_id}-{key.month}": [held.get(key), new] for key, new in changed.items()
                 if key.entity_id == entity_id}  # fmt: skip
        deed = Deed("sector_expectation", names[entity_id], None, f"{len(cells)} cells", json.dumps({"cells": cells}))
        write_audit(db, by, deed)
    return len(changed)


def _require_sound(db: sqlite3.Connection, changed: Mapping[Key, int | None], month: int) -> None:
    known, sectors = {entity.id for entity in entities(db)}, sector_names(db)
    for key, new in changed.items():
        if key.entity_id not in known or key.sector_id not in sectors:
            raise Refused("Not saved: there is no such entity or sector")
        if key.month < month:
            raise Refused(f"Not saved: {label(key.month)} is over and cannot be changed")
        if new is not None and new < 0:
            raise Refused(f"Not saved: {sectors[key.sector_id]}, {label(key.month)} is below zero")
