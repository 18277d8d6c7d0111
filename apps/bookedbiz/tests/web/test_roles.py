"""Who may ask for what: every route says it, and the application holds it, for pages, exports and JSON alike."""

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from bookedbiz.users import Role
from station_kit.sqlitefile import open_database
from station_pages.guard import may_ask

ROLES = {"admin": Role.ADMIN, "boss": Role.MANAGEMENT, "seller": Role.AE, "guest": Role.VIEWER}
OTHERS_CUSTOMER = "Zyxomma Verboten Works"


def routes(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Every route as (endpoint, method, path), an existing thing put in for each part of the path."""
    for rule in app.url_map.iter_rules():
        for kind in ("csv", "xlsx", "json") if "<kind>" in rule.rule or "<string:kind>" in rule.rule else ("csv",):
            path = re.sub(r"<(?:string:)?kind>", kind, rule.rule)
            path = re.sub(r"<(?:[a-z]+(?:\([^)]*\))?:)?[a-z_]*year>", "2026", path)
            path = re.sub(r"<[^>]+>", "1", path)
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule.endpoint, method, path


def test_every_route_says_who_may_ask_for_it(app: Flask) -> None:
    silent = [endpoint for endpoint in app.view_functions if may_ask(app, endpoint) is None]
    assert silent == [], "put @only(...) of bookedbiz.web.roles under their @blueprint.get"


@pytest.mark.parametrize("name", ROLES)
def test_nobody_gets_what_their_role_does_not_include(app: Flask, signed_in: Any, name: str) -> None:
    browser = signed_in(name)
    token = browser.token()
    refused = 0
    for endpoint, method, path in routes(app):
        allowed = may_ask(app, endpoint)
        if not allowed or ROLES[name] in allowed:
            continue
        answer = browser.client.open(path, method=method, headers={"X-CSRFToken": token})
        assert answer.status_code == 403, f"{name}: {method} {path}"
        if path.startswith("/api/"):
            assert answer.mimetype == "application/json"
        refused += 1
    assert (refused == 0) == (name == "admin")


@pytest.mark.parametrize("name", ROLES)
def test_everybody_gets_every_page_that_their_role_includes(app: Flask, signed_in: Any, name: str) -> None:
    browser = signed_in(name)
    for endpoint, method, path in routes(app):
        allowed = may_ask(app, endpoint)
        if method == "GET" and allowed and ROLES[name] in allowed and "<" not in path:
            assert browser.get(path).status_code in (200, 302, 404), f"{name}: {path}"


ADMINS_ALONE = [
    ("GET", "/users/"),
    ("POST", "/users/"),
    ("POST", "/users/1/role"),
    ("POST", "/users/1/password"),
    ("POST", "/users/1/active"),
]


@pytest.mark.parametrize(("method", "path"), ADMINS_ALONE)
@pytest.mark.parametrize("name", ["boss", "seller", "guest"])
def test_what_only_an_administrator_may(signed_in: Any, method: str, path: str, name: str) -> None:
    browser = signed_in(name)
    answer = browser.client.open(path, method=method, headers={"X-CSRFToken": browser.token()})
    assert answer.status_code == 403


@pytest.fixture
def secret(ledger: Path) -> str:
    """The name of a customer who books with other account executives only."""
    with closing(open_database(ledger)) as db:
        mine = db.execute("SELECT ae_id FROM user WHERE email LIKE 'seller@%'").fetchone()[0]
        row = db.execute(
            """SELECT customer_id FROM revenue WHERE customer_id > 0 GROUP BY customer_id
               HAVING sum(ae_id IS ?) = 0 ORDER BY sum(gross_cents) DESC LIMIT 1""",
            (mine,),
        ).fetchone()
        db.execute("UPDATE customer SET name = ? WHERE id = ?", (OTHERS_CUSTOMER, row[0]))
        db.execute("UPDATE bill_code SET raw = ? || id WHERE customer_id = ?", (OTHERS_CUSTOMER, row[0]))
        db.execute("UPDATE change SET bill_code_id = (SELECT id FROM bill_code WHERE customer_id = ?)", (row[0],))
        db.execute(
            "UPDATE change SET sales_person_id = (SELECT id FROM sales_person WHERE ae_id <> ? LIMIT 1)", (mine,)
        )
    return OTHERS_CUSTOMER


def told(content: bytes, mimetype: str) -> str:
    """All text of an answer, that of a workbook too."""
    if "spreadsheetml" not in mimetype:
        return content.decode()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return "".join(archive.read(name).decode(errors="replace") for name in archive.namelist())


def test_an_account_executive_finds_nobody_elses_customer_anywhere(app: Flask, signed_in: Any, secret: str) -> None:
    seller, boss = signed_in("seller"), signed_in("boss")
    shown_to_boss = 0
    for endpoint, method, path in routes(app):
        allowed = may_ask(app, endpoint) or frozenset()
        if method != "GET" or Role.AE not in allowed:
            continue
        answer = seller.get(path)
        assert secret not in told(answer.data, answer.mimetype), path
        if Role.MANAGEMENT in allowed:
            shown = boss.get(path)
            shown_to_boss += secret in told(shown.data, shown.mimetype)
    assert shown_to_boss >= 2  # the customer is there to be found
