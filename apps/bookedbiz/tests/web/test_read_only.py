"""Read-only mode: reports are shown, nothing is written, and every page says so."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from bookedbiz.settings import Settings
from bookedbiz.web import create_app
from bookedbiz.web.readonly import why_read_only
from station_kit.environment import Secret
from station_kit.errors import MigrationRefused
from station_kit.sqlitefile import open_database

KEY = Secret("a key for tests, and only for them")


@pytest.fixture
def app(ledger: Path, clock: Any) -> Iterator[Flask]:
    made = create_app(Settings(ledger, KEY, read_only=True), now=clock)
    yield made
    made.extensions["bookedbiz"].machine.stop()


def writing_routes(app: Flask) -> list[tuple[str, str]]:
    """Every route that writes, something put in for each part of its path; the session's own apart."""
    adapter = app.url_map.bind("station.example")
    found = []
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}:
            if not rule.endpoint.startswith("auth."):
                values = {name: 2026 if "year" in name else 1 for name in rule.arguments}
                found.append((method, adapter.build(rule.endpoint, values, method=method)))
    return found


def test_every_route_that_writes_answers_503_with_the_reason(app: Flask, admin: Any, ledger: Path) -> None:
    with closing(open_database(ledger, read_only=True)) as db:
        before = list(db.iterdump())
    token = admin.token()
    walked = writing_routes(app)
    for method, path in walked:
        answer = admin.client.open(path, method=method, headers={"X-CSRFToken": token})
        assert answer.status_code == 503, path
        assert "read-only copy" in answer.text, path
    assert len(walked) >= 10
    with closing(open_database(ledger, read_only=True)) as db:
        assert list(db.iterdump()) == before


def test_people_come_in_and_read_and_are_told(visitor: Any, ledger: Path) -> None:
    assert visitor.sign_in().status_code == 302
    page = visitor.get("/reports/months")
    assert page.status_code == 200
    assert "Read-only: this is a read-only copy" in page.text
    assert visitor.sign_out().status_code == 302


def test_a_program_is_told_as_json(admin: Any) -> None:
    answer = admin.client.post("/api/canon/agency", json={}, headers={"X-CSRFToken": admin.token()})
    assert (answer.status_code, answer.mimetype) == (503, "application/json")


def test_the_connection_of_a_request_cannot_write_whatever_is_asked(app: Flask) -> None:
    from bookedbiz.web.context import database

    with app.test_request_context(), pytest.raises(sqlite3.OperationalError, match="readonly"):
        database().execute("DELETE FROM user")


def test_a_database_that_cannot_be_written_makes_it_read_only(ledger: Path) -> None:
    settings = Settings(ledger, KEY)
    assert why_read_only(settings) == ""
    if os.geteuid() != 0:
        pytest.skip("only root can look through the eyes of another user")
    with tempfile.TemporaryDirectory() as folder:  # others can look into it, unlike into those of tests
        Path(folder).chmod(0o755)
        copy = Path(shutil.copy(ledger, Path(folder) / "ledger.db"))
        os.seteuid(65534)
        try:
            reason = why_read_only(Settings(copy, KEY))
        finally:
            os.seteuid(0)
    assert reason == "the database ledger.db is read-only here"


def test_a_copy_of_an_older_schema_is_not_migrated_but_refused(ledger: Path) -> None:
    with closing(open_database(ledger)) as db:
        db.execute("PRAGMA user_version = 2")
    with pytest.raises(MigrationRefused, match=r"lacks 003_\w+\.sql and is read-only"):
        create_app(Settings(ledger, KEY, read_only=True))
