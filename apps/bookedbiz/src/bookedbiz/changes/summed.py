"""Changes added up by account executive, month, customer and contract: SQL groups them, names come afterwards."""

import json
import sqlite3
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from typing import Any, Final, TypeVar

from bookedbiz.changes.asked import Asked
from bookedbiz.names.text import name_key
from bookedbiz.reports.booked import customers_shown
from bookedbiz.reports.fitted import fitted
from station_kit.statements import load

KINDS: Final = ("booked", "cancelled", "repriced", "moved")
_SQL = load("bookedbiz.changes")
_AT = {kind: place for place, kind in enumerate(KINDS)} | {"edited": KINDS.index("moved")}
_NOTHING: Final = (0,) * 8
_CONTRACT_BITS: Final = 32  # customer and contract are one number: the contract is its lower half
_CONTRACT: Final = (1 << _CONTRACT_BITS) - 1
_Line = tuple[int, str, int, int]
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
    """The same changes four times, and together. Of contracts the biggest, and how many there are."""

    whole: Sums
    aes: dict[str, Sums]
    months: dict[int, Sums]
    customers: dict[str, Sums]
    contracts: dict[tuple[str, int], Sums]  # by customer and contract's id, 0 for none
    all_contracts: int
    customer_ids: dict[str, int]  # of several with one name the first


def summed(db: sqlite3.Connection, asked: Asked, batches: Iterable[int], most: int) -> Summed:
    """What those imports changed; of contracts at least the `most` biggest."""
    aes = _aes(db, asked)
    parameters = {
        "batches": json.dumps(list(batches)),
        "month": asked.month,
        "people": json.dumps(list(aes)) if asked.ae is not None or asked.only_ae_id is not None else None,
        "bill_codes": json.dumps(_bill_codes(db, asked.customer)) if asked.customer else None,
        "measure": str(asked.measure),
    }
    some = "whole" if all(parameters[name] is None for name in ("month", "people", "bill_codes")) else "changes"
    by_ae: dict[str, Sums] = {}
    for person, kind, spots, cents in _rows(db, f"{some}_by_ae", parameters):
        _add(by_ae, aes[person], kind, spots, cents)
    months: dict[int, Sums] = {}
    for line in _rows(db, f"{some}_by_month", parameters):
        _add(months, *line)
    lines = _rows(db, f"{some}_by_contract", parameters).fetchall()
    names = {customer_id: customer.name for customer_id, customer in customers_shown(db).items()}
    customers: dict[str, Sums] = {}
    for key, kind, spots, cents in lines:
        _add(customers, names[key >> _CONTRACT_BITS], kind, spots, cents)
    contracts, all_contracts = _contracts(lines, names, most)
    return Summed(
        whole=Sums(map(sum, zip(_NOTHING, *by_ae.values(), strict=True))),
        aes=by_ae,
        months=months,
        customers=customers,
        contracts=contracts,
        all_contracts=all_contracts,
        customer_ids={name: customer_id for customer_id, name in reversed(names.items())},
    )


def _contracts(lines: Sequence[_Line], names: Mapping[int, str], most: int) -> tuple[dict[tuple[str, int], Sums], int]:
    """The biggest, and how many there are: thousands, on a day on which much was imported."""
    weights: dict[int, int] = {}
    for key, _, _, cents in lines:
        weights[key] = weights.get(key, 0) + abs(cents)
    least = min(nlargest(most, weights.values()), default=0)
    found: dict[tuple[str, int], Sums] = {}
    for key, kind, spots, cents in lines:
        if weights[key] >= least:
            _add(found, (names[key >> _CONTRACT_BITS], key & _CONTRACT), kind, spots, cents)
    return found, len(weights)


def contract_numbers(db: sqlite3.Connection, contract_ids: Iterable[int]) -> Mapping[int, str]:
    """The numbers that these contracts have."""
    return dict(_rows(db, "contract_numbers", {"contracts": json.dumps(list(contract_ids))}))


def _add(sums: dict[_Key, Sums], key: _Key, kind: str, spots: int, cents: int) -> None:
    found = sums.get(key)
    if found is None:
        found = sums[key] = Sums(_NOTHING)
    at = _AT[kind]
    found[at] += spots
    found[at + 4] += cents


def _bill_codes(db: sqlite3.Connection, customer: str) -> list[int]:
    """Those of the customers with that in their name."""
    part = name_key(customer)
    return [bill_code for bill_code, name in _rows(db, "customers_of_bill_codes", {}) if part in name_key(name)]


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
    return rows.execute(fitted(_SQL[question], parameters), parameters)
