"""Anybody may ask how it is, and the answer never waits."""

import time
from pathlib import Path
from typing import Any


def test_health_is_open_and_names_version_and_last_import(visitor: Any) -> None:
    answer = visitor.get("/health")
    assert answer.status_code == 200
    assert answer.json["status"] == "ok"
    assert answer.json["version"]
    assert answer.json["checks"]["database"]["status"] == "ok"
    assert "batch 4" in answer.json["checks"]["last_import"]["evidence"]


def test_health_answers_with_a_slash_as_well(visitor: Any) -> None:
    assert visitor.get("/health/").status_code in (200, 308)


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


def test_system_stats_come_from_the_background_and_never_wait(visitor: Any) -> None:
    first = visitor.get("/api/system-stats").json
    started = time.perf_counter()
    assert visitor.get("/api/system-stats").json["network"] == first["network"]
    assert time.perf_counter() - started < 0.9  # measuring a load takes a second
