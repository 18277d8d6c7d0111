"""After the app went to another machine: its database is here, the pictures are where they were written."""

from dataclasses import replace
from datetime import timedelta

from pivision.moments import utc_text
from pivision.pictures import fsck, retention

PATH = "events/stand/2026-11-20/1-interaction_detected/pre-1.jpg"


def picture_row(appliance, host):
    """An event whose picture was written on that host; no file of it is here."""
    at = utc_text(appliance.now)
    event_id = appliance.db.execute(
        "INSERT INTO event (device_id, kind, start_capture_id, started_at, confidence, summary, details, created_at)"
        " VALUES (?, 'interaction_detected', 1, ?, 1, '', '{}', ?) RETURNING id",
        (appliance.device(), at, at),
    ).fetchone()["id"]
    appliance.db.execute(
        "INSERT INTO event_picture (event_id, role, path, width, height, bytes, stored_at, host)"
        " VALUES (?, 'pre', ?, 640, 480, 1000, ?, ?)",
        (event_id, PATH, at, host),
    )


def test_a_picture_on_the_other_host_is_not_missing(appliance):
    picture_row(appliance, "pi-ctv")
    here = replace(appliance.folder, host="pi2")
    found = fsck.look(appliance.db, here, appliance.now)
    assert found.pictures_elsewhere == [PATH]
    assert found.is_clean
    fsck.mend(appliance.db, here, found, appliance.now)
    assert appliance.rows("SELECT deleted_at FROM event_picture") == [{"deleted_at": None}]


def test_one_that_should_be_here_is(appliance):
    picture_row(appliance, "pi2")
    found = fsck.look(appliance.db, replace(appliance.folder, host="pi2"), appliance.now)
    assert found.pictures_without_file == [PATH]
    assert not found.is_clean


def test_it_grows_too_old_there_as_here(appliance):
    picture_row(appliance, "pi-ctv")
    retention.run(appliance.db, replace(appliance.folder, host="pi2"), appliance.now + timedelta(days=7))
    assert appliance.rows("SELECT deleted_at IS NOT NULL AS gone FROM event_picture") == [{"gone": 1}]
