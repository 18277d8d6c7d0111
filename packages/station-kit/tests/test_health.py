"""The health answer, from real databases."""

import json
import logging
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from station_kit.health import CheckFailed, answer, database_check
from station_kit.migrations import migrate

NOW = datetime(2026, 11, 21, 4, 0, 0, 500_000, tzinfo=timezone(timedelta(hours=1)))


@pytest.fixture
def schema(folder: Callable[..., Path]) -> Path:
    return folder(_001_a="CREATE TABLE a (x);", _002_b="CREATE TABLE b (x);")


def checked(path: Path, schema: Path) -> tuple[dict[str, object], int]:
    body, status = answer({"database": database_check(path, schema)}, version="1.2", now=NOW)
    return body["checks"]["database"], status  # type: ignore[index,return-value]  # JSON


def test_a_healthy_app_answers_200_with_what_each_check_saw(db: sqlite3.Connection, path: Path, schema: Path) -> None:
    migrate(db, schema)
    ticks = iter([1.0, 1.25])
    body, status = answer({"database": database_check(path, schema)}, version="1.2", now=NOW, timer=lambda: next(ticks))
    assert status == 200
    assert json.loads(json.dumps(body)) == {
        "status": "ok",
        "version": "1.2",
        "at": "2026-11-21T03:00:00.500Z",
        "checks": {"database": {"status": "ok", "took_ms": 250.0, "evidence": "schema 2, 2 tables"}},
    }


def test_a_missing_database_fails_and_is_not_made(path: Path, schema: Path) -> None:
    found, status = checked(path, schema)
    assert (found["status"], status) == ("failing", 503)
    assert str(found["evidence"]).endswith("there is no such file")  # what to do is not for visitors
    assert not path.exists()


def test_a_database_that_lacks_a_migration_fails(db: sqlite3.Connection, path: Path, schema: Path) -> None:
    db.execute("PRAGMA user_version = 1")
    found, status = checked(path, schema)
    assert (found["evidence"], status) == ("The database lacks 002_b.sql", 503)


def test_a_database_of_a_newer_release_fails(db: sqlite3.Connection, path: Path, schema: Path) -> None:
    db.execute("PRAGMA user_version = 3")
    found, status = checked(path, schema)
    assert (found["status"], status) == ("failing", 503)


def test_one_failing_check_fails_the_whole_and_the_others_still_run() -> None:
    def fails() -> str:
        raise CheckFailed("the queue is full")

    body, status = answer({"queue": fails, "disk": lambda: "12 GB free"}, version="1", now=NOW)
    checks = body["checks"]
    assert isinstance(checks, dict)
    assert (body["status"], status) == ("failing", 503)
    assert checks["queue"]["evidence"] == "the queue is full"
    assert checks["disk"] == checks["disk"] | {"status": "ok", "evidence": "12 GB free"}


def test_a_bug_in_a_check_shows_its_kind_to_visitors_and_its_traceback_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken() -> str:
        raise ZeroDivisionError("secret detail")

    with caplog.at_level(logging.ERROR):
        body, status = answer({"broken": broken}, version="1", now=NOW)
    assert status == 503
    assert "ZeroDivisionError" in json.dumps(body)
    assert "secret detail" not in json.dumps(body)
    assert "secret detail" in caplog.text


def test_no_checks_are_a_healthy_answer() -> None:
    assert answer({}, version="1", now=datetime.now(UTC))[1] == 200
