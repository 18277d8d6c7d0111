"""A taken port is named with its owner and with the way to choose another."""

import os
import pwd
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from station.errors import PortTaken
from station.hosts import ports

LISTENS = """
import socket, sys
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
sys.stdin.read()
"""
ME = pwd.getpwuid(os.getuid()).pw_name


@pytest.fixture
def listener():
    command = [sys.executable, "-c", LISTENS]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process, int(process.stdout.readline())
        process.kill()


def test_a_taken_port_is_named_with_its_owner(listener):
    process, port = listener
    with pytest.raises(PortTaken) as caught:
        ports.require_free({"bookedbiz.web": port, "control": 1})
    program = Path(f"/proc/{process.pid}/comm").read_text().strip()
    found = caught.value.message
    assert found.startswith(f"Port {port} of bookedbiz/web is taken: by {program} ")
    assert f"(pid {process.pid}, user {ME})" in found
    assert f"--port bookedbiz.web={port + 10}" in caught.value.hint


def test_an_ipv6_listener_is_found_too():
    with socket.create_server(("::", 0), family=socket.AF_INET6) as server:
        assert ports.owner(server.getsockname()[1]).pid == os.getpid()


def test_a_port_with_nothing_but_a_client_is_free(listener):
    with socket.create_connection(("127.0.0.1", listener[1])) as client:
        assert ports.owner(client.getsockname()[1]) is None


def test_free_ports_are_no_error():
    ports.require_free({"control": 1})
