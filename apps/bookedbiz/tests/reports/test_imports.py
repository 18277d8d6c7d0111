"""How old the data is, and what the last import did."""

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from bookedbiz.reports import imports
from bookedbiz.reports.imports import Age

FRIDAY = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)  # noon at the station
SATURDAY = FRIDAY + timedelta(days=1)


def add_batch(db: sqlite3.Connection, finished_at: datetime, status: str = "completed", gross: int = 0) -> int:
    stamp = finished_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    row = db.execute(
        """INSERT INTO batch (started_at, finished_at, mode, file_name, file_sha256, status, imported_by, error,
               gross_after_cents)
           VALUES (?, ?, 'WEEKLY_UPDATE', 'Commercial Log.xlsx', 'x', ?, 'test', ?, ?) RETURNING id""",
        (stamp, stamp, status, "no such sheet" if status == "failed" else None, gross),
    ).fetchone()
    return int(row[0])


@pytest.mark.parametrize(
    ("now", "hours", "age"),
    [
        (FRIDAY, 1, Age.FRESH),
        (FRIDAY, 7, Age.FRESH),
        (FRIDAY, 8, Age.LATE),
        (SATURDAY, 8, Age.FRESH),
        (FRIDAY, 25, Age.STALE),
        (SATURDAY, 25, Age.STALE),
    ],
)
def test_data_grows_late_and_then_stale(db: sqlite3.Connection, now: datetime, hours: int, age: Age) -> None:
    add_batch(db, now - timedelta(hours=hours))
    assert imports.freshness(db, now).age is age


def test_before_the_first_import_there_is_no_age(db: sqlite3.Connection) -> None:
    assert imports.freshness(db, FRIDAY) == imports.Freshness(Age.NEVER, None, None, None)


def test_a_failed_import_makes_the_data_no_younger_and_is_named(db: sqlite3.Connection) -> None:
    add_batch(db, FRIDAY - timedelta(hours=30))
    add_batch(db, FRIDAY - timedelta(hours=1), "failed")
    found = imports.freshness(db, FRIDAY)
    assert found.age is Age.STALE
    assert found.failed is not None
    assert found.failed.error == "no such sheet"


def test_a_failure_that_was_mended_is_not_named(db: sqlite3.Connection) -> None:
    add_batch(db, FRIDAY - timedelta(hours=2), "failed")
    add_batch(db, FRIDAY - timedelta(hours=1))
    assert imports.freshness(db, FRIDAY).failed is None


def test_a_day_adds_up_its_imports(db: sqlite3.Connection) -> None:
    add_batch(db, FRIDAY - timedelta(hours=25), gross=9)
    add_batch(db, FRIDAY - timedelta(hours=23), gross=100)
    add_batch(db, FRIDAY - timedelta(hours=2), "failed", gross=50)
    add_batch(db, FRIDAY, gross=20)
    day = imports.since(db, FRIDAY - timedelta(hours=24))
    assert (day.batches, day.gross_cents) == (2, 120)


def test_the_real_importers_batch_can_be_read(sample: sqlite3.Connection) -> None:
    batch = imports.last_completed(sample)
    assert batch is not None
    changes = imports.biggest_changes(sample, batch, count=5)
    assert len(changes) == 5
    sizes = [abs(each.gross_cents) for each in changes]
    assert sizes == sorted(sizes, reverse=True)
    stranger = imports.biggest_changes(sample, batch, count=5, only_ae_id=-1)
    assert stranger == []
