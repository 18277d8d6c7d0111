"""The agent's ear: a Unix socket, one JSON line in, JSON lines out (`step` ..., then `done` or `error`).

The threads here only queue requests and stream answers; the agent's main thread does the work, one request at a time.
`status` alone is answered at once, from what the agent wrote last.
"""

import json
import os
import queue
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from station.errors import StationError

_ACCEPT_S = 0.2
_LONGEST_LINE_BYTES = 1_000_000
_READ_S = 5.0


class Request:
    """One request on its way through the agent; the main thread answers, a connection's thread streams the answers."""

    def __init__(self, verb: str, arguments: dict[str, Any]) -> None:
        self.verb = verb
        self.arguments = arguments
        self._lines: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()

    def step(self, text: str) -> None:
        self._lines.put({"step": text})

    def done(self, result: dict[str, Any]) -> None:
        self._lines.put({"done": result})

    def fail(self, error: StationError) -> None:
        described = {"class": type(error).__name__, "message": error.message, "hint": error.hint}
        self._lines.put({"error": described | {"exit_code": error.exit_code}})

    def next_line(self) -> dict[str, Any]:
        return self._lines.get()


class ControlServer:
    """Listens while the block runs. `status` is called in another thread than the main one."""

    def __init__(self, path: Path, requests: "queue.Queue[Request]", status: Callable[[], dict[str, Any]]) -> None:
        self._path = path
        self._requests = requests
        self._status = status
        self._stopping = threading.Event()
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._thread = threading.Thread(target=self._accept, name="control", daemon=True)

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_name(f"{self._path.name}.new")
        fresh.unlink(missing_ok=True)
        with address(fresh) as where:
            self._listener.bind(where)
        fresh.chmod(0o600)
        self._listener.listen(16)
        self._listener.settimeout(_ACCEPT_S)
        fresh.replace(self._path)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._thread.join()
        self._listener.close()
        self._path.unlink(missing_ok=True)

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            threading.Thread(target=self._converse, args=(connection,), daemon=True).start()

    def _converse(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rwb") as stream:
            connection.settimeout(_READ_S)
            try:
                asked = json.loads(stream.readline(_LONGEST_LINE_BYTES))
                verb, arguments = str(asked["verb"]), dict(asked.get("arguments") or {})
            except (OSError, ValueError, TypeError, KeyError):
                return
            connection.settimeout(None)
            request = Request(verb, arguments)
            if verb == "status":
                request.done(self._status())
            else:
                self._requests.put(request)
            _stream_answers(request, stream)


def _stream_answers(request: Request, stream: Any) -> None:
    """Send every line until the last one. Somebody who hung up does not stop the request."""
    line: dict[str, Any] = {}
    while "done" not in line and "error" not in line:
        line = request.next_line()
        try:
            stream.write(json.dumps(line).encode() + b"\n")
            stream.flush()
        except (OSError, ValueError):
            return


@contextmanager
def address(path: Path) -> Iterator[str]:
    """The socket's address while the block runs: short, however long the path is (the kernel takes 107 bytes)."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
