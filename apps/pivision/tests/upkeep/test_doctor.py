"""`pivision doctor`: whatever is not in place is named, with what to do, each by its own check."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

import pytest

from pivision import pulse
from pivision.datafolder import DataFolder
from pivision.moments import utc_text
from pivision.settings import Settings
from pivision.testing.live import Live, make_live
from pivision.testing.pictures import picture
from pivision.upkeep import doctor
from pivision.upkeep.doctor import Seen, State
from pivision.worker.loop import work

Look = Callable[[], dict[str, Seen]]


@pytest.fixture
def live(tmp_path: Path) -> Live:
    made = make_live(tmp_path)
    (tmp_path / "credentials" / "first_admin_password").write_text("long enough to sign in")
    return made


@pytest.fixture
def look(live: Live) -> Look:
    return lambda: {each.check: each for each in doctor.examine(live.environ, datetime.now(UTC))}


def failed(seen: dict[str, Seen]) -> set[str]:
    return {name for name, each in seen.items() if each.state is State.FAILED}


def test_an_appliance_that_works_has_nothing_failed(live: Live, look: Look) -> None:
    stop = Event()
    settings = Settings.from_env(live.environ, pages=False)
    with live.running():
        live.send(picture(1), 1)
        worker = Thread(target=work, args=(settings, {}, stop))
        worker.start()
        try:
            while not pulse.last(DataFolder(live.folder), "worker") or live.rows("SELECT 1 FROM job"):
                stop.wait(0.02)
            seen = look()
        finally:
            stop.set()
            worker.join()
    assert failed(seen) == set()
    assert seen["camera gate"].state is State.OK and "pictures" in seen["worker"].text


def test_what_is_not_there_is_named_with_what_to_do(live: Live, look: Look) -> None:
    seen = look()
    assert {"server", "worker", "people"} <= failed(seen)
    assert "systemctl start pivision-server" in seen["server"].to_do
    assert "systemctl start pivision-worker" in seen["worker"].to_do
    assert "pivision users add" in seen["people"].to_do


def test_whoever_else_has_the_port_is_named(live: Live, look: Look) -> None:
    with closing(socket.create_server(("127.0.0.1", live.port))) as other:

        def hang_up() -> None:
            other.accept()[0].close()

        hanging_up = Thread(target=hang_up)
        hanging_up.start()
        seen = look()
        hanging_up.join()
    assert f"process {os.getpid()}" in seen["server"].text and "not PiVision" in seen["server"].text


def test_all_missing_settings_are_told_without_a_database() -> None:
    [settings, opencv] = doctor.examine({}, datetime.now(UTC))
    assert settings.state is State.FAILED and "DATABASE_PATH" in settings.text + settings.to_do
    assert opencv.state is State.OK


def test_in_a_shell_without_the_units_secrets_nothing_is_wrong_with_them(live: Live) -> None:
    environ = {name: value for name, value in live.environ.items() if name != "CREDENTIALS_DIRECTORY"}
    assert doctor.examine(environ, datetime.now(UTC))[0].state is State.NOTE
    (live.folder / "credentials" / "secret_key").unlink()
    assert doctor.examine(live.environ, datetime.now(UTC))[0].state is State.FAILED


def test_mail_that_cannot_be_sent_is_told(live: Live) -> None:
    told = {"NOTICE_SMTP": "mail.example", "NOTICE_MAIL_FROM": "pi", "NOTICE_SMTP_SECURITY": "ssl"}
    said = [each.text for each in doctor.examine(live.environ | told, datetime.now(UTC)) if each.check == "mail"]
    assert len(said) == 2 and "none of starttls" in said[0] and "'pi' of the notices' mail" in said[1]
    with live.db() as db:
        db.execute("INSERT INTO subscriber (kind, name, body, created_at) VALUES ('mail', 'a', '{}', '')")
    [said] = [each.text for each in doctor.examine(live.environ, datetime.now(UTC)) if each.check == "mail"]
    assert "no NOTICE_SMTP" in said


def test_a_silent_camera_a_dead_picture_and_a_late_retention_are_told(live: Live, look: Look) -> None:
    long_ago = utc_text(datetime.now(UTC) - timedelta(days=2))
    with live.db() as db:
        db.execute("UPDATE device SET last_seen_at = ?", (long_ago,))
        db.execute("INSERT INTO health (name, last_success) VALUES ('retention', ?)", (long_ago,))
        db.execute(
            "INSERT INTO health (name, last_error_at, last_error) VALUES ('telling', ?, 'OSError: no room')",
            (long_ago,),
        )
        db.execute(
            "INSERT INTO capture (device_id, seq, received_at, width, height, bytes, sha256)"
            " VALUES (1, 1, ?, 1, 1, 1, x'00')",
            (long_ago,),
        )
        db.execute(
            "INSERT INTO job (kind, device_id, capture_id, status, run_after, created_at, last_error)"
            " VALUES ('analyze_frame', 1, 1, 'dead', ?1, ?1, 'it broke')",
            (long_ago,),
        )
    seen = look()
    assert {"camera gate", "retention", "telling", "pictures"} <= failed(seen)
    assert "2 days" in seen["camera gate"].text and "it broke" in seen["pictures"].text
    assert "no room" in seen["telling"].text


def test_a_disk_below_the_floor_is_told(live: Live, look: Look) -> None:
    with live.db() as db:
        db.execute("UPDATE setting SET value = ? WHERE name = 'ingest'", (json.dumps({"free_bytes": 2**60}),))
    assert "disk" in failed(look())


def test_a_data_folder_that_is_away_is_told(live: Live, look: Look) -> None:
    live.extra = {"DATA_PATH": str(live.folder / "mount" / "gone")}
    assert "folders" in failed(look())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_to_is_told(live: Live, look: Look) -> None:
    (live.folder / "events").mkdir()
    (live.folder / "events").chmod(0o500)
    assert "folders" in failed(look())


def test_the_command_ends_with_1_and_prints_one_object(live: Live) -> None:
    command = [sys.executable, "-m", "pivision.cli", "doctor"]
    ended = subprocess.run([*command, "--json"], env=live.environ, capture_output=True, text=True, check=False)
    told = json.loads(ended.stdout)
    assert (ended.returncode, told["well"]) == (1, False)
    assert {each["state"] for each in told["checks"]} <= {"ok", "note", "failed"}
    plain = subprocess.run(command, env=live.environ, capture_output=True, text=True, check=False)
    assert plain.returncode == 1 and "FAILED  worker" in plain.stdout and plain.stdout.endswith("failed.\n")
