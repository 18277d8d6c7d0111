"""What needs repair: told once each, with the dollars at stake, the most first."""

import pytest

from bookedbiz.names.audit import By
from bookedbiz.names.directory import Alias, create_advertiser, create_alias, create_customer
from bookedbiz.quality.findings import findings, rows_of
from bookedbiz.upkeep.codes import confirm, waiting_codes
from station_kit import statements

BY = By("clerk", "2026-11-20T20:00:00.000Z")


@pytest.fixture
def told(ledger, import_file, write_log, line):
    def run(*lines):
        import_file(write_log([line(unit=float(number), **cells) for number, cells in enumerate(lines)]))
        return {one.code: (one.spots, one.gross_cents) for one in findings(ledger)}

    return run


def test_every_statement_of_the_page_runs_on_this_schema(ledger) -> None:
    assert statements.compile_errors(ledger, statements.load("bookedbiz.quality")) == []


def test_a_clean_row_of_a_known_customer_is_no_finding(ledger, told) -> None:
    create_customer(ledger, "Orbit Media:Cedar Bank", BY, sector="Retail")
    assert told({}) == {}


def test_names_that_are_missing_are_told_with_their_money_and_trade_is_not(ledger, told) -> None:
    create_customer(ledger, "Orbit Media:Cedar Bank", BY)
    found = told(
        {},
        {"bill_code": "Nobody", "gross_rate": 300.0, "spot_value": 300.0},
        {"bill_code": "Nobody", "revenue_type": "Trade"},
        {"bill_code": "", "sales_person": ""},
        {"sales_person": "Somebody New"},
    )
    assert found["unresolved_bill_code"] == (1, 30_000)
    assert found["no_sector"] == (2, 20_000)
    assert found["blank_bill_code"] == found["blank_sales_person"] == found["unknown_sales_person"] == (1, 10_000)


def test_money_that_cannot_be_is_told(told) -> None:
    found = told(
        {"station_net": 120.0}, {"station_net": 0.0}, {"spot_value": 99.0}, {"gross_rate": -50.0, "spot_value": -50.0}
    )
    assert found["net_above"] == (1, 10_000)
    assert found["net_zero"] == (1, 10_000)
    assert found["value_differs"] == (1, 10_000)


def test_the_rows_of_a_finding_are_listed_largest_first(ledger, told) -> None:
    told({"market": "QQQ"}, {"market": "QQQ", "gross_rate": 500.0, "spot_value": 500.0})
    rows = rows_of(ledger, "unknown_market", 10)
    assert [(row["gross_cents"], row["raw"], row["row"]) for row in rows] == [(50_000, "QQQ", 3), (10_000, "QQQ", 2)]


def test_a_code_is_told_until_somebody_has_said_what_it_is(ledger, told) -> None:
    assert told({"market": "QQQ"})["unknown_market"] == (1, 10_000)
    confirm(ledger, "market", waiting_codes(ledger)[0].id, BY, {"name": "Quito"})
    assert "unknown_market" not in {one.code for one in findings(ledger)}


def test_languages_that_need_a_look_are_told_with_their_money(told) -> None:
    assert told({"spot_type": "PKG"}, {})["language_review"] == (1, 10_000)


def test_a_spelling_that_is_somebody_elses_name_is_a_conflict(ledger, told) -> None:
    create_alias(ledger, Alias("advertiser", "Fern Tea", create_advertiser(ledger, "Cedar Bank", BY)), BY)
    create_advertiser(ledger, "Fern Tea", BY)
    assert told({})["alias_conflict"] == (1, 0)
