"""Everything on one customer, and what waits in a book: from rows that the importer has stored."""

import sqlite3
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from bookedbiz.months import STATION_ZONE
from bookedbiz.reports.calendar import Calendar
from bookedbiz.reports.customer import CustomerPage, customer_page
from bookedbiz.reports.filters import Filters
from bookedbiz.reports.mine import contracts_added, need_copy

TODAY = Calendar(date(2026, 11, 20), frozenset())


@pytest.fixture
def imported(ledger: sqlite3.Connection, line: Any, write_log: Any, import_file: Any) -> sqlite3.Connection:
    import_file(
        write_log(
            [
                line(),
                line(gross_rate=0.0, station_net=0.0, spot_value=0.0, spot_type="BNS"),
                line(contract=7.0, gross_rate=50.0, spot_value=50.0, station_net=50.0, broker_fees=5.0),
                line(contract=8.0, revenue_type="Trade", gross_rate=999.0, spot_value=999.0),
                line(media="cedar bank NEED COPY", contract=7.0, air_date="11/25/2026"),
                line(media="need copy", bill_code="Aired", air_date="11/2/2026"),
            ]
        )
    )
    return ledger


def page_of(db: sqlite3.Connection, **filters: Any) -> CustomerPage | None:
    code = db.execute("SELECT COALESCE(customer_id, -id) FROM bill_code WHERE raw LIKE '%Cedar Bank'").fetchone()[0]
    return customer_page(db, Filters(2026, customer_id=code, **filters), TODAY)


def test_the_contracts_leave_trade_out_and_give_each_its_own_percentages(imported: sqlite3.Connection) -> None:
    page = page_of(imported)
    assert page is not None
    lines = {row.cells[0]: row.cells for row in page.contracts.rows}
    assert set(lines) == {"100001", "7", "2 contracts"}
    assert lines["100001"][4:8] == (2, 100_00, 100_00, 85_00)
    assert lines["100001"][8] == pytest.approx(0.15)
    assert lines["7"][9] == pytest.approx(5 / 150)
    assert lines["2 contracts"][8:] == (None, None)


def test_the_page_says_as_whom_the_log_names_them(imported: sqlite3.Connection) -> None:
    page = page_of(imported)
    assert page is not None
    assert page.identity.bill_codes == ("Orbit Media:Cedar Bank",)
    assert page.identity.last_air_date == "2026-11-25"
    assert {each.kind for each in page.changes} == {"booked"}


def test_nobody_is_shown_a_customer_they_do_not_sell_to(imported: sqlite3.Connection) -> None:
    assert page_of(imported, only_ae_id=1) is not None
    assert page_of(imported, only_ae_id=-1) is None


def test_what_has_aired_needs_no_copy_any_more(imported: sqlite3.Connection) -> None:
    rows = need_copy(imported, Filters(2026), TODAY).rows
    assert [row.cells[1:4] for row in rows] == [("2026-11-25", "5 d", 1)]
    assert need_copy(imported, Filters(2026, only_ae_id=-1), TODAY).rows == ()


def test_a_contract_is_new_with_its_first_import_but_not_on_the_ledgers_first_day(
    imported: sqlite3.Connection, line: Any, write_log: Any, import_file: Any
) -> None:
    assert contracts_added(imported, Filters(2026), TODAY, timedelta(days=30)).rows == ()
    imported.execute("UPDATE batch SET finished_at = '2026-11-01T10:00:00.000Z'")
    import_file(write_log([line(contract=9.0)], name="next.xlsx"), accept_drop=True)
    today = Calendar(datetime.now(STATION_ZONE).date(), frozenset())  # a batch is stamped by the real clock
    rows = contracts_added(imported, Filters(2026), today, timedelta(days=30)).rows
    assert [row.cells[1] for row in rows][:1] == ["9"]
