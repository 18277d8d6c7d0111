"""The sample camera against the real server: it enrols itself, is seen, and is the same one after whatever happened."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from pivision.sample.enrolling import NAME
from pivision.sample.stand import SampleStand, regions
from pivision.testing.live import make_live

WAIT_S = 60.0


@pytest.fixture
def live(tmp_path):
    return make_live(tmp_path)


@contextmanager
def sample(live):
    """The command beside the server, ended as systemd ends it."""
    command = [sys.executable, "-m", "pivision.cli", "sample-camera"]
    with (
        (live.folder / "sample.log").open("ab") as log,
        subprocess.Popen(command, env={**os.environ, **live.environ}, stdout=log, stderr=log) as process,
    ):
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(WAIT_S) == 0, (live.folder / "sample.log").read_text()


def until_pictures(live, most_before: int) -> int:
    """How many the server has of it, once there are more than so many."""
    ends = time.monotonic() + WAIT_S
    while time.monotonic() < ends:
        ((many,),) = live.rows("SELECT count(*) FROM capture JOIN device ON device.id = device_id WHERE name = ?", NAME)
        if many > most_before:
            return many
        time.sleep(0.2)
    raise AssertionError((live.folder / "sample.log").read_text())


def test_it_enrols_itself_and_sends(live):
    with live.running(), sample(live):
        until_pictures(live, 2)
    ((version, body),) = live.rows(
        "SELECT version, body FROM device_config JOIN device ON device.id = device_id WHERE name = ?", NAME
    )
    assert version == 1
    assert '"kind":"inventory"' in str(body)


def test_it_is_the_same_camera_after_a_restart_and_a_lost_or_foreign_key(live):
    with live.running():
        with sample(live):
            many = until_pictures(live, 0)
        with sample(live):
            many = until_pictures(live, many)
        key = live.folder / "sample-camera" / "key"
        key.unlink()
        with sample(live):
            many = until_pictures(live, many)
        key.write_text("of another database\n")
        with sample(live):
            until_pictures(live, many)
    assert live.rows("SELECT count(*) FROM device WHERE name = ?", NAME) == [(1,)]
    assert live.rows("SELECT max(version) FROM device_config") == [(1,)]


def test_what_somebody_drew_stays(live):
    with live.running():
        with sample(live):
            until_pictures(live, 0)
        with live.db() as db:
            db.execute(
                "INSERT INTO device_config (device_id, version, body, made_at, made_by)"
                " SELECT id, 2, '{}', '2026-11-20T12:00:00.000Z', 'anna' FROM device WHERE name = ?",
                (NAME,),
            )
        with sample(live):
            until_pictures(live, 1)
    assert live.rows("SELECT max(version) FROM device_config") == [(2,)]


def test_without_a_server_it_says_what_to_do(live):
    command = [sys.executable, "-m", "pivision.cli", "sample-camera", "--wait", "0"]
    ended = subprocess.run(command, env={**os.environ, **live.environ}, capture_output=True, timeout=30, check=False)
    assert ended.returncode == 1
    assert b"pivision serve" in ended.stderr


def test_what_it_sees_follows_from_the_minute_of_the_hour():
    at = datetime(2026, 11, 21, 9, 20, tzinfo=UTC)

    def seen(moment: datetime) -> bytes:
        return SampleStand(lambda: moment).see().content

    assert seen(at) == seen(at) == seen(at + timedelta(hours=1))
    assert seen(at) != seen(at.replace(minute=0))


def test_its_regions_are_where_people_reach_and_goods_stand():
    assert {each.kind.value for each in regions()} == {"interaction", "inventory"}
