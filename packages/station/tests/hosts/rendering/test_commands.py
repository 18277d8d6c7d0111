"""Commands in units: what names a variable is filled in, and whatever is special to systemd stays what it was."""

import pytest

from station.fleet import load_fleet
from station.fleet.reference import SMALLEST_APP, SMALLEST_FLEET
from station.hosts.rendering import HostFiles, render

WORDS = '["notes", "${DATABASE_PATH}", "--at=${BIND}:${PORT}", "$HOME $${PORT} 5%"]'
MORE = """
[jobs.tidy]
command = ["notes", "${DATA_PATH}", "${CREDENTIALS_DIRECTORY}/key"]
every_s = 60
[deploy]
migrate = "migrate"
[commands]
migrate = ["notes", "migrate", "${DATABASE_PATH}"]
"""


@pytest.fixture
def files(tmp_path) -> HostFiles:
    (tmp_path / "notes").mkdir()
    app = SMALLEST_APP.replace('["notes", "serve"]', WORDS).replace("port = 8100\n", "port = 8100\nsocket = true\n")
    dev = '[team]\nmembers = ["ann"]\n[apps.notes.dev]\nuser = "ann"\nport = 5100\n'
    (tmp_path / "fleet.toml").write_text(SMALLEST_FLEET.replace('folder = "hosts/', 'address = "') + dev)
    (tmp_path / "notes" / "app.toml").write_text(app + MORE)
    fleet = load_fleet(tmp_path / "fleet.toml")
    return render(fleet, fleet.hosts["pi1"])


def start_of(files: HostFiles, name: str) -> str:
    lines = files.files[f"/etc/systemd/system/{name}.service"].text.splitlines()
    return next(line.removeprefix("ExecStart=") for line in lines if line.startswith("ExecStart="))


@pytest.mark.parametrize(("unit", "link"), [("notes-web", "current"), ("notes-web-next", "next")])
def test_a_process_is_told_in_its_words(files: HostFiles, unit: str, link: str) -> None:
    assert start_of(files, unit) == (
        f'/opt/venvs/notes/{link}/bin/notes /var/lib/notes/notes.db --at=127.0.0.1:8100 "$$HOME $${{PORT}} 5%%"'
    )


def test_a_migration_and_a_job_are_told_too(files: HostFiles) -> None:
    assert start_of(files, "notes-migrate") == "/opt/venvs/notes/next/bin/notes migrate /var/lib/notes/notes.db"
    job = "/opt/venvs/notes/current/bin/notes /var/lib/notes /run/credentials/notes-tidy.service/key"
    assert start_of(files, "notes-tidy") == job


def test_a_developers_instance_is_told_its_own(files: HostFiles) -> None:
    (unit,) = [file.text for path, file in files.files.items() if path.startswith("/etc/systemd/user/")]
    start = next(line for line in unit.splitlines() if line.startswith("ExecStart="))
    assert "/home/ann/dev/notes/.data/dev.db --at=127.0.0.1:5100" in start
