"""`station serve` as a process: it answers over HTTP, keeps its port, and ends when told."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest


def _secrets(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "operator_password").write_text("a long password\n")
    (folder / "secret_key").write_text("a key\n")
    return folder


def _command(scene, *more: str) -> list[str]:
    program = str(Path(sys.executable).with_name("station"))
    return [program, "--fleet", str(scene.fleet.path), "serve", *more]


@pytest.fixture
def address(scene) -> Iterator[str]:
    _secrets(scene.fleet.hosts["pi2"].paths.credentials("station"))
    env = {name: value for name, value in os.environ.items() if name != "STATION_PORTS"}
    serving = subprocess.Popen(_command(scene, "--port", "0"), stderr=subprocess.PIPE, text=True, env=env)
    assert serving.stderr
    line = serving.stderr.readline()
    yield line.split()[-1]
    serving.send_signal(signal.SIGTERM)
    assert serving.wait(10) in (0, -signal.SIGTERM)
    assert serving.stderr.read() == ""
    serving.stderr.close()


def _signed_in(client: httpx.Client) -> None:
    token = client.get("/sign-in").text.split('name="csrf_token" value="')[1].split('"')[0]
    client.post("/sign-in", data={"csrf_token": token, "password": "a long password"})


def test_the_page_is_served_with_its_store_read_in_the_background(address: str) -> None:
    with httpx.Client(base_url=address, follow_redirects=True) as client:
        assert client.get("/health").json() == {"status": "ok"}
        _signed_in(client)
        end_s = time.monotonic() + 60
        while "Safe. You can fail over now." not in client.get("/").text:
            assert time.monotonic() < end_s, "the store was never read"
            time.sleep(0.1)
        assert "server" not in client.get("/").headers


def test_a_forwarded_address_is_not_believed(address: str) -> None:
    with httpx.Client(base_url=address) as client:
        for number in range(6):
            token = client.get("/sign-in").text.split('name="csrf_token" value="')[1].split('"')[0]
            wrong = {"csrf_token": token, "password": "wrong"}
            last = client.post("/sign-in", data=wrong, headers={"X-Forwarded-For": f"10.0.0.{number}"})
        assert last.status_code == 429


def test_a_taken_port_is_exit_code_18(scene) -> None:
    _secrets(scene.fleet.hosts["pi2"].paths.credentials("station"))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(_command(scene, "--port", port), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 18
    assert port in done.stderr


def test_without_its_secrets_the_page_does_not_start(scene) -> None:
    done = subprocess.run(_command(scene, "--port", "0"), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "operator_password" in done.stderr
