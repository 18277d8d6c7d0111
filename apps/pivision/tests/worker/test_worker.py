"""Pictures in, events out: once each, whatever ends the worker, and nothing of what nobody did is kept."""

import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import replace

import pytest

from pivision.config import Config, Tuning
from pivision.devices import configs
from pivision.devices.audit import By
from pivision.errors import PiVisionError
from pivision.pictures import fsck, retention
from pivision.settings import Settings
from pivision.worker import loop


def events(appliance):
    return [
        (row["kind"], row["slot"], row["started_at"], row["ended_at"])
        for row in appliance.rows("SELECT * FROM event ORDER BY id")
    ]


def kinds(appliance):
    return [kind for kind, *_ in events(appliance)]


@pytest.fixture
def whole(appliance, stand, scene, look_at_all):
    """The events of the scene, looked at in one go."""
    scene.receive(appliance, stand)
    look_at_all()
    return events(appliance)


def test_a_visit_and_what_was_taken_become_events_with_pictures(appliance, stand, whole):
    assert "interaction_detected" in kinds(appliance) and "stock_changed" in kinds(appliance)
    roles = {
        (row["kind"], row["role"])
        for row in appliance.rows("SELECT kind, role FROM event JOIN event_picture ON event_id = event.id")
    }
    assert ("interaction_detected", "during") in roles
    assert {("stock_changed", "pre"), ("stock_changed", "post")} <= roles
    assert appliance.rows("SELECT count(*) AS n FROM job") == [{"n": 0}]
    assert appliance.rows("SELECT DISTINCT status FROM capture") == [{"status": "processed"}]
    assert fsck.look(appliance.db, appliance.folder, appliance.now).is_clean


def test_an_events_picture_is_what_the_camera_sent_byte_by_byte(appliance, scene, whole):
    for row in appliance.rows("SELECT path, capture_id FROM event_picture"):
        sent = scene.jpegs[row["capture_id"] - 1]
        assert appliance.folder.file(row["path"]).read_bytes() == sent


def test_an_events_pictures_are_known_to_be_on_the_host_that_wrote_them(appliance, stand, scene, look_at_all):
    appliance.folder = replace(appliance.folder, host="pi2")
    scene.receive(appliance, stand)
    look_at_all()
    assert appliance.rows("SELECT DISTINCT host FROM event_picture") == [{"host": "pi2"}]


def test_a_visit_asks_the_camera_for_more(appliance, whole):
    [row] = appliance.rows("SELECT burst_until FROM device")
    assert row["burst_until"] is not None


def test_what_waits_is_looked_at_before_it_stops(appliance, stand, scene, make_worker):
    scene.receive(appliance, stand)
    worker = make_worker()
    worker._stop.set()
    worker.run()
    assert appliance.rows("SELECT count(*) AS n FROM job") == [{"n": 0}]


@pytest.mark.slow
@pytest.mark.parametrize("step", [7, 23])
def test_workers_that_are_killed_all_the_time_write_the_same_events(appliance, stand, scene, make_worker, step):
    """A worker that is killed has written whole runs of pictures, and loses what it had in memory."""
    for begin in range(0, len(scene.jpegs), step):
        scene.receive(appliance, stand, begin, begin + step)
        worker = make_worker()
        while worker.work_once():
            pass
    interrupted = events(appliance)
    appliance.db.execute("DELETE FROM event")
    appliance.db.execute("DELETE FROM detector_state")
    appliance.db.execute("UPDATE capture SET status = 'queued'")
    appliance.db.execute(
        "INSERT INTO job (kind, device_id, capture_id, run_after, created_at)"
        " SELECT 'analyze_frame', device_id, id, received_at, received_at FROM capture ORDER BY id"
    )
    worker = make_worker()
    while worker.work_once():
        pass
    assert interrupted == events(appliance) and interrupted


def test_work_that_is_done_twice_is_told_once(appliance, stand, scene, whole, make_worker):
    """The power went after the events were written and before the disk knew that the pictures were done."""
    pictures = appliance.rows("SELECT event_id, role, capture_id FROM event_picture ORDER BY 1, 2")
    appliance.db.execute("DELETE FROM detector_state")
    appliance.db.execute("UPDATE capture SET status = 'queued'")
    appliance.db.execute(
        "INSERT INTO job (kind, device_id, capture_id, run_after, created_at)"
        " SELECT 'analyze_frame', device_id, id, received_at, received_at FROM capture ORDER BY id"
    )
    worker = make_worker()
    while worker.work_once():
        pass
    assert events(appliance) == whole
    assert appliance.rows("SELECT event_id, role, capture_id FROM event_picture ORDER BY 1, 2") == pictures


