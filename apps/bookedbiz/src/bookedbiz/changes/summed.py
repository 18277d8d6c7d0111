"""Changes added up by account executive, month, customer and contract: SQL groups them, names come afterwards."""

import json
import sqlite3
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from bookedbiz.changes.asked import Asked
from bookedbiz.names.text import name_key
from bookedbiz.reports.filters import Measure
from station_kit.statements import load

KINDS: Final = ("booked", "cancelled", "repriced", "moved")
_SQL = load("bookedbiz.changes")
_AT = {kind: place for place, kind in enumerate(KINDS)} | {"edited": KINDS.index("moved")}
_NOTHING: Final = (0,) * 8
_Key = TypeVar("_Key", bound=Hashable)


class Sums(list[int]):
    """Spots of each kind, then cents of each; `moved` has those that were edited in another way, too."""

    @property
    def spots(self) -> dict[str, int]:
        return dict(zip(KINDS, self[:4], strict=True))

    @property
    def cents(self) -> dict[str, int]:
        return dict(zip(KINDS, self[4:], strict=True))

    @property
    def change(self) -> int:
        return sum(self[4:])

    @property
    def weight(self) -> int:
        """How big it is: what came and what went, also where the two are equal."""
        _, _, _, _, booked, cancelled, repriced, moved = self
        return abs(booked) + abs(cancelled) + abs(repriced) + abs(moved)

    def less(self, others: Iterable["Sums"]) -> "Sums":
        """What is left of it without those."""
        return Sums(own - sum(theirs) for own, *theirs in zip(self, *others, strict=True))


@dataclass(frozen=True)
class Summed:
    """The same changes four times, and together."""

    whole: Sums = field(default_factory=lambda: Sums(_NOTHING))
    aes: dict[str, Sums] = field(default_factory=dict)
    months: dict[int, Sums] = field(default_factory=dict)
    customers: dict[str, Sums] = field(default_factory=dict)
    contracts: dict[tuple[str, int], Sums] = field(default_factory=dict)  # by customer and contract's id, 0 for none
    customer_ids: dict[str, int] = field(default_factory=dict)  # of several with one name the first


def summed(db: sqlite3.Connection, asked: Asked, batches: Iterable[int]) -> Summed:
    """What those imports changed."""
    found = Summed()
    customers, aes = _customers(db, asked), _aes(db, asked)
    parameters = {
        "batches": json.dumps(list(batches)),
        "month": asked.month,
        "people": json.dumps(list(aes)) if asked.ae is not None or asked.only_ae_id is not None else None,
        "bill_codes": json.dumps(list(customers)) if asked.customer else None,
    }
    is_net = asked.measure is Measure.NET
    some = "whole" if all(parameters[name] is None for name in ("month", "people", "bill_codes")) else "changes"
    for person, month, kind, spots, gross, net in _rows(db, f"{some}_by_ae", parameters):
        at, cents = _AT[kind], net if is_net else gross
        for sums in (_of(found.aes, aes[person]), _of(found.months, month)):
            sums[at] += spots
            sums[at + 4] += cents
    found.whole[:] = map(sum, zip(_NOTHING, *found.aes.values(), strict=True))
    names = dict(customers.values())
    contracts = found.contracts
    for customer_id, contract_id, kind, spots, gross, net in _rows(db, f"{some}_by_contract", parameters):
        at, cents, name = _AT[kind], net if is_net else gross, names[customer_id]
        key = (name, contract_id or 0)
        sums = contracts.get(key) or contracts.setdefault(key, Sums(_NOTHING))
        sums[at] += spots
        sums[at + 4] += cents
        sums = found.customers.get(name) or found.customers.setdefault(name, Sums(_NOTHING))
        sums[at] += spots
        sums[at + 4] += cents
    found.customer_ids.update({name: customer_id for customer_id, name in reversed(names.items())})
    return found


def contract_numbers(db: sqlite3.Connection, contract_ids: Iterable[int]) -> Mapping[int, str]:
    """The numbers that these contracts have."""
    return dict(_rows(db, "contract_numbers", {"contracts": json.dumps(list(contract_ids))}))


def _of(sums: dict[_Key, Sums], key: _Key) -> Sums:
    found = sums.get(key)
    if found is None:
        found = sums[key] = Sums(_NOTHING)
    return found


def _customers(db: sqlite3.Connection, asked: Asked) -> dict[int, tuple[int, str]]:
    """Id and name of the customer behind each bill code that is asked for."""
    part = name_key(asked.customer or "")
    rows = _rows(db, "customers_of_bill_codes", {})
    return {bill_code: (customer_id, name) for bill_code, customer_id, name in rows if part in name_key(name)}


def _aes(db: sqlite3.Connection, asked: Asked) -> dict[int, str]:
    """The account executive that each sales person is, of those that are asked for."""
    return {
        person: ae
        for person, ae_id, ae in _rows(db, "aes_of_people", {})
        if asked.ae in (None, ae) and asked.only_ae_id in (None, ae_id)
    }


def _rows(db: sqlite3.Connection, question: str, parameters: Mapping[str, Any]) -> sqlite3.Cursor:
    """The answer as plain tuples: there may be thousands."""
    rows = db.cursor()
    rows.row_factory = None
    return rows.execute(_SQL[question], parameters)
