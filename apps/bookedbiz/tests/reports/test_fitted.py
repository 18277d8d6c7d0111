"""A statement that was fitted to its question gives the answer of the whole one."""

import json
import sqlite3
from collections import Counter

import pytest

from bookedbiz.reports import booked, parts, remembered
from bookedbiz.reports.booked import best, filter_parameters
from bookedbiz.reports.filters import Filters, Measure
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
    case = "CASE :by WHEN 'a' THEN u.name ELSE 0 END"
    joined = f"SELECT {case}, sum(t.x)\nFROM t\nLEFT JOIN u ON u.id = t.u_id\nLEFT JOIN v ON v.id = u.v_id\nGROUP BY 1"
    assert "LEFT JOIN" not in fitted(joined, {"by": "b"})
    assert fitted(joined, {"by": "a"}).count("LEFT JOIN") == 1


def by_kind(db: sqlite3.Connection, kind: str, asked: Filters) -> object:
    remembered._kept.clear()
    if kind == "customer":
        return booked.by_customer(db, asked, 202501, 202612)
    if kind == "class":
        return parts.by_class(db, asked, 202501, 202612)
    return booked.by_name(db, asked, booked.Name(kind), 202501, 202612)


@pytest.mark.parametrize("only", [None, 1, 2])
@pytest.mark.parametrize("kind", ["customer", "class", "ae", "entity", "market", "language"])
def test_the_whole_business_by_ids_is_what_the_view_says_by_names(
    sample: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, kind: str, only: int | None
) -> None:
    asked = Filters(2026, only_ae_id=only)
    whole = by_kind(sample, kind, asked)
    used: list[str] = []
    for module in (booked, parts):
        monkeypatch.setattr(module, "best", lambda name, parameters: used.append(name) or (name, parameters))
    assert by_kind(sample, kind, asked) == whole
    assert used and used[0].startswith("booked_")
    assert whole or only is not None


@pytest.mark.parametrize("kind", ["customer", "ae", "entity", "market", "language", "class"])
def test_an_id_is_shown_by_the_name_that_the_view_gives_it(sample: sqlite3.Connection, kind: str) -> None:
    shown = booked.names_shown(sample, kind)
    if kind in ("customer", "class"):
        said = sample.execute(f"SELECT DISTINCT customer_id, {kind} FROM sales").fetchall()
        assert {(row[0], shown.get(row[0], parts.USUAL_CLASS)) for row in said} == set(map(tuple, said))
    else:
        said = sample.execute(f"SELECT DISTINCT {kind} FROM sales").fetchall()
        assert {row[0] for row in said} <= set(shown.values())


@pytest.mark.parametrize("measure", Measure)
def test_the_whole_business_by_codes_is_what_the_view_says(
    sample: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, measure: Measure
) -> None:
    asked, months = Filters(2026, measure=measure), [202510, 202511, 202612]
    whole = parts.by_kind(sample, asked, months), parts.by_language(sample, asked, months)
    monkeypatch.setattr(parts, "is_company", lambda filters: False)
    remembered._kept.clear()
    said = parts.by_kind(sample, asked, months), parts.by_language(sample, asked, months)
    assert [Counter(lines) for lines in whole] == [Counter(lines) for lines in said]
    assert all(whole)


def test_only_an_unfiltered_question_is_answered_by_ids() -> None:
    asked = filter_parameters(Filters(2026, only_ae_id=1), 202501, 202612)
    assert best("booked_by_customer", asked)[0] == "whole_by_customer"
    assert best("booked_by_customer", asked | {"ae": "House"})[0] == "booked_by_customer"
