"""What goes when, and that nothing goes too early, twice, or half."""

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest

from pivision.moments import utc_text
from pivision.pictures import fsck, retention
from pivision.pictures.filing import write_durably

A_WEEK = timedelta(days=7)


def event(appliance, device_id, *, stored_at, starred=0, size=1000, number=1):
    """An event with one picture of `size` bytes; the picture's path."""
    path = f"events/stand/2026-11-20/{number}-interaction_detected/pre-{number}.jpg"
    write_durably(appliance.folder.file(path), bytes(size))
    event_id = appliance.db.execute(
        "INSERT INTO event (device_id, kind, start_capture_id, started_at, confidence, summary, details, starred,"
        " created_at) VALUES (?, 'interaction_detected', ?, ?, 1, '', '{}', ?, ?) RETURNING id",
        (device_id, number, utc_text(stored_at), starred, utc_text(stored_at)),
    ).fetchone()["id"]
    appliance.db.execute(
        "INSERT INTO event_picture (event_id, role, path, width, height, bytes, stored_at)"
        " VALUES (?, 'pre', ?, 640, 480, ?, ?)",
        (event_id, path, size, utc_text(stored_at)),
    )
    return appliance.folder.file(path)


def limit(appliance, **values):
    appliance.db.execute(
        "INSERT INTO setting VALUES ('retention', ?, '', '')", (json.dumps({"least_free_bytes": 0} | values),)
    )


def test_a_picture_goes_after_exactly_seven_days_and_its_event_stays(appliance):
    limit(appliance)
    file = event(appliance, appliance.device(), stored_at=appliance.now)
    retention.run(appliance.db, appliance.folder, appliance.now + A_WEEK - timedelta(seconds=1))
    assert file.exists()
    report = retention.run(appliance.db, appliance.folder, appliance.now + A_WEEK)
    assert not file.exists() and report.by_age == 1 and report.freed_bytes == 1000
    assert appliance.rows("SELECT count(*) AS n FROM event") == [{"n": 1}]
    assert appliance.rows("SELECT deleted_at IS NOT NULL AS gone FROM event_picture") == [{"gone": 1}]


def test_what_is_starred_outlives_the_seven_days(appliance):
    limit(appliance)
    file = event(appliance, appliance.device(), stored_at=appliance.now, starred=1)
    retention.run(appliance.db, appliance.folder, appliance.now + A_WEEK * 3)
    assert file.exists()


def test_over_the_byte_limit_the_oldest_go_first_and_starred_ones_last(appliance):
    limit(appliance, most_bytes=1500)
    device = appliance.device()
    starred = event(appliance, device, stored_at=appliance.now, starred=1, number=1)
    oldest = event(appliance, device, stored_at=appliance.now + timedelta(minutes=1), number=2)
    newest = event(appliance, device, stored_at=appliance.now + timedelta(minutes=2), number=3)
    report = retention.run(appliance.db, appliance.folder, appliance.now + timedelta(hours=1))
    assert (starred.exists(), oldest.exists(), newest.exists()) == (True, False, False)
    assert report.by_bytes == 2 and report.kept_bytes == 1000


def test_short_of_room_pictures_go_before_their_time(appliance):
    free = os.statvfs(appliance.folder.root)
    limit(appliance, least_free_bytes=free.f_bavail * free.f_frsize * 2)
    file = event(appliance, appliance.device(), stored_at=appliance.now)
    report = retention.run(appliance.db, appliance.folder, appliance.now)
    assert not file.exists() and report.by_room == 1 and report.short_of_room


def test_a_dry_run_says_the_same_and_removes_nothing(appliance):
    limit(appliance)
    file = event(appliance, appliance.device(), stored_at=appliance.now)
    later = appliance.now + A_WEEK
    planned = retention.run(appliance.db, appliance.folder, later, dry=True)
    assert file.exists() and planned.by_age == 1
    assert retention.run(appliance.db, appliance.folder, later).by_age == planned.by_age


@pytest.mark.parametrize("file_is_gone", [False, True])
def test_a_run_that_was_cut_after_its_mark_is_finished_by_the_next(appliance, file_is_gone):
    limit(appliance)
    file = event(appliance, appliance.device(), stored_at=appliance.now)
    appliance.db.execute("UPDATE event_picture SET doomed_at = ?", (utc_text(appliance.now),))
    if file_is_gone:
        file.unlink()
    retention.run(appliance.db, appliance.folder, appliance.now)
    assert not file.exists()
    assert appliance.rows("SELECT deleted_at IS NOT NULL AS gone FROM event_picture") == [{"gone": 1}]


