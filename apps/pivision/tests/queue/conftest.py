"""A real database with devices, and pictures that wait."""

import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pivision.moments import utc_text
from station_kit.sqlitefile import open_database, transaction

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)

Store = Callable[..., int]


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def db(path: Path) -> Iterator[sqlite3.Connection]:
    opened = open_database(path)
    for name in ("gate", "shop", "yard"):
        opened.execute("INSERT INTO device (name, title, created_at) VALUES (?, ?, ?)", (name, name, utc_text(NOW)))
    opened.execute("INSERT INTO segment (path, opened_at) VALUES ('segments/a.seg', ?)", (utc_text(NOW),))
    yield opened
    opened.close()


@pytest.fixture
def store(db: sqlite3.Connection) -> Store:
    """Stores a picture of a device and its job: `store(1, ago_s=90)` is the job's id."""
    seq = iter(range(1, 1_000_000))

    def make(device: int, *, ago_s: float = 0, burst: bool = False) -> int:
        at = utc_text(NOW - timedelta(seconds=ago_s))
        with transaction(db):
            capture = db.execute(
                "INSERT INTO capture (device_id, seq, received_at, width, height, bytes, sha256, segment_id, position,"
                " meta) VALUES (?, ?, ?, 640, 480, 3, x'00', 1, 0, ?)",
                (device, next(seq), at, '{"burst":1}' if burst else "{}"),
            ).lastrowid
            job = db.execute(
                "INSERT INTO job (kind, device_id, capture_id, run_after, created_at)"
                " VALUES ('analyze_frame', ?, ?, ?, ?)",
                (device, capture, at, at),
            ).lastrowid
        assert job is not None
        return job

    return make
