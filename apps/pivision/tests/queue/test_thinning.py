"""When looking falls behind, idle pictures are left out, and only those."""

import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta

from pivision.moments import utc_text
from pivision.queue import claim, thin

Store = Callable[..., int]


def waiting_jobs(db: sqlite3.Connection) -> list[int]:
    return [row[0] for row in db.execute("SELECT id FROM job WHERE status = 'queued' ORDER BY id")]


def test_nothing_is_left_out_while_looking_keeps_up(db: sqlite3.Connection, store: Store, now: datetime) -> None:
    for ago in (59, 29, 0):
        store(1, ago_s=ago)
    assert thin(db, now) == 0


def test_every_second_idle_picture_is_left_out_but_never_the_newest(
    db: sqlite3.Connection, store: Store, now: datetime
) -> None:
    jobs = [store(1, ago_s=300 - 30 * place) for place in range(10)]
    assert thin(db, now) == 4
    assert waiting_jobs(db) == [jobs[0], jobs[2], jobs[4], jobs[6], jobs[8], jobs[9]]
    skipped = db.execute("SELECT count(*) FROM capture WHERE status = 'skipped' AND processed_at IS NOT NULL")
    assert skipped.fetchone()[0] == 4


def test_the_newest_alone_is_never_left_out(db: sqlite3.Connection, store: Store, now: datetime) -> None:
    jobs = [store(1, ago_s=200), store(1, ago_s=100)]
    assert thin(db, now) == 0
    assert waiting_jobs(db) == jobs


def test_pictures_that_came_quickly_are_a_visit(db: sqlite3.Connection, store: Store, now: datetime) -> None:
    jobs = [store(1, ago_s=300 - 0.5 * place) for place in range(10)]
    assert thin(db, now) == 0
    assert waiting_jobs(db) == jobs


def test_pictures_of_a_burst_are_a_visit(db: sqlite3.Connection, store: Store, now: datetime) -> None:
    for place in range(6):
        store(1, ago_s=300 - 30 * place, burst=True)
    assert thin(db, now) == 0


def test_a_device_whose_detector_is_in_a_visit_keeps_all(db: sqlite3.Connection, store: Store, now: datetime) -> None:
    for place in range(6):
        store(1, ago_s=300 - 30 * place)
    db.execute(
        "INSERT INTO detector_state (device_id, capture_id, phase, body, saved_at) VALUES (1, 0, 'active', '{}', ?)",
        (utc_text(now),),
    )
    assert thin(db, now) == 0


def test_only_the_device_that_is_late_loses_pictures(db: sqlite3.Connection, store: Store, now: datetime) -> None:
    for place in range(6):
        store(1, ago_s=300 - 30 * place)
        store(2, ago_s=50 - 10 * place)
    thin(db, now)
    assert {row[0] for row in db.execute("SELECT device_id FROM capture WHERE status = 'skipped'")} == {1}


def test_a_picture_in_work_is_not_left_out(db: sqlite3.Connection, store: Store, now: datetime) -> None:
    first, *_ = [store(1, ago_s=300 - 30 * place) for place in range(6)]
    taken = claim(db, "w", now)
    assert taken is not None and taken.job_id == first
    thin(db, now + timedelta(seconds=1))
    row = db.execute("SELECT status FROM capture WHERE id = ?", (taken.capture_id,)).fetchone()
    assert row[0] == "queued"
