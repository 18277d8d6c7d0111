"""What a new user does, from a fresh clone: up, look around, fail over and back, restore, Ctrl-C."""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

ROOT = Path(__file__).parents[1]
PATIENCE_S = 240

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@dataclass(frozen=True)
class Fleet:
    """A running `./station up` in a clone of its own."""

    clone: Path
    process: subprocess.Popen[str]
    said: list[str]
    app: str
    page: str

    def station(self, *words: str) -> subprocess.CompletedProcess[str]:
        """The command as typed in a second terminal."""
        command = [self.clone / "station", *words]
        return subprocess.run(command, cwd=self.clone, capture_output=True, text=True, check=False, timeout=120)

    def answer(self, *words: str) -> dict[str, object]:
        done = self.station(*words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)  # type: ignore[no-any-return]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(clone: Path, app_port: int, page_port: int) -> subprocess.Popen[str]:
    ports = ["--port", f"bookedbiz.web={app_port}", "--port", f"control={page_port}"]
    return subprocess.Popen(
        [clone / "station", "up", *ports], cwd=clone, stdout=subprocess.PIPE, text=True, start_new_session=True
    )


def three_lines(process: subprocess.Popen[str]) -> list[str]:
    assert process.stdout is not None
    return [process.stdout.readline() for _ in range(3)]


def end(process: subprocess.Popen[str]) -> int:
    """Ctrl-C, as a terminal sends it."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)
    if process.stdout is not None:
        process.stdout.close()
    return process.wait(60)


def processes_of(folder: Path) -> list[str]:
    lines = []
    for process in psutil.process_iter(["cmdline"]):
        line = " ".join(process.info["cmdline"] or [])
        if str(folder) in line and process.pid != os.getpid():
            lines.append(line)
    return lines


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("empty") / "control-station"
    subprocess.run(["git", "clone", "-q", ROOT, folder], check=True)
    return folder


@pytest.fixture(scope="module")
def fleet(clone: Path) -> Iterator[Fleet]:
    app_port, page_port = free_port(), free_port()
    process = start(clone, app_port, page_port)
    try:
        said = three_lines(process)
        yield Fleet(clone, process, said, f"http://127.0.0.1:{app_port}", f"http://127.0.0.1:{page_port}")
    finally:
        end(process)


def until_ready(fleet: Fleet) -> dict[str, object]:
    """The status, once a failover would lose next to nothing."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        done = fleet.station("status", "--readiness", "--json")
        if done.returncode == 0:
            return json.loads(done.stdout)  # type: ignore[no-any-return]
        time.sleep(1)
    raise AssertionError(done.stdout + done.stderr)


def count_points(fleet: Fleet) -> int:
    total = fleet.answer("db", "list-points")["total"]
    assert isinstance(total, int)
    return total


def test_one_command_says_in_three_lines_what_runs_where(fleet: Fleet) -> None:
    assert [line.split(" run")[0].split(":")[0] for line in fleet.said] == [
        "BookedBiz",
        "Control Station",
        "Restore points",
    ]
    assert fleet.app in fleet.said[0]
    assert fleet.page in fleet.said[1]


def test_the_app_sends_its_visitor_to_the_reports_and_those_to_the_sign_in(fleet: Fleet) -> None:
    first = httpx.get(f"{fleet.app}/")
    assert (first.status_code, first.headers["location"]) == (302, "/reports/")
    assert httpx.get(f"{fleet.app}/reports/").status_code == 302
    assert httpx.get(f"{fleet.app}/health").json()["status"] == "ok"


def test_the_name_and_password_of_the_sign_in_file_open_the_reports(fleet: Fleet) -> None:
    text = (fleet.clone / ".station/demo/sign-in.txt").read_text()
    name, password = re.findall(r"name\s+(\S+)\s+password\s+(\S+)", text)[0]
    with httpx.Client(base_url=fleet.app, follow_redirects=True) as browser:
        form = browser.get("/reports/")
        token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', form.text)[0]
        answer = browser.post(form.url, data={"email": name, "password": password, "csrf_token": token})
        assert answer.url.path == "/reports/", answer.text
        assert "Sign out" in answer.text


def test_restore_points_appear_while_it_is_written_to(fleet: Fleet) -> None:
    before = count_points(fleet)
    deadline = time.monotonic() + PATIENCE_S
    while count_points(fleet) < before + 2:
        assert time.monotonic() < deadline
        time.sleep(1)


def test_a_failover_and_a_failback_lose_no_row(fleet: Fleet) -> None:
    until_ready(fleet)
    there = fleet.station("failover", "bookedbiz", "--yes", "--json")
    assert there.returncode == 0, there.stderr
    assert httpx.get(f"{fleet.app}/health").json()["host"] == "pi2"
    until_ready(fleet)
    back = fleet.station("failback", "bookedbiz", "--yes", "--json")
    assert back.returncode == 0, back.stderr
    assert httpx.get(f"{fleet.app}/health").json()["host"] == "pi-ctv"
    ledger = fleet.clone / ".station/demo/pi-ctv/var/lib/bookedbiz/bookedbiz.db"
    db = sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)
    try:
        batches = [row[0] for row in db.execute("SELECT id FROM batch ORDER BY id")]
        assert batches == list(range(1, len(batches) + 1))
        assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    finally:
        db.close()


def test_a_moment_is_restored_to_a_file_beside_the_live_database(fleet: Fleet, tmp_path: Path) -> None:
    target = tmp_path / "then.db"
    done = fleet.station("db", "restore", "--at", "5s ago", "--to", str(target))
    assert done.returncode == 0, done.stderr
    db = sqlite3.connect(target)
    try:
        assert db.execute("SELECT count(*) FROM spot").fetchone()[0] > 20_000
    finally:
        db.close()


def test_ctrl_c_ends_everything_and_a_second_start_finds_its_state(fleet: Fleet) -> None:
    points = count_points(fleet)
    assert end(fleet.process) == 130
    assert processes_of(fleet.clone) == []
    again = start(fleet.clone, int(fleet.app.rsplit(":", 1)[1]), int(fleet.page.rsplit(":", 1)[1]))
    try:
        three_lines(again)
        assert count_points(fleet) >= points
        assert fleet.answer("status")["apps"]
    finally:
        end(again)


def test_a_taken_port_is_named_with_its_owner_and_the_way_round_it(clone: Path) -> None:
    with socket.socket() as owner:
        owner.bind(("127.0.0.1", 0))
        owner.listen()
        process = subprocess.run(
            [clone / "station", "up", "--port", f"bookedbiz.web={owner.getsockname()[1]}"],
            cwd=clone,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_S,
        )
    assert process.returncode == 18
    assert f"pid {os.getpid()}" in process.stderr
    assert "--port bookedbiz.web=" in process.stderr
