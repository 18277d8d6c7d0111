"""Sockets that were handed over or opened here, and notices to a real socket."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from station_kit import serving
from station_kit.errors import BadSetting
from station_kit.testing.handing import handing

CHILD = """
import json, os, socket, subprocess, sys
from station_kit import serving
try:
    taken = serving.listeners(os.environ)
except serving.BadSetting as why:
    sys.exit(why.message)
told = [
    {
        "name": each.name,
        "where": each.where,
        "family": each.socket.family.name,
        "protocol": each.socket.proto,
        "blocks": each.socket.getblocking(),
        "fd": each.socket.fileno(),
    }
    for each in taken
]
inherited = subprocess.run(["ls", "/proc/self/fd"], stdout=subprocess.PIPE, close_fds=False).stdout.split()
print(json.dumps({"told": told, "inherited": len(inherited)}))
"""


@pytest.fixture(params=["path", "abstract"])
def notices(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[socket.socket, dict[str, str]]]:
    """systemd's side of NOTIFY_SOCKET."""
    address = str(tmp_path / "notify") if request.param == "path" else f"@station-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(address.replace("@", "\0", 1))
        receiver.settimeout(5)
        yield receiver, {"NOTIFY_SOCKET": address}


def child(command: list[str], environ: dict[str, str], fds: list[int]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, env=environ, pass_fds=fds, capture_output=True, text=True, check=False, timeout=30)


def test_every_socket_that_was_handed_over_is_taken() -> None:
    with handing(["web.socket", "health"]) as given:
        ended = child(given.command([sys.executable, "-c", CHILD]), {"PORT": "1"}, given.fds)
        assert ended.returncode == 0, ended.stderr
        said = json.loads(ended.stdout)
        told = said["told"]
        wheres = [f"127.0.0.1:{each.getsockname()[1]}" for each in given.sockets]
    assert [each["name"] for each in told] == ["web.socket", "health"]
    assert [each["where"] for each in told] == wheres
    assert [each["fd"] for each in told] == [3, 4]
    assert {each["family"] for each in told} == {"AF_INET"}
    assert {each["protocol"] for each in told} == {socket.IPPROTO_TCP}  # else asyncio leaves Nagle's delay on
    assert not any(each["blocks"] for each in told)
    assert said["inherited"] == 4  # in, out, error and the folder it lists: what it starts gets no socket


def test_a_unix_socket_is_served_too(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with handing(["web.socket"]) as given, socket.socket(socket.AF_UNIX) as own:
        own.bind(str(path))
        own.listen()
        both = type(given)([*given.sockets, own], ["web", "own"], given.notices, given.address)
        ended = child(both.command([sys.executable, "-c", CHILD]), {}, both.fds)
        assert json.loads(ended.stdout)["told"][1]["where"] == str(path), ended.stderr


def test_a_socket_that_does_not_listen_is_refused() -> None:
    with handing() as given, socket.socket() as idle:
        wrong = type(given)([idle], ["web.socket"], given.notices, given.address)
        ended = child(wrong.command([sys.executable, "-c", CHILD]), {}, wrong.fds)
    assert ended.stderr == "Socket 3, handed over, does not listen\n"


def test_sockets_for_another_process_are_left_alone() -> None:
    assert serving.handed_over({"LISTEN_PID": str(os.getppid()), "LISTEN_FDS": "1"}) == []
    assert serving.handed_over({"LISTEN_FDS": "1"}) == []
    assert serving.handed_over({}) == []


@pytest.mark.parametrize("count", ["", "x", "-1", "٣"])
def test_a_count_of_sockets_that_is_none_is_refused(count: str) -> None:
    with pytest.raises(BadSetting, match="LISTEN_FDS is"):
        serving.handed_over({"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": count})


def test_without_systemd_it_listens_at_bind_and_port() -> None:
    with serving.listen("127.0.0.1", 0).socket as probe:
        port = probe.getsockname()[1]
    (own,) = serving.listeners({"PORT": str(port), "BIND": "127.0.0.1"})
    with own.socket, socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        assert own.where == f"127.0.0.1:{port}"
        connection, _ = own.socket.accept()
        with connection:
            client.sendall(b"x")
            assert connection.recv(1) == b"x"
            assert connection.proto == socket.IPPROTO_TCP
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
    with serving.listen("127.0.0.1", port).socket:  # at once, though a connection of before is remembered
        pass


def test_ipv6_addresses_are_written_in_brackets() -> None:
    with serving.listen("::1", 0).socket as own:
        assert serving.Listener(own).where == f"[::1]:{own.getsockname()[1]}"


def test_without_a_port_there_is_nothing_to_listen_on() -> None:
    with pytest.raises(BadSetting, match="No socket: none was handed over and PORT is not set"):
        serving.listeners({})


def test_a_taken_port_is_named() -> None:
    with serving.listen("127.0.0.1", 0).socket as taken:
        port = taken.getsockname()[1]
        with pytest.raises(BadSetting, match=f"Cannot listen on 127.0.0.1:{port}: Address already in use") as refused:
            serving.listen("127.0.0.1", port)
    assert f"sport = :{port}" in refused.value.hint


def test_an_address_that_is_not_of_this_host_is_named() -> None:
    with pytest.raises(BadSetting, match=r"Cannot listen on 192\.0\.2\.1:8000: Cannot assign"):
        serving.listen("192.0.2.1", 8000)
    with pytest.raises(BadSetting, match=r"Cannot listen on no\.such\.host\.invalid:8000"):
        serving.listen("no.such.host.invalid", 8000)


def test_notices_reach_systemd(notices: tuple[socket.socket, dict[str, str]]) -> None:
    receiver, environ = notices
    assert serving.ready(environ)
    assert serving.alive(environ)
    assert serving.stopping(environ)
    assert [receiver.recv(100) for _ in range(3)] == [b"READY=1", b"WATCHDOG=1", b"STOPPING=1"]


@pytest.mark.parametrize("address", ["", "vsock:2:1", "relative"])
def test_nobody_is_told_where_nobody_asks(address: str) -> None:
    assert not serving.ready({"NOTIFY_SOCKET": address} if address else {})


def test_a_notice_that_nobody_takes_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert not serving.ready({"NOTIFY_SOCKET": str(tmp_path / "gone")})
    assert "notice not sent notice=READY=1" in caplog.text


@pytest.mark.parametrize(
    ("environ", "every_s"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "x"}, None),
        ({"WATCHDOG_USEC": "3000000"}, 1.5),
        ({"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": str(os.getpid())}, 1.5),
        ({"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "1"}, None),
    ],
)
def test_the_watchdog_is_fed_twice_in_its_time(environ: dict[str, str], every_s: float | None) -> None:
    assert serving.watchdog_s(environ) == every_s
