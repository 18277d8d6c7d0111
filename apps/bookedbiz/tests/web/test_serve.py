"""The process: it answers on loopback or on a socket it is handed, ends well when it is told to, and can be hosted."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from station_kit.testing import assert_hostable


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("way", ["serve", "asgi"])
def test_it_answers_and_ends_with_0_on_sigterm(ledger: Path, tmp_path: Path, way: str) -> None:
    port = free_port()
    (tmp_path / "secret_key").write_text("a key for tests, and only for them")
    environ = os.environ | {
        "DATABASE_PATH": str(ledger),
        "CREDENTIALS_DIRECTORY": str(tmp_path),
        "PORT": str(port),
        "PYTHONWARNINGS": "error::ResourceWarning",
    }
    command = [str(Path(sys.executable).with_name("bookedbiz")), "serve"]
    if way == "asgi":
        command = [sys.executable, "-m", "uvicorn", "bookedbiz.web.asgi:app", "--port", str(port), "--lifespan", "off"]
    with (
        (tmp_path / "log").open("wb") as log,
        subprocess.Popen(command, env=environ, stdout=log, stderr=log) as process,
    ):
        try:
            answer = wait_for(f"http://127.0.0.1:{port}/health", process)
            root = httpx.get(f"http://127.0.0.1:{port}/")
        finally:
            process.send_signal(signal.SIGTERM)
            ended = process.wait(10)
    assert answer.json()["status"] == "ok"
    assert (root.status_code, root.headers["location"]) == (302, "/reports/")
    assert ended == (0 if way == "serve" else -signal.SIGTERM)


def test_a_host_can_run_it_and_restart_it(tmp_path: Path) -> None:
    assert_hostable(Path(__file__).parents[2] / "app.toml", tmp_path)


def wait_for(address: str, process: subprocess.Popen[bytes]) -> httpx.Response:
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline and process.poll() is None:
        try:
            return httpx.get(address)
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"no answer at {address}")
