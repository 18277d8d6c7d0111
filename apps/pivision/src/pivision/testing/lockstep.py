"""Server and worker as real processes whose clock is in the test's hand: a day passes as quickly as it is looked at.

The clock is a file that both have mapped. Whoever sends sets it, sends, and goes on when nothing waits any more, so
that what comes of it does not depend on how busy the machine is. `python -m pivision.testing.lockstep serve|work`.
"""

import http.client
import json
import mmap
import os
import signal
import sqlite3
import struct
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import station_serve
from pivision import pulse
from pivision.config import Config
from pivision.database import open_durable
from pivision.datafolder import DataFolder
from pivision.devices import configs, registry
from pivision.devices.audit import By
from pivision.settings import Settings
from pivision.testing.live import FRAME, Live
from station_kit import serving
from station_kit.testing.running import RunningApp, running_app, start

START_S = 60.0
LOOKED_AT_S = 60.0
POLL_S = 0.002
_CLOCK = "CLOCK_FILE"


class Clock:
    """A moment that several processes share."""

    def __init__(self, file: Path, start: datetime | None = None) -> None:
        if start is not None:
            file.write_bytes(struct.pack("d", start.timestamp()))
        with file.open("r+b") as opened:
            self._map = mmap.mmap(opened.fileno(), 8)

    def now(self) -> datetime:
        return datetime.fromtimestamp(struct.unpack("d", self._map[:8])[0], UTC)

    def set(self, at: datetime) -> None:
        self._map[:8] = struct.pack("d", at.timestamp())

    def close(self) -> None:
        self._map.close()


@dataclass
class Appliance:
    """An appliance whose clock stands still until somebody sends."""

    live: Live
    clock: Clock
    db: sqlite3.Connection
    connection: http.client.HTTPConnection
    environ: dict[str, str] = field(default_factory=dict)
    worker: RunningApp | None = None
    seqs: dict[str, int] = field(default_factory=dict)

    def start_worker(self) -> None:
        """Begin to look at pictures; another one takes over when one was killed."""
        (DataFolder(self.live.folder).worker_bell.with_name("worker.json")).unlink(missing_ok=True)
        self.worker = start((sys.executable, "-m", __name__, "work"), self.environ, self.live.folder)
        _until_alive(self.live.folder)

    def kill_worker(self) -> None:
        """End it as a power cut does."""
        if self.worker is not None:
            self.worker.kill()

    def send(self, device: str, at: datetime, jpeg: bytes) -> dict[str, object]:
        """The picture at that moment: what the server answered, once the worker has looked at it."""
        self.clock.set(at)
        self.seqs[device] = self.seqs.get(device, 0) + 1
        headers = {
            "X-Device-Id": device,
            "X-Device-Key": self.live.keys[device],
            "X-Seq": str(self.seqs[device]),
            "Content-Type": "image/jpeg",
        }
        self.connection.request("POST", FRAME, jpeg, headers)
        answer = self.connection.getresponse()
        body = dict(json.loads(answer.read()))
        assert answer.status == 200, body
        self._until_looked_at()
        return body

    def _until_looked_at(self) -> None:
        ends = time.monotonic() + LOOKED_AT_S
        while self.db.execute("SELECT 1 FROM job").fetchone():
            assert time.monotonic() < ends, "the worker does not look at its pictures"
            time.sleep(POLL_S)


@contextmanager
def appliance(live: Live, configurations: dict[str, Config], began: datetime) -> Iterator[Appliance]:
    """Both processes, with the cameras that are named and what they are told. They end with the block."""
    by = By("test", began)
    for name, config in configurations.items():
        live.device(name)
        with live.db() as db:
            configs.put(db, registry.device(db, name).id, config, by, expected=0)
    file = live.folder / "clock"
    with ExitStack() as stack:
        clock = stack.enter_context(closing(Clock(file, began)))
        environ = {**live.environ, _CLOCK: str(file)}
        stack.enter_context(running_app((sys.executable, "-m", __name__, "serve"), environ, live.folder))
        db = stack.enter_context(closing(open_durable(live.database)))
        connection = stack.enter_context(closing(http.client.HTTPConnection("127.0.0.1", live.port, timeout=60)))
        running = Appliance(live, clock, db, connection, environ)
        stack.callback(running.kill_worker)
        running.start_worker()
        yield running


def _until_alive(folder: Path) -> None:
    ends = time.monotonic() + START_S
    while not pulse.last(DataFolder(folder), "worker"):
        assert time.monotonic() < ends, "the worker did not start"
        time.sleep(POLL_S)


def _serve(settings: Settings, clock: Clock) -> None:
    from pivision.server import Server  # noqa: PLC0415 - the worker needs no web server

    app = Server(settings, os.environ, None, now=clock.now)
    station_serve.serve(app, os.environ, listeners=[serving.listen(settings.bind, settings.port)])


def _work(settings: Settings, clock: Clock) -> None:
    from pivision.worker.loop import Worker  # noqa: PLC0415 - the server needs no worker

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    folder = DataFolder(settings.data)
    folder.make()
    with closing(open_durable(settings.database)) as db:
        Worker(db, folder, stop, now=clock.now).run()


def main() -> None:
    """One of the two, by its name."""
    clock = Clock(Path(os.environ[_CLOCK]))
    settings = Settings.from_env(os.environ, pages=False)
    {"serve": _serve, "work": _work}[sys.argv[1]](settings, clock)


if __name__ == "__main__":
    main()
