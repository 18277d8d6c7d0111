"""A camera that falls silent is told once, and once when it is back; never because the machine itself was off."""

import pytest

from pivision.moments import utc_text
from pivision.worker.silence import Watching, watch_silence

LONG = 10_000.0


@pytest.fixture
def camera(appliance):
    device = appliance.device()
    appliance.receive(device, [b"x"])
    watch_silence(appliance.db, appliance.now, LONG)
    return device


def events(appliance):
    return [
        (row["kind"], row["ended_at"] is not None)
        for row in appliance.rows("SELECT kind, ended_at FROM event ORDER BY id")
    ]


def hear(appliance, device):
    appliance.db.execute("UPDATE device SET last_seen_at = ? WHERE id = ?", (utc_text(appliance.now), device))


def test_a_camera_that_speaks_for_the_first_time_is_no_event(appliance, camera):
    assert events(appliance) == [] and appliance.rows("SELECT online FROM device") == [{"online": 1}]


def test_silence_of_three_intervals_is_told_once(appliance, camera):
    appliance.pass_time(seconds=89)
    assert watch_silence(appliance.db, appliance.now, LONG) == 0
    appliance.pass_time(seconds=5)
    assert watch_silence(appliance.db, appliance.now, LONG) == 1
    assert watch_silence(appliance.db, appliance.pass_time(hours=5), LONG) == 0
    assert events(appliance) == [("camera_offline", False)]


def test_a_camera_that_is_back_ends_its_silence(appliance, camera):
    watch_silence(appliance.db, appliance.pass_time(minutes=5), LONG)
    appliance.pass_time(minutes=5)
    hear(appliance, camera)
    assert watch_silence(appliance.db, appliance.now, LONG) == 1
    assert events(appliance) == [("camera_offline", True), ("camera_online", True)]
    assert watch_silence(appliance.db, appliance.now, LONG) == 0


def test_a_machine_that_was_off_accuses_no_camera(appliance, camera):
    appliance.pass_time(days=1)
    assert watch_silence(appliance.db, appliance.now, 60.0) == 0
    assert watch_silence(appliance.db, appliance.now, 95.0) == 1


def test_a_disabled_camera_is_not_missed(appliance, camera):
    appliance.db.execute("UPDATE device SET enabled = 0")
    assert watch_silence(appliance.db, appliance.pass_time(hours=1), LONG) == 0


def test_a_clock_that_is_set_right_accuses_no_camera(appliance, camera):
    """A board without a battery starts years ago; when it learns the time everybody was heard years ago."""
    listening = Watching()
    for running_s, much in ((100.0, {}), (105.0, {"seconds": 5}), (110.0, {"days": 2000})):
        now = appliance.pass_time(**much)
        assert watch_silence(appliance.db, now, listening.listened_s(now, running_s)) == 0
    now = appliance.pass_time(seconds=95)
    assert watch_silence(appliance.db, now, listening.listened_s(now, 205.0)) == 1  # heard by nobody since
