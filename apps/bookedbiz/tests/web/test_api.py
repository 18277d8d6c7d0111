"""The reports for programs: the pages' figures, one envelope, refusals as JSON."""

import json
from typing import Any

import pytest

from bookedbiz.reports import booked
from bookedbiz.reports.filters import Filters
from station_kit.sqlitefile import open_database

ADDRESSES = [
    "/api/revenue/summary",
    "/api/revenue/monthly/2026",
    "/api/aes",
    "/api/metadata/years",
    "/api/planning/2026",
    "/api/changes",
    "/api/pacing",
    "/reports/months.json",
    "/reports/customers.json",
    "/reports/customers/1.json",
]
OPEN = ["/api/health", "/health", "/health/", "/info"]


@pytest.fixture
def whole(ledger: Any) -> tuple[int, int]:
    """This year's cents: of the company and of the seller."""
    db = open_database(ledger, read_only=True)
    ae_id = db.execute("SELECT ae_id FROM user WHERE email LIKE 'seller@%'").fetchone()[0]
    sums = [sum(booked.by_month(db, Filters(2026, only_ae_id=each), 202601, 202612).values()) for each in (None, ae_id)]
    db.close()
    return sums[0], sums[1]


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_says_how_old_it_is_and_whether_trade_is_left_out(admin: Any, address: str) -> None:
    answer = admin.get(address)
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert set(answer.json) == {"data", "as_of", "trade"}
    trade = "included" if address == "/api/changes" else "excluded"  # an import is told of as it came
    assert (answer.json["as_of"], answer.json["trade"]) == ("2026-11-20T19:00:00Z", trade)


@pytest.mark.parametrize("address", ADDRESSES)
def test_without_a_session_a_program_is_told_and_not_sent_elsewhere(visitor: Any, address: str) -> None:
    answer = visitor.get(address)
    assert (answer.status_code, answer.mimetype) == (401, "application/json")
    assert "error" in answer.json


@pytest.mark.parametrize("address", OPEN)
def test_what_is_open_needs_no_session(visitor: Any, address: str) -> None:
    answer = visitor.get(address)
    assert (answer.status_code, answer.mimetype) == (200, "application/json")


@pytest.mark.parametrize(
    "address",
    [
        "/api/revenue/summary?year=foo",
        "/api/revenue/summary?measure=euro",
        "/api/revenue/monthly/20x6",
        "/api/revenue/monthly/1066",
        "/api/planning/next",
        "/api/changes?count=0",
        "/api/changes?batch=last",
        "/api/changes?batch=99999",
        "/api/aes?months=some",
        "/reports/customers.json?sort=beauty",
        "/reports/accounts.json?status=gone",
    ],
)
def test_a_mistyped_question_is_refused_and_named(admin: Any, address: str) -> None:
    answer = admin.get(address)
    assert (answer.status_code, answer.mimetype) == (400, "application/json")
    assert answer.json["error"] == "Bad request"
    assert any(word in answer.json["message"] for word in ("year", "is not", "is no"))


def test_programs_are_told_what_the_pages_show(admin: Any, whole: tuple[int, int]) -> None:
    dollars = whole[0] / 100
    assert admin.get("/api/revenue/summary?year=2026").json["data"]["booked"] == dollars
    months = admin.get("/api/revenue/monthly/2026").json["data"]
    assert round(sum(each["booked"] for each in months["months"]), 2) == months["booked"] == dollars
    aes = admin.get("/api/aes?year=2026").json["data"]
    assert round(sum(each["booked"] for each in aes["aes"]), 2) == aes["booked"] == dollars
    quarters = admin.get("/api/revenue/summary?year=2026").json["data"]["quarters"]
    assert round(sum(each["booked"] for each in quarters), 2) == dollars
    plans = admin.get("/api/planning/2026").json["data"]["rows"]
    booked_for_entities = round(sum(each["booked"] for each in plans), 2)
    assert 0 < booked_for_entities <= dollars
    table = admin.get("/reports/months.json?year=2026").json["data"]["tables"][0]
    assert table["rows"][-1]["role"] == "total"
    assert dollars in table["rows"][-1]["cells"]


def test_the_same_filters_hold(admin: Any) -> None:
    all_of_it = admin.get("/api/revenue/summary?year=2026").json["data"]["booked"]
    part = admin.get("/api/revenue/summary?year=2026&market=SEA&measure=net").json["data"]["booked"]
    page = admin.get("/reports/months.json?year=2026&market=SEA&measure=net").json["data"]
    assert 0 < part < all_of_it
    assert page["filters"] == {"year": "2026", "measure": "net", "market": "SEA"}
    assert part in page["tables"][0]["rows"][-1]["cells"]


def test_an_account_executive_is_told_of_their_own_book(signed_in: Any, whole: tuple[int, int]) -> None:
    seller = signed_in("seller")
    own = whole[1] / 100
    assert seller.get("/api/revenue/summary?year=2026").json["data"]["booked"] == own
    assert [each["booked"] for each in seller.get("/api/aes?year=2026").json["data"]["aes"]] == [own]
    assert "gross_change" not in seller.get("/api/changes").json["data"]["batch"]
    assert json.dumps(whole[0] / 100) not in seller.get("/reports/customers.json?year=2026").text
    assert seller.get("/api/planning/2026").status_code == 403
    assert seller.get("/api/planning/2026").mimetype == "application/json"


def test_the_changes_of_one_import_can_be_asked_for(admin: Any) -> None:
    last = admin.get("/api/changes?count=3").json["data"]
    assert len(last["changes"]) <= 3
    first = admin.get("/api/changes?batch=1").json["data"]
    assert first["batch"]["id"] == 1
    assert {"kind", "month", "customer", "ae", "contract", "spots", "gross_change"} == set(first["changes"][0])


def test_a_report_as_json_holds_the_tables_of_the_page(admin: Any) -> None:
    data = admin.get("/reports/sectors.json?year=2026").json["data"]
    assert [each["name"] for each in data["tables"]][:2] == ["by sector and month", "by sector and quarter"]
    for table in data["tables"]:
        assert {len(row["cells"]) for row in table["rows"]} == {len(table["columns"])}
    assert data["figures"][0]["label"] == "Booked"


def test_info_tells_the_program_and_nothing_about_the_data(visitor: Any) -> None:
    told = visitor.get("/info").json
    assert (told["name"], told["read_only"]) == ("BookedBiz", False)
    assert set(told) == {"name", "version", "environment", "read_only", "features"}