def test_after_all_was_looked_at_only_pictures_of_events_and_the_newest_frames_are_kept(appliance, whole, stand):
    retention.sweep_segments(appliance.db, appliance.folder, appliance.now, keep=frozenset())
    [row] = appliance.rows("SELECT count(*) AS n FROM segment")
    assert row["n"] <= 1  # the one whose frames the detector still compares with


def test_saving_settings_raises_nothing(appliance, stand, scene, make_worker, whole):
    before = len(events(appliance))
    worker = make_worker()
    quiet = len(scene.jpegs) - 12
    for number in range(4):
        tuning = Tuning(interaction_threshold=0.2 + number / 20)
        by = By("test", appliance.now)
        configs.put(appliance.db, stand, Config(tuning=tuning, regions=scene.regions), by, expected=number + 1)
        scene.receive(appliance, stand, quiet + 3 * number, quiet + 3 * number + 3)
        while worker.work_once():
            pass
    assert len(events(appliance)) == before


def test_a_picture_that_is_none_is_set_aside_and_those_after_it_are_looked_at(appliance, stand, scene, look_at_all):
    appliance.receive(stand, [scene.jpegs[0], b"\xff\xd8 no picture \xff\xd9", scene.jpegs[1]])
    look_at_all()
    assert [row["status"] for row in appliance.rows("SELECT status FROM capture ORDER BY id")] == [
        "processed", "failed", "processed",
    ]  # fmt: skip
    assert appliance.rows("SELECT count(*) AS n FROM job") == [{"n": 0}]


def test_a_picture_whose_bytes_are_gone_ends_no_worker(appliance, stand, scene, look_at_all):
    captures = scene.receive(appliance, stand, 0, 3)
    next(appliance.folder.segments.iterdir()).unlink()
    look_at_all()
    assert appliance.rows("SELECT count(*) AS n FROM capture WHERE status = 'failed'") == [{"n": len(captures)}]


def test_a_full_disk_loses_no_picture_and_no_event(appliance, stand, scene, make_worker, monkeypatch, look_at_all):
    monkeypatch.setattr(loop, "TROUBLE_S", 0.0)
    scene.receive(appliance, stand)
    appliance.folder.events.rmdir()
    appliance.folder.events.write_text("where a folder should be: nothing can be stored in it")
    worker = make_worker()
    for _ in range(40):
        worker.work_once()
    [waiting] = appliance.rows("SELECT count(*) AS n FROM job WHERE status = 'queued'")
    assert waiting["n"] > 0 and events(appliance) == []
    appliance.folder.events.unlink()
    appliance.folder.events.mkdir()
    for _ in range(60):
        appliance.pass_time(minutes=6)
        look_at_all(worker)
    assert "stock_changed" in kinds(appliance)
    assert appliance.rows("SELECT count(*) AS n FROM capture WHERE status <> 'processed'") == [{"n": 0}]


def test_cameras_take_turns(appliance, scene, make_worker):
    for name in ("a", "b"):
        device = appliance.device(name)
        scene.receive(appliance, device, 0, 40)
    worker = make_worker()
    worker.work_once()
    worker.work_once()
    done = appliance.rows("SELECT device_id, count(*) AS n FROM capture WHERE status = 'processed' GROUP BY 1")
    assert [row["n"] for row in done] == [loop.MOST_AT_ONCE] * 2


def test_there_is_one_worker(appliance):
    held = loop._only_one(appliance.folder)
    try:
        with pytest.raises(PiVisionError, match="another one works"):
            loop.work(Settings(appliance.path, appliance.folder.root), {}, None)
    finally:
        held.close()


@pytest.mark.slow
def test_a_worker_that_is_killed_is_followed_by_one_that_goes_on(appliance, stand, scene):
    """Real processes, kill -9 in the middle of their work; the last one is asked to end, and ends well."""
    scene.receive(appliance, stand)
    for share in (0.2, 0.5, 0.8):
        with a_process(appliance) as process:
            until(lambda share=share: seen(appliance) >= share * len(scene.jpegs))
            process.kill()
        appliance.db.execute("UPDATE job SET kills = 0")  # nobody kills a worker thrice with the same picture
    with a_process(appliance) as process:
        until(lambda: seen(appliance) == len(scene.jpegs))
        process.terminate()
        assert process.wait(60) == 0
    assert "stock_changed" in kinds(appliance) and len(set(events(appliance))) == len(events(appliance))
    assert appliance.rows("SELECT capture_id FROM detector_state") == [{"capture_id": len(scene.jpegs)}]


def seen(appliance):
    return appliance.rows("SELECT count(*) AS n FROM capture WHERE status = 'processed'")[0]["n"]


@contextmanager
def a_process(appliance):
    environ = {"DATABASE_PATH": str(appliance.path), "DATA_PATH": str(appliance.folder.root), "PATH": "/usr/bin:/bin"}
    process = subprocess.Popen([sys.executable, "-m", "backend.worker"], env=environ, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until(is_so):
    deadline = time.monotonic() + 100
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)
