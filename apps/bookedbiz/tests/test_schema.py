"""The schema: what the database itself refuses, and what the view revenue promises."""

import sqlite3

import pytest

from bookedbiz.importing.checks import check_ledger
from station_kit import statements
from station_kit.migrations import migrate

REVENUE = [
    "month", "customer_id", "customer", "advertiser", "agency", "sector", "ae_id", "ae", "entity", "market", "language",
    "revenue_type", "spot_type", "spots", "gross_cents", "net_cents", "broker_cents", "paid_spots", "paid_gross_cents",
    "first_air_date", "last_air_date", "entity_id", "sector_group", "language_group", "bill_code_id", "sales_person_id",
    "market_id", "revenue_type_id", "is_agency", "newest_contract_spot_id",
    "class", "raw_language_id", "language_method", "spot_type_id", "max_gross_cents",
]  # fmt: skip


def test_the_view_revenue_has_the_columns_that_reports_read(ledger) -> None:
    assert [row["name"] for row in ledger.execute("PRAGMA table_info(revenue)")] == REVENUE


def test_migrating_again_changes_nothing_and_an_empty_ledger_is_healthy(ledger) -> None:
    before = list(ledger.iterdump())
    migrate(ledger, "bookedbiz.schema")
    assert list(ledger.iterdump()) == before
    assert all(check.passed for check in check_ledger(ledger))


def test_every_named_statement_of_the_importer_runs_on_this_schema(ledger) -> None:
    named = statements.load("bookedbiz.importing")
    places = {name: sql for name, sql in named.items() if name.startswith("make_fresh_")}
    for sql in places.values():
        ledger.execute(sql)
    rest = {name: sql for name, sql in named.items() if name not in places}
    assert statements.compile_errors(ledger, rest) == []


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO month_status (month, status) VALUES (202613, 'open')",
        "INSERT INTO month_status (month, status) VALUES (202611, 'ajar')",
        "INSERT INTO user (email, first_name, last_name, role, created_at) VALUES ('a@b', '', '', 'king', '')",
        "INSERT INTO alias (kind, name, key, made_by, created_at) VALUES ('agency', 'a', 'a', 'x', 'x')",
        """INSERT INTO batch (started_at, mode, file_name, file_sha256, status, imported_by, rows_read, rows_skipped)
           VALUES ('', 'MANUAL', '', '', 'completed', '', 5, 4)""",
        "UPDATE market SET report_as_id = 999 WHERE id = 1",
        "INSERT INTO language (id, code, name, grp, status) VALUES ('x', 'Q', 'Q', 'Q', 'pending')",
    ],
)
def test_what_makes_no_sense_is_refused_by_the_database(ledger, sql: str) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        ledger.execute(sql)


def test_an_e_mail_is_unique_whatever_its_case(ledger) -> None:
    add = "INSERT INTO user (email, first_name, last_name, role, created_at) VALUES (?, '', '', 'viewer', '')"
    ledger.execute(add, ("a@b.example",))
    with pytest.raises(sqlite3.IntegrityError):
        ledger.execute(add, ("A@B.example",))
