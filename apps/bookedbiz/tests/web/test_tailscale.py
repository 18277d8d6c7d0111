"""Who the Tailscale daemon of this machine names comes in without a password, and nobody by what a header says."""

import json
import socketserver
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from bookedbiz.settings import Settings
from bookedbiz.web import create_app
from station_kit.environment import Secret

PEER = {"REMOTE_ADDR": "100.64.0.7", "REMOTE_PORT": "41234"}


class Daemon(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """Speaks the answer that the daemon's local API is documented to give."""

    daemon_threads = True
    known: dict[str, str]
    asked: list[str]


class Answer(BaseHTTPRequestHandler):
    server: Daemon

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        address = parse_qs(parts.query).get("addr", [""])[0]
        self.server.asked.append(address)
        login = self.server.known.get(address)
        found = parts.path == "/localapi/v0/whois" and login
        profile = {"ID": 12345, "LoginName": login, "DisplayName": "Somebody", "ProfilePicURL": ""}
        body = json.dumps({"Node": {"ID": 1, "Name": "laptop.tail.ts.net."}, "UserProfile": profile, "CapMap": None})
        self.send_response(200 if found else 404)
        self.end_headers()
        self.wfile.write(body.encode() if found else b"no match for IP:port\n")

    def address_string(self) -> str:
        return "unix"

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    server = Daemon(str(tmp_path / "tailscaled.sock"), Answer)
    server.known, server.asked = {"100.64.0.7:41234": "Seller@Station.example"}, []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def app(ledger: Path, clock: Any, daemon: Daemon) -> Iterator[Flask]:
    key = Secret("a key for tests, and only for them")
    made = create_app(Settings(ledger, key, tailscale_socket=Path(str(daemon.server_address))), now=clock)
    yield made
    made.extensions["bookedbiz"].machine.stop()


def come_in(visitor: Any, peer: dict[str, str] = PEER, **headers: str) -> Any:
    data = {"csrf_token": visitor.token()}
    return visitor.client.post("/sign-in/tailscale", data=data, environ_overrides=peer, headers=headers)


def test_whom_the_daemon_names_comes_in_for_a_day(visitor: Any, clock: Any) -> None:
    assert "Sign in as seller@station.example" in visitor.client.get("/sign-in", environ_overrides=PEER).text
    assert come_in(visitor).headers["Location"] == "/reports/"
    clock.at += timedelta(hours=23)
    assert visitor.get("/reports/").status_code == 200
    clock.at += timedelta(hours=1, seconds=1)
    assert visitor.get("/reports/").status_code == 302


@pytest.mark.parametrize("name", ["X-Real-IP", "X-Forwarded-For", "Tailscale-User-Login"])
def test_what_a_header_says_is_not_believed(visitor: Any, daemon: Daemon, name: str) -> None:
    other = {"REMOTE_ADDR": "100.64.0.9", "REMOTE_PORT": "555"}
    value = "seller@station.example" if name.startswith("Tail") else "100.64.0.7:41234"
    assert come_in(visitor, other, **{name: value}).status_code == 403
    assert visitor.get("/reports/").status_code == 302
    assert set(daemon.asked) == {"100.64.0.9:555"}


@pytest.mark.parametrize("login", ["nobody@elsewhere.example", "tagged-devices", ""])
def test_who_is_no_user_is_refused_and_not_made_one(visitor: Any, daemon: Daemon, login: str) -> None:
    daemon.known = {"100.64.0.7:41234": login}
    assert come_in(visitor).status_code == 403
    assert visitor.get("/reports/").status_code == 302


def test_what_comes_from_this_machine_is_nobodys(visitor: Any, daemon: Daemon) -> None:
    daemon.known = {"127.0.0.1:41234": "seller@station.example"}
    assert come_in(visitor, {"REMOTE_ADDR": "127.0.0.1", "REMOTE_PORT": "41234"}).status_code == 403
    assert daemon.asked == []


def test_a_daemon_that_is_away_keeps_no_password_out(app: Flask, visitor: Any, daemon: Daemon) -> None:
    Path(str(daemon.server_address)).unlink()
    assert come_in(visitor).status_code == 403
    assert visitor.sign_in().status_code == 302


def test_a_form_from_elsewhere_signs_nobody_in(visitor: Any) -> None:
    assert visitor.client.post("/sign-in/tailscale", environ_overrides=PEER).status_code == 400
