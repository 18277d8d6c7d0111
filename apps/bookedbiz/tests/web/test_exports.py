"""What a workbook fetches: who gets it, its fields in their order, and what it says of a bad question."""

import csv
import gzip
import io
import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from bookedbiz.exports.tokens import new_token
from bookedbiz.names.audit import By
from bookedbiz.planning.figures import Item
from bookedbiz.planning.saving import Cell, Session, save
from station_kit.sqlitefile import open_database, transaction

BY = By("test", "2026-11-20T20:00:00.000Z")
SHEET, PLANNING = "/api/revenue/sheet-export", "/api/revenue/planning-export"
SHEET_FIELDS = [
    "customer", "market", "revenue_class", "ae1", "agency_flag", "sector", "broadcast_month", "gross_rate",
    "station_net", "broker_fees", "broker_yn", "broker_pct", "row_hash",
]  # fmt: skip
PLAN_FIELDS = [
    "ae1", "broadcast_month", "budget", "forecast", "booked", "new_accts", "new_dollars", "expected", "pipeline",
    "vs_budget",
]  # fmt: skip


@pytest.fixture
def token(ledger: Path) -> dict[str, str]:
    """The header that opens the exports."""
    with closing(open_database(ledger)) as db, transaction(db):
        return {"X-SpotOps-Token": new_token(db, "Workbook", BY).reveal()}


@pytest.mark.parametrize("path", [SHEET, f"{SHEET}.csv", PLANNING, f"{PLANNING}.xlsx"])
class TestWhoGetsIt:
    def test_without_any_token_on_the_server_it_says_so(self, visitor: Any, path: str) -> None:
        answer = visitor.get(path, headers={"X-SpotOps-Token": "guess"})
        assert (answer.status_code, answer.json["error"]) == (503, "Export is misconfigured")

    @pytest.mark.parametrize("headers", [{}, {"X-SpotOps-Token": ""}, {"X-SpotOps-Token": "guess"}])
    def test_a_missing_or_wrong_token_opens_nothing(self, visitor: Any, token: Any, path: str, headers: Any) -> None:
        answer = visitor.get(path, headers=headers)
        assert (answer.status_code, answer.json) == (401, {"error": "Authentication required"})

    def test_a_token_in_the_address_opens_nothing(self, visitor: Any, token: Any, path: str) -> None:
        assert visitor.get(f"{path}?token={token['X-SpotOps-Token']}").status_code == 401

    def test_a_token_opens_it_without_a_session(self, visitor: Any, token: Any, path: str) -> None:
        assert visitor.get(path, headers=token).status_code == 200

    @pytest.mark.parametrize(("name", "status"), [("admin", 200), ("boss", 200), ("seller", 401), ("guest", 401)])
    def test_of_the_people_management_gets_it(
        self, signed_in: Any, token: Any, path: str, name: str, status: int
    ) -> None:
        assert signed_in(name).get(path).status_code == status


def test_the_sheet_export_keeps_its_contract(visitor: Any, token: Any, ledger: Path) -> None:
    answer = visitor.get(SHEET, headers=token)
    body = answer.json
    assert answer.mimetype == "application/json"
    assert body["metadata"] == {
        "generated_at": "2026-11-20T20:00:00Z", "start_month": None, "end_month": None, "hash_version": "v1",
        "schema_version": "1.1", "row_hash_source": "server", "row_count": len(body["rows"]),
    }  # fmt: skip
    assert {tuple(row) for row in body["rows"]} == {tuple(SHEET_FIELDS)}
    with closing(open_database(ledger, read_only=True)) as db:
        sums = db.execute("SELECT sum(gross_cents), sum(net_cents), sum(broker_cents) FROM revenue").fetchone()
    for name, cents in zip(("gross_rate", "station_net", "broker_fees"), sums, strict=True):
        assert round(sum(row[name] for row in body["rows"]) * 100) == cents
    keys = [tuple((row[name] or "").strip().lower() for name in SHEET_FIELDS[:6]) for row in body["rows"]]
    in_order = [(*key, row["broadcast_month"]) for key, row in zip(keys, body["rows"], strict=True)]
    assert in_order == sorted(set(in_order))