def look_at(appliance, captures, *, saved=None, keep=()):
    for capture in captures:
        appliance.db.execute("UPDATE capture SET status = 'processed' WHERE id = ?", (capture,))
        appliance.db.execute("DELETE FROM job WHERE capture_id = ?", (capture,))
    device = appliance.rows("SELECT device_id FROM capture WHERE id = ?", captures[0])[0]["device_id"]
    appliance.db.execute(
        "INSERT OR REPLACE INTO detector_state (device_id, capture_id, phase, body, keep, saved_at)"
        " VALUES (?, ?, 'idle', '{}', ?, '')",
        (device, captures[-1] if saved is None else saved, json.dumps(list(keep))),
    )


def segments(appliance) -> list[Path]:
    return sorted(appliance.folder.segments.iterdir())


def sweep(appliance, keep=frozenset()):
    return retention.sweep_segments(appliance.db, appliance.folder, appliance.now, keep=keep)


def test_frames_without_an_event_leave_no_file_behind(appliance):
    captures = appliance.receive(appliance.device(), [b"one", b"two"])
    assert sweep(appliance) == 0 and len(segments(appliance)) == 1
    look_at(appliance, captures)
    assert sweep(appliance) == 1 and segments(appliance) == []
    assert appliance.rows("SELECT DISTINCT segment_id, status FROM capture") == [
        {"segment_id": None, "status": "processed"}
    ]


@pytest.mark.parametrize("needed", ["open", "unsaved", "kept", "kept in memory", "recorded", "failed today"])
def test_a_segment_stays_while_one_of_its_frames_is_needed(appliance, needed):
    device = appliance.device()
    began = appliance.now
    captures = appliance.receive(device, [b"one", b"two"], closed=needed != "open")
    saved = captures[0] if needed == "unsaved" else None
    look_at(appliance, captures, saved=saved, keep=[captures[1]] if needed == "kept" else [])
    if needed == "recorded":
        appliance.db.execute(
            "INSERT INTO recording (device_id, started_at, ends_at, keep_until, made_by) VALUES (?, ?, ?, ?, 'test')",
            (device, utc_text(began), utc_text(appliance.now), utc_text(appliance.now + timedelta(hours=1))),
        )
    if needed == "failed today":
        appliance.db.execute("UPDATE capture SET status = 'failed' WHERE id = ?", (captures[0],))
    keep = frozenset([captures[0]]) if needed == "kept in memory" else frozenset()
    assert sweep(appliance, keep) == 0 and len(segments(appliance)) == 1
    appliance.pass_time(days=2)
    assert sweep(appliance) == (1 if needed in ("kept in memory", "recorded", "failed today") else 0)


def test_fsck_finds_what_does_not_agree_and_mends_it(appliance):
    limit(appliance)
    device = appliance.device()
    lost = event(appliance, device, stored_at=appliance.now)
    captures = appliance.receive(device, [b"one", b"two"])
    segments(appliance)[0].write_bytes(b"one")
    stray = appliance.folder.file("events/stand/2026-11-20/9/pre-9.jpg")
    write_durably(stray, b"x")
    write_durably(appliance.folder.file("events/stand/2026-11-20/8/pre-8.jpg"), b"of now")
    long_ago = appliance.now.timestamp() - 3600
    os.utime(stray, (long_ago, long_ago))
    os.utime(appliance.folder.file("events/stand/2026-11-20/8/pre-8.jpg"), (appliance.now.timestamp(),) * 2)
    lost.unlink()
    found = fsck.look(appliance.db, appliance.folder, appliance.now)
    assert found.pictures_without_file == [str(lost.relative_to(appliance.folder.root))]
    assert found.files_without_row == ["events/stand/2026-11-20/9/pre-9.jpg"]
    assert found.frames_without_bytes == found.jobs_without_frame == [captures[1]]
    fsck.mend(appliance.db, appliance.folder, found, appliance.now)
    assert fsck.look(appliance.db, appliance.folder, appliance.now).is_clean
    assert appliance.rows("SELECT status FROM capture ORDER BY id") == [{"status": "queued"}, {"status": "failed"}]
