"""Nobody gets in without a session, and a page runs nothing but our own scripts."""

import re
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from bookedbiz.web.roles import EVERYBODY, SIGNED_IN, only
from station_kit.sqlitefile import open_database
from station_pages.guard import may_ask

# They ask for a token of their own; a test of theirs sees that they do.
WITH_A_TOKEN = {
    "exports.sheet_export", "exports.sheet_export_file", "exports.planning_export", "exports.planning_export_file",
}  # fmt: skip


def addresses(app: Flask) -> list[tuple[str, str, str]]:
    """Every route as (endpoint, path, method), with something put in for each part of the path."""
    found = []
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<[^>]+>", "csv", rule.rule)
        found += [(rule.endpoint, path, method) for method in rule.methods or () if method not in ("HEAD", "OPTIONS")]
    return found


def test_every_route_but_the_open_ones_needs_a_session(app: Flask, visitor: Any) -> None:
    walked = []
    for endpoint, path, method in addresses(app):
        if may_ask(app, endpoint) == EVERYBODY:
            continue
        form = {"csrf_token": visitor.token()} if method == "POST" else None
        answer = visitor.client.open(path, method=method, data=form)
        refused = (401, "") if path.startswith("/api/") or path.endswith(".json") else (302, "/sign-in")
        assert (answer.status_code, answer.headers.get("Location", "").partition("?")[0]) == refused, path
        assert b"$" not in answer.data
        walked.append(endpoint)
    assert {"reports.home", "reports.months", "reports.export_customers", "auth.sign_out"} <= set(walked)


def test_the_way_in_tells_nobody_more_than_the_start_page(visitor: Any) -> None:
    answer = visitor.get("/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/reports/")


def test_a_route_that_says_nobody_is_for_nobody(app: Flask, visitor: Any, admin: Any) -> None:
    app.add_url_rule("/later", "later", lambda: "secret")
    assert visitor.get("/later").status_code == 302
    assert (admin.get("/later").status_code, "secret" in admin.get("/later").text) == (403, False)


def test_only_these_routes_ask_for_no_session(app: Flask) -> None:
    opened = {rule.endpoint for rule in app.url_map.iter_rules() if may_ask(app, rule.endpoint) == EVERYBODY}
    assert opened - WITH_A_TOKEN == {
        "auth.sign_in", "auth.sign_in_by_tailscale", "static", "reports.root",
        "health.show_health", "health.show_system_stats", "api.api_health", "api.info",
    }  # fmt: skip


@pytest.mark.parametrize("headers", [{}, {"Accept": "text/html"}])
def test_json_routes_answer_401_as_json(app: Flask, visitor: Any, headers: dict[str, str]) -> None:
    app.add_url_rule("/api/figures", "figures", only(SIGNED_IN)(lambda: "secret"))
    answer = visitor.get("/api/figures", headers=headers)
    assert (answer.status_code, answer.mimetype) == (401, "application/json")
    assert visitor.get("/api/no-such-thing").status_code == 401


def test_a_program_asking_for_json_is_not_sent_to_a_form(visitor: Any) -> None:
    assert visitor.get("/reports/months", headers={"Accept": "application/json"}).status_code == 401


@pytest.mark.parametrize("path", ["/sign-in", "/reports/", "/reports/months", "/reports/customers", "/nothing-here"])
def test_every_page_forbids_foreign_and_inline_scripts(admin: Any, visitor: Any, path: str) -> None:
    answer = (visitor if path == "/sign-in" else admin).get(path)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert re.search(r"<script(?![^>]*\bsrc=)", answer.text) is None
    assert re.search(r"\s(style|on[a-z]+)=", answer.text) is None
    assert re.findall(r'(?:src|href)="(?:https?:)?//', answer.text) == []


def test_no_other_site_is_let_in_by_the_browser(admin: Any) -> None:
    assert "Access-Control-Allow-Origin" not in admin.get("/reports/").headers


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out"])
def test_a_form_from_elsewhere_is_not_accepted(admin: Any, visitor: Any, path: str) -> None:
    browser = visitor if path == "/sign-in" else admin
    assert browser.client.post(path, data={"email": "admin@station.example"}).status_code == 400


def test_an_address_cannot_bring_a_script_in(admin: Any) -> None:
    page = admin.get('/reports/customers?customer=<script>alert(1)</script>&ae="><img src=x>').text
    assert "<script>alert" not in page
    assert "<img" not in page


def test_a_customers_name_cannot_bring_a_script_in(admin: Any, ledger: Path) -> None:
    with closing(open_database(ledger)) as db:
        db.execute("""UPDATE customer SET name = '"><script>alert(' || id || ')</script>'""")
    for path in ("/reports/", "/reports/customers", "/reports/months"):
        page = admin.get(path).text
        assert "<script>alert" not in page
        assert '""><' not in page
