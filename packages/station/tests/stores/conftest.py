"""Dropbox and S3 on this machine, and stores in them."""

import base64
import hashlib
import io
import logging
import re
import socket
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock, Thread
from typing import Any

import pytest

from dropbox_emulator.emulator import Emulator
from station.stores.dropbox.calls import Entrance
from station.stores.dropbox.store import DropboxStore
from station.stores.patience import Patience
from station.stores.s3.calls import Place
from station.stores.s3.store import S3Store

BLOCK_BYTES = 4 * 1024 * 1024
MakeStore = Callable[..., DropboxStore]


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[Emulator]:
    with Emulator(tmp_path / "emulator") as running:
        yield running


@pytest.fixture
def entrance(emulator: Emulator, tmp_path: Path) -> Entrance:
    """The way into the emulator: credentials in a file, its proxy, its certificate authority."""
    tokens = emulator.tokens
    file = tmp_path / "dropbox.env"
    file.touch(mode=0o600)
    file.write_text(
        f"DROPBOX_APP_KEY={tokens.app_key}\nDROPBOX_APP_SECRET={tokens.app_secret}\n"
        f"DROPBOX_REFRESH_TOKEN={tokens.refresh_token}\n"
    )
    return Entrance(file, emulator.proxy, emulator.ca_file)


@pytest.fixture
def waits() -> list[float]:
    """How long the stores of `dropbox_store` would have waited; they do not."""
    return []


@pytest.fixture
def dropbox_store(entrance: Entrance, waits: list[float]) -> Iterator[MakeStore]:
    """Opens a store as a new process would, set up."""
    with ExitStack() as opened:

        def make(piece_bytes: int = BLOCK_BYTES, **options: object) -> DropboxStore:
            way_in = replace(entrance, piece_bytes=piece_bytes)
            options = {"patience": Patience(sleep=waits.append)} | options
            store = DropboxStore("dropbox", "/station", way_in, **options)  # type: ignore[arg-type]
            opened.callback(store.close)
            store.initialise()
            return store

        yield make


ACCESS = "AKIAEXAMPLEEXAMPLE00"
PART_BYTES = 512 * 1024  # the service wants 5 MiB; small ones make the tests quick
SECRET = "example/secret/that/never/shows/0123456789"


class StrictMoto:
    """moto's application, and what the service does beyond it: conditional writes one at a time, hashes compared."""

    def __init__(self, application: Any) -> None:
        self._application = application
        self._one_at_a_time = Lock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        content = b""
        if environ["REQUEST_METHOD"] in ("PUT", "POST"):
            length = int(environ.get("CONTENT_LENGTH") or 0)
            content = environ["wsgi.input"].read(length)
            if len(content) < length:
                return self._refuse(start_response, "IncompleteBody")
        told = environ.get("HTTP_X_AMZ_CONTENT_SHA256", "")
        if len(told) == 64 and told != hashlib.sha256(content).hexdigest():
            return self._refuse(start_response, "XAmzContentSHA256Mismatch")
        md5 = environ.get("HTTP_CONTENT_MD5")
        if md5 and base64.b64decode(md5) != hashlib.md5(content, usedforsecurity=False).digest():
            return self._refuse(start_response, "BadDigest")
        environ["wsgi.input"] = io.BytesIO(content)
        with self._one_at_a_time:
            answer = self._application(environ, start_response)
        if "uploads" not in environ["QUERY_STRING"]:
            return answer
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z").encode()
        return [part.replace(b"2010-11-10T20:48:33.000Z", now) for part in answer]  # moto says so of every upload

    def _refuse(self, start_response: Any, code: str) -> list[bytes]:
        start_response("400 Bad Request", [("Content-Type", "application/xml")])
        return [error_xml(code)]


def error_xml(code: str) -> bytes:
    return f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>told</Message></Error>".encode()


@dataclass
class LineFault:
    """What happens to the next calls whose line (`PUT /bucket/key?…&`) the pattern is found in, after `skip` of them.

    `answer`: status and code, instead of the service's. `cut_request_after`/`cut_reply_after` bytes of body: both sides
    are cut (-1: before anything of the reply). `spoil`: one byte arrives otherwise.
    """

    match: str
    answer: tuple[int, str] | None = None
    cut_request_after: int | None = None
    cut_reply_after: int | None = None
    delay_s: float = 0.0
    spoil: bool = False
    skip: int = 0
    times: int = 1

    def strikes(self, call: str) -> bool:
        if not self.times or not re.search(self.match, call):
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        return True


