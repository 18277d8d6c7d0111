"""The client and the real server: every picture arrives, once, in its order, whatever was away meanwhile."""

import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pivision.config import Cadence, Config
from pivision.devices import access, configs, registry
from pivision.devices.audit import By
from pivision.moments import moment_of
from pivision.testing.live import make_live
from pivision.testing.pictures import picture

WAIT_S = 60.0


@pytest.fixture
def live(tmp_path):
    return make_live(tmp_path)


@pytest.fixture
def camera(live, tmp_path):
    """Starts `pivision-camera` on a folder of three pictures, sending every 100 ms."""
    folder = tmp_path / "camera"
    (folder / "pictures").mkdir(parents=True)
    for number in range(3):
        (folder / "pictures" / f"{number}.jpg").write_bytes(picture(number))
    config = folder / "camera.toml"
    config.write_text(
        f'server = "http://127.0.0.1:{live.port}"\ndevice = "gate"\nsource = "folder:{folder}/pictures"\n'
        f'state = "{folder}/state"\nlook_fps = 0\n'
    )
    (folder / "state").mkdir()
    (folder / "state" / "key").write_text(live.keys["gate"])
    want(live, capture_interval_ms=100)
    return [sys.executable, "-m", "pivision.camera.cli", "--config", str(config)]


def want(live, **cadence):
    with live.db() as db:
        device = registry.device(db, "gate").id
        before = configs.in_force(db, device).version
        by = By("test", moment_of("2026-11-20T12:00:00.000Z"))
        configs.put(db, device, Config(cadence=Cadence(config_poll_interval_ms=1000, **cadence)), by, expected=before)


@contextmanager
def running(camera, end=signal.SIGTERM):
    process = subprocess.Popen([*camera, "run"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.send_signal(end)
        process.wait(30)


def arrived(live):
    return live.rows("SELECT boot_id, seq FROM capture ORDER BY id")


def until(what, *, at_least=1):
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        if (found := what()) and len(found) >= at_least:
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {WAIT_S:g} s: {what()}")


def waiting(camera):
    folder = camera[-1].rpartition("/")[0]
    return sorted(Path(folder, "state", "spool").glob("*.pic"))


def test_pictures_arrive_in_order_and_their_numbers_rise_over_a_kill(live, camera):
    with live.running():
        with running(camera, signal.SIGKILL):
            before = until(lambda: arrived(live), at_least=5)
        with running(camera):
            until(lambda: arrived(live), at_least=len(before) + 5)
    found = arrived(live)
    assert len({life for life, _ in found}) == 1
    assert [seq for _, seq in found] == sorted({seq for _, seq in found})


@pytest.mark.slow
def test_what_was_taken_while_nobody_answered_arrives_later(live, camera):
    with live.running(), running(camera):
        until(lambda: arrived(live), at_least=2)
    with running(camera):
        with live.running():
            until(lambda: arrived(live), at_least=4)
        kept = until(lambda: waiting(camera), at_least=3)
        offline = {int(file.name.split("-")[0]) for file in kept}
        with live.running():
            until(lambda: [1] if not set(kept) & set(waiting(camera)) else [])
            until(lambda: [1] if offline <= {seq for _, seq in arrived(live)} else [])
    seqs = [seq for _, seq in arrived(live)]
    assert seqs == sorted(set(seqs))


def test_enrolling_takes_a_code_once(live, camera):
    with live.db() as db:
        by = By("test", datetime.now(UTC))
        code = access.make_code(db, "gate", by).reveal()
    with live.running():
        done = subprocess.run([*camera, "enroll", code], capture_output=True, text=True, timeout=60, check=False)
        again = subprocess.run([*camera, "enroll", code], capture_output=True, text=True, timeout=60, check=False)
        look = subprocess.run([*camera, "look"], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0 and "gate is enrolled" in done.stdout
    assert again.returncode == 1 and "Not enrolled" in again.stderr
    assert look.returncode == 0 and "knows gate" in look.stdout


def test_a_camera_that_has_to_sign_does_and_one_that_does_not_is_refused(live, camera):
    with live.db() as db:
        registry.require_signatures(db, "gate", By("test", datetime.now(UTC)), wanted=True)
    with live.running():
        unsigned = subprocess.run([*camera, "look"], capture_output=True, text=True, timeout=60, check=False)
        signed = subprocess.run([*camera, "--sign", "look"], capture_output=True, text=True, timeout=60, check=False)
        with running([*camera, "--sign"]):
            until(lambda: arrived(live), at_least=3)
    assert unsigned.returncode == 1 and "Only signed requests" in unsigned.stderr
    assert signed.returncode == 0 and "knows gate" in signed.stdout


def test_a_file_of_settings_that_says_too_little_is_named(tmp_path):
    config = tmp_path / "camera.toml"
    config.write_text('server = "http://h"\nstate = "/s"\n')
    command = [sys.executable, "-m", "pivision.camera.cli", "--config", str(config), "run"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2 and "does not say device and source" in ended.stderr
