"""The server: one port that answers CONNECT as a proxy does, and TLS directly, for the service's hosts alone."""

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from dropbox_emulator.answers import Cut, Exchange, answer
from dropbox_emulator.authority import HOSTS

if TYPE_CHECKING:
    from dropbox_emulator.emulator import Emulator

TLS_HANDSHAKE = b"\x16"
IDLE_S = 60


class Server(ThreadingHTTPServer):
    """Threads end with their connections, and connections with `stop`."""

    daemon_threads = False

    def __init__(self, port: int, context: ssl.SSLContext, emulator: "Emulator") -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.context = context
        self.emulator = emulator
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()

    def opened(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.add(connection)

    def closed(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.discard(connection)

    def stop(self) -> None:
        self.stopping.set()
        self.shutdown()
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up, or does not trust us, is no news; a bug of ours is."""
        import sys  # noqa: PLC0415

        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """One connection. `host` is the name that it was opened to, "" when it came directly."""

    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = IDLE_S
    host = ""

    def setup(self) -> None:
        super().setup()
        self.server.opened(self.connection)
        if self.connection.recv(1, socket.MSG_PEEK) == TLS_HANDSHAKE:
            self._secure()

    def finish(self) -> None:
        self.server.closed(self.connection)
        with suppress(OSError):
            super().finish()
        self.connection.close()

    def do_CONNECT(self) -> None:
        self.host, _, port = self.path.partition(":")
        if self.host not in HOSTS or port != "443":
            self.send_error(403, "This proxy leads to the emulated service only")
            self.close_connection = True
            return
        self.send_response(200, "Connection established")
        self.end_headers()
        self.close_connection = False  # some clients speak HTTP/1.0 to a proxy
        self._secure()

    def do_POST(self) -> None:
        # through a proxy clients send head and body apart and wait for the head's receipt: 40 ms, without this
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        exchange = Exchange(
            self.path, self.host, {name.lower(): value for name, value in self.headers.items()}, self._read_body
        )
        try:
            given = answer(self.server.emulator, exchange, self.server.stopping.wait)
            self._send(given.status, given.headers, given.body, given.cut_after)
        except Cut:
            self._hang_up()

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def _secure(self) -> None:
        self.rfile.close()
        self.wfile.close()
        self.server.closed(self.connection)
        self.connection = self.server.context.wrap_socket(self.connection, server_side=True)
        self.server.opened(self.connection)
        self.rfile = self.connection.makefile("rb", -1)
        self.wfile = self.connection.makefile("wb", 0)

    def _read_body(self, take: Callable[[bytes], None]) -> None:
        """Hand the body over piece by piece; `take` may raise."""
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            while size := int(self.rfile.readline(100).split(b";")[0], 16):
                take(self.rfile.read(size))
                self.rfile.readline(10)
            while self.rfile.readline(1000).strip():
                pass
            return
        left = int(self.headers.get("Content-Length") or 0)
        while left:
            piece = self.rfile.read(min(left, 65536))
            if not piece:
                raise Cut
            left -= len(piece)
            take(piece)

    def _send(self, status: int, headers: dict[str, str], body: "Callable[[], Any]", cut_after: int | None) -> None:
        if cut_after is not None and cut_after < 0:
            raise Cut
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        sent = 0
        for piece in body():
            allowed = piece if cut_after is None else piece[: cut_after - sent]
            self.wfile.write(allowed)
            sent += len(allowed)
            if cut_after is not None and sent >= cut_after:
                raise Cut

    def _hang_up(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
