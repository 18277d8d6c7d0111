"""A workbook brought in by the browser: shown first, imported, its difference read, and taken back."""

import io
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from bookedbiz.importing.checks import check_ledger
from station_kit.sqlitefile import open_database

LATER = {"broadcast_month": "Dec-26", "air_date": "12/7/2026", "day_of_week": "Monday"}


@pytest.fixture
def send(admin: Any) -> Any:
    def post(path: str, **form: Any) -> Any:
        return admin.client.post(path, data={"csrf_token": admin.token(), **form}, content_type="multipart/form-data")

    return post


@pytest.fixture
def workbook(write_log: Any, line: Any) -> bytes:
    lines = [line(bill_code="Fern Tea", unit=float(unit), **LATER) for unit in range(3)]
    earlier = {"broadcast_month": "Oct-26", "air_date": "10/5/2026", "day_of_week": "Monday"}
    return Path(write_log([*lines, line(**earlier)])).read_bytes()


def given(content: bytes, name: str = "log.xlsx") -> Any:
    return (io.BytesIO(content), name)


def sha256_of(page: str) -> str:
    return page.partition('name="sha256" value="')[2][:64]


def ended(admin: Any, answer: Any) -> str:
    """The address of what the import changed, once it has ended."""
    while "/running/" in answer.headers.get("Location", ""):
        answer = admin.client.get(answer.headers["Location"])
        while answer.status_code == 200:
            answer = admin.client.get(answer.request.path)
    return str(answer.headers["Location"])


def count(ledger: Path, table: str) -> int:
    with closing(open_database(ledger, read_only=True)) as db:
        return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def test_a_workbook_is_shown_before_anything_changes_then_imported_and_taken_back(
    admin: Any, send: Any, workbook: bytes, ledger: Path
) -> None:
    before = count(ledger, "spot"), count(ledger, "batch")
    refused = send("/imports/new", mode="refresh", workbook=given(workbook))
    assert refused.status_code == 409  # it would leave of December three rows
    assert "Dec-26 would fall" in refused.text
    sha256 = sha256_of(refused.text)
    shown = send("/imports/try", sha256=sha256, mode="refresh", accept_drop="1")
    assert "would be imported" in shown.text
    assert (count(ledger, "spot"), count(ledger, "batch")) == before
    ran = send("/imports/run", sha256=sha256, mode="refresh", accept_drop="1")
    path = ended(admin, ran)
    page = admin.get(path).text
    assert "Fern Tea" in page
    assert "3 rows added" in page
    assert admin.get(f"{path}.json").json["months"][0]["name"] == "Dec-26"
    undone = send(f"{path}/undo")
    assert undone.status_code == 302
    assert "taken back" in admin.get("/imports/").text
    assert count(ledger, "spot") == before[0]
    with closing(open_database(ledger, read_only=True)) as db:
        assert all(check.passed for check in check_ledger(db))


def test_months_are_ticked_to_be_closed_and_reopened_with_a_reason(
    admin: Any, send: Any, workbook: bytes, ledger: Path
) -> None:
    shown = send("/imports/new", mode="close", workbook=given(workbook, "2026.xlsx"))
    assert "Tick the months to close" in shown.text
    assert 'value="202610"' in shown.text
    assert 'value="202612"' not in shown.text  # it is not over
    form = {"sha256": sha256_of(shown.text), "mode": "close", "months": "202610", "reason": "a second time"}
    ended(admin, send("/imports/run", **form))
    assert "202610" in admin.get("/imports/months").text
    reopen = "/imports/months/202610/reopen"
    assert send(reopen, reason=" ").status_code == 409
    assert send(reopen, reason="two are missing").status_code == 302
    assert "two are missing" in admin.get("/audit/?about=Oct-26").text
    assert send(reopen, reason="again").status_code == 409


def test_what_is_no_workbook_or_no_longer_here_is_named(send: Any, ledger: Path) -> None:
    before = count(ledger, "batch")
    answer = send("/imports/new", mode="refresh", workbook=given(b"hello"))
    assert "it is not an Excel workbook" in answer.text
    assert send("/imports/run", sha256="0" * 64, mode="refresh").status_code == 422
    assert send("/imports/run", sha256="../../etc", mode="refresh").status_code == 422
    assert send("/imports/new", mode="sideways", workbook=given(b"x")).status_code == 422
    assert count(ledger, "batch") == before


def test_only_an_administrator_may_hand_a_large_file_over(app: Flask, signed_in: Any, admin: Any) -> None:
    large = b"x" * 200_000
    for name, status in (("boss", (400, 403, 413)), ("admin", (409,))):
        browser = signed_in(name)
        data = {"csrf_token": browser.token(), "mode": "refresh", "workbook": given(large)}
        assert browser.client.post("/imports/new", data=data).status_code in status


def test_a_month_that_changed_after_its_close_is_told_loudly(admin: Any, ledger: Path) -> None:
    with closing(open_database(ledger)) as db:
        month = db.execute("SELECT max(month) FROM month_status WHERE status = 'closed'").fetchone()[0]
        db.execute(
            "UPDATE spot SET row_hash = row_hash + 1 WHERE id = (SELECT min(id) FROM spot WHERE month = ?)", (month,)
        )
    assert "and was closed" in admin.get("/imports/months").text
    assert "closed month that changed since" in admin.get("/quality/").text.lower()


def test_the_quality_page_counts_what_waits_and_lists_its_rows(
    admin: Any, send: Any, write_log: Any, line: Any
) -> None:
    cells = {"bill_code": "Nobody Knows", "gross_rate": "ask", "sales_person": "Somebody New"}
    content = Path(write_log([line(unit=float(n), **cells, **LATER) for n in range(4)])).read_bytes()
    before = admin.get("/quality/").text
    assert "Nobody Knows" not in admin.get("/quality/bad_money").text
    sha256 = sha256_of(send("/imports/new", mode="refresh", accept_drop="1", workbook=given(content)).text)
    ended(admin, send("/imports/run", sha256=sha256, mode="refresh", accept_drop="1"))
    page = admin.get("/quality/").text
    assert page != before
    for words in ("bill code without a customer", "not an amount of money", "sales person who is no account"):
        assert words in page
    rows = admin.get("/quality/bad_money").text
    assert "Nobody Knows" in rows
    assert "Unit rate Gross" in rows
    assert admin.get("/quality/no-such-thing").status_code == 404
