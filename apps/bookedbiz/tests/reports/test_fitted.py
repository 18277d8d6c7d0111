"""A statement that was fitted to its question gives the answer of the whole one."""

import json
import sqlite3
from collections import Counter

import pytest

from bookedbiz.reports.booked import best, filter_parameters
from bookedbiz.reports.filters import Filters
from bookedbiz.reports.fitted import fitted
from station_kit import statements

ASKED = (
    Filters(2026),
    Filters(2026, ae="House"),
    Filters(2026, market="SFO", customer="a"),
    Filters(2026, sector="Unassigned", language="Mandarin"),
    Filters(2026, entity="WorldLink", revenue_type="Internal Ad Sales"),
    Filters(2026, only_ae_id=1),
)
KINDS = {
    "booked_by_name": ("kind", ("ae", "entity", "sector", "market", "language")),
    "booked_by_basis": ("basis", ("month", "calendar", "broadcast")),
    "customers_by_month": ("basis", ("month", "calendar", "broadcast")),
    "prices": ("first", ("ae", "market", "language", "length", "tenure", "customer", "nothing")),
    "parts": ("first", ("ae", "market", "day part", "day type", "tenure", "customer")),
}


def lines(db: sqlite3.Connection, sql: str, parameters: dict[str, object]) -> Counter[tuple[object, ...]]:
    return Counter(map(tuple, db.execute(sql, parameters)))


@pytest.mark.parametrize("package", ["reports", "monthly", "pricing"])
@pytest.mark.parametrize("asked", ASKED)
def test_whatever_is_asked_for_the_answer_is_that_of_the_whole_statement(
    sample: sqlite3.Connection, package: str, asked: Filters
) -> None:
    base = filter_parameters(asked, 202501, 202612) | {"months": json.dumps([202510, 202611]), "newcomers": "[]"}
    base |= {"second": "market", "by_month": True, "day_part": None, "day_type": None, "tenure": None}
    seen = 0
    for name, sql in statements.load(f"bookedbiz.{package}").items():
        if ":customer_text" in sql:
            choice, kinds = KINDS.get(name, ("kind", ("ae",)))
            for kind in kinds:
                parameters = base | {choice: kind}
                assert lines(sample, fitted(sql, parameters), parameters) == lines(sample, sql, parameters), name
                seen += 1
    assert seen > 1


def test_what_is_not_asked_for_is_not_in_the_statement() -> None:
    case = "CASE :by WHEN 'a' THEN x WHEN 'b' THEN (y + 1) ELSE z END"
    sql = f"SELECT {case} FROM t WHERE m = :m AND (:f IS NULL OR f IN (SELECT (1))) AND (:g IS NULL OR g = :g)"
    found = fitted(sql, {"by": "b", "m": 1, "f": None, "g": 2})
    assert found == "SELECT (y + 1) FROM t WHERE m = :m  AND (:g IS NULL OR g = :g)"
    assert "SELECT z FROM" in fitted(sql, {"by": "c"})
    assert fitted(sql, {"m": 1}) == sql


@pytest.mark.parametrize("only", [None, 1, 2])
@pytest.mark.parametrize("kind", ["customer", "class", "ae", "entity", "market", "language"])
def test_the_whole_business_by_ids_is_what_the_view_says_by_names(
    sample: sqlite3.Connection, kind: str, only: int | None
) -> None:
    question = f"booked_by_{kind}" if kind in ("customer", "class") else "booked_by_name"
    parameters = filter_parameters(Filters(2026, only_ae_id=only), 202501, 202612) | {"kind": kind}
    loaded = statements.load("bookedbiz.reports")
    whole, _ = best(question, parameters)
    assert whole.startswith("whole_")
    sums: list[dict[tuple[object, ...], list[int]]] = []
    for name in (question, whole):
        found: dict[tuple[object, ...], list[int]] = {}
        for *key, gross, net in map(tuple, sample.execute(fitted(loaded[name], parameters), parameters)):
            line = found.setdefault(tuple(key), [0, 0])
            line[0] += gross
            line[1] += net
        sums.append(found)
    assert sums[0] == sums[1]
    assert sums[0] or only is not None
    assert best(question, parameters | {"ae": "House"})[0] == question
