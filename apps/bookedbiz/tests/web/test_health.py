"""Anybody may ask how it is, and the answer never waits."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path
from threading import Thread, current_thread
from typing import Any

import pytest

from station_kit.sqlitefile import open_database


def test_health_is_open_and_names_version_and_last_import(visitor: Any) -> None:
    answer = visitor.get("/health")
    assert answer.status_code == 200
    assert answer.json["status"] == "ok"
    assert answer.json["version"]
    assert answer.json["checks"]["database"]["status"] == "ok"
    assert "batch 4" in answer.json["checks"]["last_import"]["evidence"]


def test_health_answers_with_a_slash_as_well(visitor: Any) -> None:
    assert visitor.get("/health/").status_code in (200, 308)


def test_health_tells_how_old_the_data_is_as_the_pages_do(visitor: Any, clock: Any, ledger: Path) -> None:
    assert visitor.get("/health").json["data"] == {
        "age": "fresh",
        "as_of": "2026-11-20T19:00:00Z",
        "last_import_failed": None,
    }
    with closing(open_database(ledger)) as db:
        db.execute(
            """INSERT INTO batch (started_at, finished_at, mode, file_name, file_sha256, status, imported_by, error)
               VALUES ('2026-11-20T19:00:00Z', '2026-11-20T19:00:01Z', 'WEEKLY_UPDATE', 'x', 'x', 'failed', 'a', 'x')"""
        )
    clock.at += timedelta(hours=8)  # a Friday afternoon: one of the four daily imports was missed
    told = visitor.get("/api/health").json["data"]
    assert (told["age"], told["last_import_failed"]) == ("late", "2026-11-20T19:00:01Z")
    clock.at += timedelta(hours=20)
    assert visitor.get("/health").json["data"]["age"] == "stale"


def test_an_administrator_sees_which_file_is_open_and_what_the_imports_did(admin: Any, ledger: Path) -> None:
    told = admin.get("/health/database").json["data"]
    assert (told["file"], told["rows"]["batch"] >= 4, told["bytes"] > 0) == (str(ledger), True, True)
    imports = admin.get("/health/metrics").json["data"]["imports"]
    assert {each["status"] for each in imports} == {"completed"}


def test_the_details_need_a_session_and_are_refused_as_json(visitor: Any, signed_in: Any) -> None:
    for path in ("/health/database", "/health/metrics"):
        assert visitor.get(path, headers={"Accept": "application/json"}).status_code == 401
        assert signed_in("boss").get(path).status_code == 403


def test_health_is_503_without_a_database(visitor: Any, ledger: Path) -> None:
    for file in ledger.parent.glob("ledger.db*"):
        file.unlink()
    answer = visitor.get("/health")
    assert answer.status_code == 503
    assert answer.json["checks"]["database"]["status"] == "failing"


def test_health_is_503_on_a_database_of_something_else(visitor: Any, ledger: Path) -> None:
    for file in ledger.parent.glob("ledger.db*"):
        file.unlink()
    ledger.write_bytes(b"this is no database" * 100)
    assert visitor.get("/health").status_code == 503


def test_system_stats_are_open_and_whole(visitor: Any) -> None:
    answer = visitor.get("/api/system-stats")
    assert answer.status_code == 200
    assert set(answer.json) == {"status", "timestamp", "system", "network"}
    assert set(answer.json["system"]) == {
        "cpu_percent",
        "memory_percent",
        "memory_used_mb",
        "memory_total_mb",
        "disk_percent",
        "disk_used_gb",
        "disk_total_gb",
        "temperature",
        "load_average",
        "uptime_seconds",
        "uptime_formatted",
    }
    assert set(answer.json["network"]) == {"bytes_sent", "bytes_recv", "packets_sent", "packets_recv"}
    assert len(answer.json["system"]["load_average"]) == 3
    assert answer.json["timestamp"] == "2026-11-20T20:00:00Z"


def test_system_stats_come_from_the_background_and_never_wait(visitor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[Thread, object]] = []
    monkeypatch.setattr("psutil.cpu_percent", lambda interval=None: asked.append((current_thread(), interval)) or 1.0)
    for _ in range(3):
        assert visitor.get("/api/system-stats").status_code == 200
    by_requests = [interval for thread, interval in asked if thread is current_thread()]
    assert by_requests == [None]  # the first alone, and without an interval, for which it would sleep
