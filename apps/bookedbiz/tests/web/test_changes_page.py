"""The page of what changed: addresses, files that say the same, and the day's changes by mail."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from station_kit.sqlitefile import open_database


@pytest.fixture
def newest(ledger: Path) -> int:
    """The import that changed most lines."""
    with closing(open_database(ledger, read_only=True)) as db:
        return int(db.execute("SELECT batch_id FROM change GROUP BY 1 ORDER BY count(*) DESC LIMIT 1").fetchone()[0])


def test_the_page_and_its_files_say_what_an_import_changed(admin: Any, newest: int) -> None:
    page = admin.get(f"/reports/changes?batch={newest}").text
    assert "by contract" in page.lower()
    told = admin.get(f"/reports/changes.json?batch={newest}").json
    assert told["trade"] == "included"
    tables = told["data"]["tables"]
    assert [table["name"] for table in tables] == ["by AE", "by month", "by customer", "by contract"]
    assert len({table["rows"][-1]["cells"][-1] for table in tables}) == 1
    csv = admin.get(f"/reports/changes.csv?batch={newest}").text
    assert f"Import: {newest}" in csv
    assert "Trade: included" in csv
    assert admin.get(f"/reports/changes.xlsx?batch={newest}").status_code == 200
    assert admin.get("/reports/changes.pdf").status_code == 404


def test_days_without_an_import_say_so(admin: Any) -> None:
    assert "No import ended from 2020-01-01" in admin.get("/reports/changes?since=2020-01-01&until=2020-01-02").text
    assert "No import of that number" in admin.get("/reports/changes?batch=999").text


def test_a_person_subscribes_and_stops(app: Flask, signed_in: Any, ledger: Path) -> None:
    seller = signed_in("seller")
    for wanted, says in (("yes", "You get the day"), ("no", "can come to you by mail")):
        form = {"csrf_token": seller.token(), "wanted": wanted}
        assert seller.client.post("/reports/changes/by-mail", data=form).status_code == 303
        assert says in seller.get("/reports/changes").text
    assert signed_in("guest").get("/reports/changes").status_code == 403


def test_the_notices_page_says_what_was_told_and_that_no_way_is_set_up(admin: Any, signed_in: Any) -> None:
    assert "No way is set up" in admin.get("/notices/").text
    for path in ("/notices/try", "/notices/send"):
        assert admin.client.post(path, data={"csrf_token": admin.token()}).status_code == 302
    page = admin.get("/notices/").text
    assert "A trial notice" in page
    assert "kept" in page
    boss = signed_in("boss")
    assert boss.client.post("/notices/try", data={"csrf_token": boss.token()}).status_code == 403
