"""The app of the README is hosted as it stands there; broken in one place, `assert_hostable` says where."""

import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from station_kit.testing import AppDidNotStart, assert_hostable, free_port, running, running_app, temporary_database

README = Path(__file__).parents[1] / "README.md"
FILE = re.compile(r"`([\w/.]+)`[^`]*\n\n```\w+\n(.*?)```", re.DOTALL)


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """The README's app in a folder of its own."""
    root = tmp_path / "app"
    for name, text in FILE.findall(README.read_text(encoding="utf-8")):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    assert {path.name for path in root.rglob("*.*")} == {
        "app.toml", "001_notes.sql", "newest_first.sql", "__main__.py", "test_notes.py",
    }  # fmt: skip
    return root


@pytest.fixture
def trial(tmp_path: Path) -> Path:
    return tmp_path / "trial"


def host(app: Path, trial: Path) -> None:
    assert_hostable(app / "app.toml", trial, extra={"PYTHONPATH": str(app)})


def change(app: Path, old: str, new: str, file: str = "notes/__main__.py") -> None:
    text = (app / file).read_text(encoding="utf-8")
    assert old in text
    (app / file).write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_app_of_the_readme_passes_its_own_test(app: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--basetemp", str(tmp_path / "inner")]
    environ = os.environ | {"PYTHONPATH": str(app)}
    done = subprocess.run(command, cwd=app, env=environ, capture_output=True, text=True, check=False, timeout=60)
    assert "2 passed" in done.stdout, done.stdout + done.stderr


def test_the_app_of_the_readme_keeps_what_it_is_given(app: Path, tmp_path: Path) -> None:
    database, port = tmp_path / "notes.db", free_port()
    environ = {"DATABASE_PATH": str(database), "PORT": str(port), "PYTHONPATH": str(app), "PATH": os.environ["PATH"]}
    with running_app([sys.executable, "-m", "notes"], environ, tmp_path) as notes:
        with urlopen(Request(notes.url, data=b"milk", method="POST")) as answer:
            assert answer.status == 201
        assert notes.get("/") == (200, b'["milk"]')
        assert b'"schema 1, 1 tables"' in notes.get("/health")[1]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("(TOLD.bind,", '("0.0.0.0",', "must listen on BIND only"),
        ("TOLD = environment", 'open("log.txt", "w").close()\n    TOLD = environment', r"wrote log\.txt into its work"),
        ("read(os.environ)", 'read({"DATABASE_PATH": "x.db"} | os.environ)', "it must refuse to start"),
        ("import json", "import json, signal; signal.signal(15, signal.SIG_IGN)", "still runs .* after SIGTERM"),
        ("import json", "import json, signal; signal.signal(15, lambda *_: os._exit(3))", "ended with status 3 after"),
        ('sys.exit(f"error: {why}")', "sys.exit(0)", "ended with status 0: it must say that it failed"),
        ("TOLD = environment", "print(environment.credential('key', os.environ).reveal(), flush=True)\n"
         "    TOLD = environment", "printed a secret"),
    ],
)  # fmt: skip
def test_a_broken_promise_is_named(
    app: Path, trial: Path, old: str, new: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "STOP_S", 1.0)
    monkeypatch.setattr("station_kit.testing.hostable.STOP_S", 1.0)
    change(app, old, new)
    change(app, 'name = "notes"', 'name = "notes"\nsecrets = {key = "generate"}', "app.toml")
    with pytest.raises(AssertionError, match=message):
        host(app, trial)


def test_a_database_that_is_not_where_the_host_said_is_named(app: Path, trial: Path) -> None:
    change(app, "read(os.environ)", 'read(os.environ | {"DATABASE_PATH": os.environ["DATABASE_PATH"] + "x"})')
    change(app, "TOLD = ", 'os.environ["DATABASE_PATH"]\n    TOLD = ')
    with pytest.raises(AssertionError, match="There is no database at DATABASE_PATH"):
        host(app, trial)


def test_an_app_that_ends_at_once_shows_its_last_lines(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import sys; sys.exit('no milk today')"]
    with pytest.raises(AppDidNotStart, match=r"ended with status 1:\n    no milk today"):
        running_app(command, {"PORT": str(free_port())}, tmp_path).__enter__()


def test_an_app_that_never_gets_healthy_is_ended(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    code = f"import os, time; open({str(pid)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    with pytest.raises(AppDidNotStart, match="Not healthy within 1 s, nobody answered"):
        running_app([sys.executable, "-c", code], {"PORT": str(free_port())}, tmp_path, within_s=1).__enter__()
    assert not Path(f"/proc/{pid.read_text()}").exists()


def test_a_temporary_database_is_gone_afterwards() -> None:
    with temporary_database() as (path, db):
        db.execute("CREATE TABLE t (x)")
        with closing(sqlite3.connect(path)) as other:
            assert other.execute("SELECT count(*) FROM t").fetchone() == (0,)
    assert not path.parent.exists()


def test_the_kit_needs_the_standard_library_only() -> None:
    code = (
        "import sys, pkgutil, station_kit\n"
        "for module in pkgutil.walk_packages(station_kit.__path__, 'station_kit.'): __import__(module.name)\n"
        "own = {name.partition('.')[0] for name in sys.modules}\n"
        "print(sorted(own - set(sys.stdlib_module_names) - {'station_kit', '__main__'}))"
    )
    source = README.parent / "src"
    done = subprocess.run([sys.executable, "-S", "-c", code], env={"PYTHONPATH": str(source)}, capture_output=True,
                          text=True, check=True)  # fmt: skip
    assert done.stdout == "[]\n"


ITS_OWN = "ThreadingHTTPServer((TOLD.bind, TOLD.port or 8100), Notes).serve_forever()"
HANDED = """
import threading
from station_kit import serving

for each in serving.listeners(os.environ):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Notes, bind_and_activate=False)
    server.socket.close()
    server.socket = each.socket
    threading.Thread(target=server.serve_forever).start()
serving.ready(os.environ)
"""


@pytest.fixture
def socket_app(app: Path) -> Path:
    """The README's app, which serves on the sockets that it is handed and says when."""
    change(app, ITS_OWN, HANDED)
    change(app, "port = 8100", "port = 8100\nsocket = true\nnotify = true", "app.toml")
    return app


def test_an_app_that_takes_its_sockets_is_hostable(socket_app: Path, trial: Path) -> None:
    host(socket_app, trial)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (HANDED, ITS_OWN + "\nimport os", "did not say READY=1 within 3 s"),
        ("listeners(os.environ)", "listeners(os.environ)[:1]", "does not serve on http.*, a socket that it was handed"),
        ("listeners(os.environ)", "listeners({'PORT': str(TOLD.port)})", "did not say READY=1(.|\n)*Address already"),
        ("serving.ready(os.environ)", "", "did not say READY=1 within 3 s"),
    ],
)
def test_a_broken_promise_about_sockets_is_named(
    socket_app: Path, trial: Path, old: str, new: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("station_kit.testing.running._REQUEST_S", 0.5)
    change(socket_app, old, new)
    limit_s = 3 if "within 3 s" in message else 30
    change(socket_app, 'path = "/health"', f'path = "/health"\nwithin_s = {limit_s}', "app.toml")
    with pytest.raises(AssertionError, match=message):
        host(socket_app, trial)
