"""Two real servers on free ports: one that takes what is posted, one that takes mail."""

import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from bookedbiz.notices.ways import Mail, Ntfy, Shape, Ways, Webhook
from station_kit.environment import Secret
from station_kit.mail import MailServer

TOPIC = "a-topic-nobody-knows"
HOOK = "T0PSECRET-hook"


@dataclass
class Taken:
    """What a server got, and what it answers."""

    port: int
    posts: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    mails: list[tuple[list[str], str]] = field(default_factory=list)
    status: int = 200


@pytest.fixture
def web() -> Iterator[Taken]:
    taken = Taken(0)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            taken.posts.append((self.path, json.loads(body)))
            self.send_response(taken.status)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """In silence."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        taken.port = server.server_address[1]
        yield from _served(server, taken)


@pytest.fixture
def mail() -> Iterator[Taken]:
    """A mail server that speaks as much SMTP as a client needs; it refuses whoever is called nobody@."""
    taken = Taken(0)

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.say("220 ready")
            to: list[str] = []
            for line in self.rfile:
                verb = line.decode().strip()
                said = verb.upper()
                if said.startswith("RCPT TO:<NOBODY@"):
                    self.say("550 unknown")
                elif said.startswith("RCPT"):
                    to.append(verb.partition("<")[2].rstrip(">"))
                    self.say("250 ok")
                elif said == "DATA":
                    self.say("354 go on")
                    text = b"".join(iter(self.rfile.readline, b".\r\n")).decode()
                    taken.mails.append((to, text))
                    to = []
                    self.say("250 ok" if taken.status == 200 else f"{taken.status} no")
                elif said == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 ok")

        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        taken.port = server.server_address[1]
        yield from _served(server, taken)


def _served(server: socketserver.BaseServer, taken: Taken) -> Iterator[Taken]:
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield taken
    server.shutdown()
    thread.join()


@pytest.fixture
def ways(web: Taken, mail: Taken) -> Callable[..., Ways]:
    """All three ways, to these servers: `ways()`; `ways(shape=Shape.SLACK)`."""

    def make(shape: Shape = Shape.PLAIN, to: tuple[str, ...] = ("boss@station.example",)) -> Ways:
        here = f"http://127.0.0.1:{web.port}"
        return Ways(
            ntfy=Ntfy(here, Secret(TOPIC)),
            webhook=Webhook(Secret(f"{here}/{HOOK}"), shape),
            mail=Mail(MailServer("127.0.0.1", mail.port, "none", "bookedbiz@station.example"), to),
        )

    return make


@pytest.fixture
def numbered(line: Any) -> Callable[[int], list[Any]]:
    """So many lines that differ in their unit."""
    return lambda count: [line(unit=float(number)) for number in range(count)]
