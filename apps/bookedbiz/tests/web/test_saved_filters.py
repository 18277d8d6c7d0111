"""Saved filters: a name for any report's address, one's own or shared, and never a way to somewhere else."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from station_kit.sqlitefile import open_database


@pytest.fixture
def db(ledger: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_database(ledger)) as connection:
        yield connection


def save(browser: Any, path: str, query: str = "", name: str = "Mine", **more: str) -> Any:
    form = {"csrf_token": browser.token(), "path": path, "query": query, "name": name, **more}
    return browser.client.post("/filters/", data=form)


def test_a_saved_filter_is_offered_on_every_page_and_can_be_made_on_every_report(app: Flask, signed_in) -> None:
    boss = signed_in("boss")
    answer = save(boss, "/reports/customers", "year=2025&market=SFO", "San Francisco <25>")
    assert answer.location == "/reports/customers?year=2025&market=SFO"
    walked = 0
    for path in [rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]:
        page = boss.get(path) if "<" not in path and not path.startswith(("/static", "/api")) else None
        if page is None or page.status_code != 200 or 'id="content"' not in page.text:
            continue
        assert "San Francisco &lt;25&gt;" in page.text, path
        assert 'href="/reports/customers?year=2025&amp;market=SFO"' in page.text, path
        walked += 'name="path"' in page.text
    assert walked >= 15


def test_others_find_what_is_shared_if_they_may_open_it(signed_in, db) -> None:
    boss, seller, guest = signed_in("boss"), signed_in("seller"), signed_in("guest")
    save(boss, "/reports/months", "year=2025", "Shared months", shared="1")
    save(boss, "/accounts/book", "signal=churned", "Shared churned", shared="1")
    save(boss, "/accounts/team", "", "Shared team", shared="1")
    save(boss, "/reports/months", "year=2024", "Private months")
    page = seller.get("/reports/months").text
    names = ("Shared months", "Shared churned", "Shared team", "Private months")
    assert [name in page for name in names] == [True, True, False, False]
    assert "Shared churned" not in guest.get("/reports/months").text
    number = db.execute("SELECT id FROM saved_filter WHERE name = 'Shared months'").fetchone()[0]
    form = {"csrf_token": seller.token()}
    assert seller.client.post(f"/filters/{number}/remove", data=form).status_code == 422
    form = {"csrf_token": boss.token(), "back": "/reports/months?year=2025"}
    assert boss.client.post(f"/filters/{number}/remove", data=form).location == "/reports/months?year=2025"
    assert "Shared months" not in seller.get("/reports/months").text
    actions = [row[0] for row in db.execute("SELECT action FROM audit WHERE action = 'saved_filter'")]
    assert len(actions) == 5


@pytest.mark.parametrize(
    "path",
    ["https://elsewhere.example/", "//elsewhere.example/reports/", "/reports/../users/", "/users/", "/reports/nothing",
     "/reports/months.csv", "/accounts/book.csv", "/filters/", "reports/months", "/accounts/thresholds/x"],
)  # fmt: skip
def test_only_the_page_of_a_report_can_be_saved(app: Flask, signed_in, db, path: str) -> None:
    assert save(signed_in("boss"), path).status_code == 409
    assert db.execute("SELECT count(*) FROM saved_filter").fetchone()[0] == 0


def test_the_same_name_again_replaces_it(signed_in, db) -> None:
    boss = signed_in("boss")
    save(boss, "/reports/months", "year=2024", " Mine ")
    save(boss, "/reports/customers", "year=2025", "Mine")
    rows = db.execute("SELECT name, path, query FROM saved_filter").fetchall()
    assert [tuple(row) for row in rows] == [("Mine", "/reports/customers", "year=2025")]
    assert save(boss, "/reports/months", "", "  ").status_code == 409