def test_the_contract_comes_only_when_it_is_asked_for(visitor: Any, token: Any) -> None:
    body = visitor.get(f"{SHEET}?fields=contract", headers=token).json
    assert body["metadata"]["schema_version"] == "1.2"
    assert list(body["rows"][0]) == [*SHEET_FIELDS, "contract", "agency_pct"]


def test_a_range_of_months_is_applied_and_told_back(visitor: Any, token: Any) -> None:
    body = visitor.get(f"{SHEET}?start_month=Oct-26&end_month=Nov-26", headers=token).json
    assert (body["metadata"]["start_month"], body["metadata"]["end_month"]) == ("Oct-26", "Nov-26")
    assert {row["broadcast_month"] for row in body["rows"]} == {"2026-10-01", "2026-11-01"}


def test_no_rows_are_an_answer_too(visitor: Any, token: Any) -> None:
    empty = visitor.get(f"{SHEET}?start_month=Jan-1990&end_month=Feb-1990", headers=token).json
    assert (empty["rows"], empty["metadata"]["row_count"]) == ([], 0)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        (f"{SHEET}?start_month=foo", "INVALID_MONTH"),
        (f"{SHEET}?end_month=Nov", "INVALID_MONTH"),
        (f"{PLANNING}?year=foo", "INVALID_YEAR"),
        (f"{PLANNING}?year=20", "INVALID_YEAR"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(visitor: Any, token: Any, path: str, code: str) -> None:
    answer = visitor.get(path, headers=token)
    assert (answer.status_code, answer.json["error_code"]) == (400, code)


def test_the_planning_export_keeps_its_contract(visitor: Any, token: Any, ledger: Path) -> None:
    with closing(open_database(ledger)) as db, transaction(db):
        save(db, {Cell(2, 202812, Item.FORECAST): 1234_50}, Session("planning", 202611), BY)
    body = visitor.get(f"{PLANNING}?year=2028", headers=token).json
    assert body["metadata"] == {
        "generated_at": "2026-11-20T20:00:00Z", "schema_version": "1.0", "year": 2028, "row_count": len(body["rows"]),
    }  # fmt: skip
    assert {tuple(row) for row in body["rows"]} == {tuple(PLAN_FIELDS)}
    (planned,) = [row for row in body["rows"] if row["broadcast_month"] == "2028-12-01"]
    assert planned == {
        "ae1": "House", "broadcast_month": "2028-12-01", "budget": None, "forecast": 1234.5, "booked": 0.0,
        "new_accts": None, "new_dollars": None, "expected": 1234.5, "pipeline": 1234.5, "vs_budget": None,
    }  # fmt: skip


def test_without_a_year_it_is_this_one(visitor: Any, token: Any) -> None:
    assert visitor.get(PLANNING, headers=token).json["metadata"]["year"] == 2026


@pytest.mark.parametrize("path", [SHEET, PLANNING])
def test_files_say_what_the_json_says(visitor: Any, token: Any, path: str) -> None:
    rows = visitor.get(path, headers=token).json["rows"]
    lines = list(csv.DictReader(io.StringIO(visitor.get(f"{path}.csv", headers=token).data.decode("utf-8-sig"))))
    assert [[str(value if value is not None else "") for value in row.values()] for row in rows] == [
        list(line.values()) for line in lines
    ]
    sheet = load_workbook(io.BytesIO(visitor.get(f"{path}.xlsx", headers=token).data)).active
    cells = list(sheet.iter_rows(values_only=True))
    assert list(cells[0]) == list(rows[0])
    assert [[value or None for value in row.values()] for row in rows] == [
        [cell or None for cell in row] for row in cells[1:]
    ]


def test_it_is_packed_for_who_unpacks_it(visitor: Any, token: Any) -> None:
    plain = visitor.get(SHEET, headers=token)
    packed = visitor.get(SHEET, headers=token | {"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(packed.data))["rows"] == plain.json["rows"]
    assert len(packed.data) < len(plain.data) / 4


def test_no_other_kind_of_file_is_made(visitor: Any, token: Any) -> None:
    assert visitor.get(f"{SHEET}.exe", headers=token).status_code == 404