@dataclass
class LineCall:
    """One call as it went over the line. `sent`: bytes of its body that left the station."""

    line: str
    sent: int = 0


class FaultyLine:
    """A TCP proxy in front of a service that speaks HTTP: one call for each connection, and faults on request."""

    Fault = LineFault

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self.faults: list[LineFault] = []
        self.calls: list[LineCall] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[Thread] = []
        self._accepting = Thread(target=self._accept)
        self._accepting.start()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def sent(self, match: str = "") -> int:
        return sum(call.sent for call in self.calls if match in call.line)

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in (self._accepting, *self._threads):
            thread.join(10)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            thread = Thread(target=self._serve, args=(client,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, client: socket.socket) -> None:
        with client, client.makefile("rb") as reader, suppress(OSError, ValueError):
            client.settimeout(20)
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                line = reader.readline()
                if not line:
                    return
                head += line
            self._carry(client, reader, head)

    def _carry(self, client: socket.socket, reader: Any, head: bytes) -> None:
        lines = head.decode("latin-1").split("\r\n")
        call = LineCall(lines[0].rsplit(" ", 1)[0] + "&")
        self.calls.append(call)
        fault = next((fault for fault in self.faults if fault.strikes(call.line)), LineFault(""))
        kept = [line for line in lines[1:-2] if not line.lower().startswith(("expect:", "connection:"))]
        length = next((int(line[15:]) for line in kept if line.lower().startswith("content-length:")), 0)
        time.sleep(fault.delay_s)
        if fault.answer is not None:
            self._answer(client, *fault.answer)
            return
        if any(line.lower().startswith("expect:") for line in lines):
            client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        with socket.create_connection(self._target, 20) as service:
            service.sendall("\r\n".join([lines[0], *kept, "Connection: close", "", ""]).encode("latin-1"))
            while call.sent < length:
                most = length if fault.cut_request_after is None else fault.cut_request_after
                piece = reader.read1(min(65536, max(0, most - call.sent), length - call.sent))
                if not piece:
                    return
                call.sent += len(piece)
                service.sendall(bytes([piece[0] ^ 1]) + piece[1:] if fault.spoil and call.sent >= length else piece)
            self._reply(client, service, fault.cut_reply_after)

    def _reply(self, client: socket.socket, service: socket.socket, cut_after: int | None) -> None:
        reply = b""
        while piece := service.recv(65536):
            reply += piece
        if cut_after is not None:
            body_at = reply.index(b"\r\n\r\n") + 4
            reply = reply[: body_at + cut_after] if cut_after >= 0 else b""
        client.sendall(reply)

    def _answer(self, client: socket.socket, status: int, code: str) -> None:
        body = error_xml(code)
        client.sendall(
            f"HTTP/1.1 {status} Told\r\nContent-Type: application/xml\r\nContent-Length: {len(body)}\r\n"
            "Connection: close\r\n\r\n".encode()
            + body
        )


@pytest.fixture(scope="session")
def moto_address() -> Iterator[tuple[str, int]]:
    """moto's S3 on this machine, for the session; each test has a bucket of its own."""
    from moto.s3 import models
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with pytest.MonkeyPatch.context() as settings:
        settings.setattr(models, "S3_UPLOAD_PART_MIN_SIZE", PART_BYTES)  # another test may have imported it before
        server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        server.start()
        assert server._server is not None
        server._server.app = StrictMoto(server._server.app)
        yield server.get_host_and_port()
        server.stop()
        server._server.server_close()


@pytest.fixture
def s3_line(moto_address: tuple[str, int]) -> Iterator[FaultyLine]:
    line = FaultyLine(moto_address)
    yield line
    line.close()


@pytest.fixture
def s3_place(s3_line: FaultyLine, tmp_path: Path) -> Place:
    file = tmp_path / "s3.env"
    file.touch(mode=0o600)
    file.write_text(f"AWS_ACCESS_KEY_ID={ACCESS}\nAWS_SECRET_ACCESS_KEY={SECRET}\n")
    return Place(
        f"ctv-{uuid.uuid4().hex[:12]}", file, "station", f"http://127.0.0.1:{s3_line.port}", part_bytes=PART_BYTES
    )


@pytest.fixture
def s3_store(s3_place: Place, waits: list[float]) -> Iterator[Callable[..., S3Store]]:
    """Opens a store as a new process would, set up."""
    with ExitStack() as opened:

        def make(place: Place = s3_place, **options: Any) -> S3Store:
            store = S3Store("s3", place, **({"patience": Patience(sleep=waits.append)} | options))
            opened.callback(store.close)
            store.initialise()
            return store

        yield make
