"""Filling an empty host: all or nothing, whatever is killed; secrets made once and the same everywhere."""

import stat
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from station.errors import StationError
from station.fleet import App, Database, Health, Host, Points, Process
from station.hosts.first_run import first_run, needs_first_run
from station.hosts.secrets import ensure_secrets, read_secret
from station.hosts.units import Programs

FILL = """
import os, pathlib, sqlite3, sys, time
db = sqlite3.connect(os.environ["DATABASE_PATH"])
db.execute("PRAGMA journal_mode=WAL")
db.execute("CREATE TABLE entries (what)")
db.execute("INSERT INTO entries VALUES ('first')")
db.commit()
pathlib.Path(os.environ["DATA_PATH"], "files").mkdir()
pathlib.Path(os.environ["DATA_PATH"], "files", "one.txt").write_text("one")
print("half way", flush=True)
time.sleep(float(sys.argv[1]))
db.close()
raise SystemExit(int(sys.argv[2]))
"""


@pytest.fixture
def host(tmp_path):
    return Host("one", tmp_path / "one")


@pytest.fixture
def programs(tmp_path):
    return Programs(tmp_path, "/usr/bin:/bin", {})


def app(pause_s=0.0, code=0):
    web = Process("web", ("serve",), 8000, Health("/health", 200, 10))
    return App(
        name="counter",
        title="Counter",
        bind="127.0.0.1",
        primary="one",
        standby=(),
        stores=("disk",),
        points=Points(1),
        first_run=(sys.executable, "-c", FILL, str(pause_s), str(code)),
        processes={"web": web},
        databases={"main": Database("main", "counter.db", "DATABASE_PATH")},
        secrets={},
        commands={},
    )


def test_an_empty_host_is_filled_and_told_about(host, programs):
    told = []
    assert needs_first_run(app(), host)
    first_run(app(), host, programs, told.append)
    assert told == ["  half way"]
    assert sorted(path.name for path in host.paths.data("counter").iterdir()) == ["counter.db", "files"]
    assert not needs_first_run(app(), host)


def test_a_failing_command_leaves_nothing_in_place(host, programs):
    with pytest.raises(StationError, match=r"(?s)exit code 7.*half way"):
        first_run(app(code=7), host, programs, lambda text: None)
    assert needs_first_run(app(), host)


KILLED = """
import sys
sys.path.insert(0, sys.argv[1])
import test_first_run as tests
from pathlib import Path
from station.fleet import Host
from station.hosts.units import Programs
tests.first_run(tests.app(pause_s=60), Host("one", Path(sys.argv[2])), Programs(Path("."), "/bin", {}), print)
"""


def test_a_run_that_was_killed_begins_again_from_scratch(host, programs, tmp_path):
    command = [sys.executable, "-u", "-c", KILLED, __file__.rpartition("/")[0], str(host.folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as killed:
        assert "half way" in killed.stdout.readline()
        killed.kill()
    assert needs_first_run(app(), host)
    time.sleep(0.2)  # its child ends with it
    first_run(app(), host, programs, lambda text: None)
    assert not needs_first_run(app(), host)
    assert [path.name for path in host.paths.data("counter").parent.iterdir()] == ["counter"]


def test_secrets_are_made_once_and_are_the_same_on_all_hosts(tmp_path):
    folders = [tmp_path / "one", tmp_path / "two"]
    ensure_secrets(folders, {"secret_key": "generate"})
    first = read_secret(folders[0], "secret_key")
    ensure_secrets([*folders, tmp_path / "three"], {"secret_key": "generate"})
    assert len(first) >= 20
    assert {read_secret(tmp_path / name, "secret_key") for name in ("one", "two", "three")} == {first}


def test_secrets_are_for_their_user_alone(tmp_path):
    ensure_secrets([tmp_path / "one"], {"secret_key": "generate"})
    assert stat.S_IMODE((tmp_path / "one").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "one" / "secret_key").stat().st_mode) == 0o600


def test_a_full_disk_is_told_without_the_commands_traceback(host, programs):
    fill = "import os; print('half way'); open('/dev/full', 'wb', buffering=0).write(b'x')"
    full = replace(app(), first_run=(sys.executable, "-c", fill))
    told: list[str] = []
    with pytest.raises(StationError) as failed:
        first_run(full, host, programs, told.append)
    assert told == ["  half way"]
    assert failed.value.message == "The first run of counter failed: the disk is full"
    assert "Make room" in failed.value.hint
    assert "Traceback" in (host.paths.log("counter-first-run")).read_text()  # it is still there to be read
    assert list(host.paths.data("counter").parent.iterdir()) == []  # what was half written takes no room
