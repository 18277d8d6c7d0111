"""The server as a real process on a real folder, spoken to over real HTTP."""

import base64
import hashlib
import http.client
import json
import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pivision.database import open_durable, prepare
from pivision.devices import access, registry
from pivision.devices.audit import By
from pivision.moments import utc_text
from station_kit.testing.running import RunningApp, free_port, running_app

FRAME = "/api/v1/ingest/frame"
ROOMY = {"frames_per_s": 1e6, "frames_burst": 1e6, "calls_per_s": 1e6, "calls_burst": 1e6}
ROOMY |= {"failures_per_s": 1e6, "failures_burst": 1e6}


@dataclass
class Answer:
    status: int
    body: dict[str, object]
    headers: dict[str, str]

    @property
    def code(self) -> object:
        return self.body.get("code")


@dataclass
class Live:
    """A server's folder, and the server while `running`."""

    folder: Path
    port: int
    command: tuple[str, ...] = (sys.executable, "-m", "backend.server")
    keys: dict[str, str] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def database(self) -> Path:
        return self.folder / "pivision.db"

    @property
    def environ(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "DATABASE_PATH": str(self.database),
            "DATA_PATH": str(self.folder),
            "CREDENTIALS_DIRECTORY": str(self.folder / "credentials"),
            "PORT": str(self.port),
            **self.extra,
        }

    @contextmanager
    def running(self, health: int = 200) -> Iterator[RunningApp]:
        with running_app(self.command, self.environ, self.folder, status=health) as app:
            yield app

    @contextmanager
    def db(self) -> Iterator[sqlite3.Connection]:
        with closing(open_durable(self.database)) as db:
            yield db

    def rows(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        with self.db() as db:
            return [tuple(row) for row in db.execute(statement, values)]

    def device(self, name: str) -> str:
        """A device, and its key."""
        by = By("test", datetime.now(UTC))
        with self.db() as db:
            registry.add(db, name, "", by)
            self.keys[name] = access.enroll(db, name, access.make_code(db, name, by).reveal(), by.now).reveal()
        return self.keys[name]

    def ask(self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None) -> Answer:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)) as connection:
            content = json.dumps(body).encode() if isinstance(body, dict | list) else body
            connection.request(method, path, content, headers or {})  # type: ignore[arg-type]
            answer = connection.getresponse()
            text = answer.read()
            is_json = answer.getheader("content-type") == "application/json"
            return Answer(answer.status, json.loads(text) if is_json else {}, dict(answer.getheaders()))

    def send(self, image: bytes, seq: int, *, device: str = "gate", key: str | None = None, **more: object) -> Answer:
        """A frame as JSON; `more` replaces fields, None leaves one out."""
        values: dict[str, object] = {
            "device_id": device, "seq": seq, "capture_ts": None, "width": 64, "height": 48,
            "image_b64": base64.b64encode(image).decode(), **more,
        }  # fmt: skip
        wanted = {name: value for name, value in values.items() if value is not None or name == "capture_ts"}
        return self.ask("POST", FRAME, wanted, self.headers(device, key))

    def headers(self, device: str, key: str | None = None, kind: str = "application/json") -> dict[str, str]:
        return {"X-Device-Key": self.keys[device] if key is None else key, "Content-Type": kind}

    def stored(self, run: str = "") -> dict[tuple[str, int], bytes]:
        """Every picture of the run by device and number, its bytes read from the segment and found whole."""
        found: dict[tuple[str, int], bytes] = {}
        for name, seq, digest, path, position, size in self.rows(
            "SELECT device.name, seq, sha256, segment.path, position, capture.bytes FROM capture"
            " JOIN device ON device.id = device_id JOIN segment ON segment.id = segment_id"
            " WHERE capture.boot_id = ?",
            run,
        ):
            with (self.folder / str(path)).open("rb") as file:
                file.seek(int(str(position)))
                image = file.read(int(str(size)))
            assert hashlib.sha256(image).digest() == digest
            assert (str(name), int(str(seq))) not in found
            found[str(name), int(str(seq))] = image
        return found


def make_live(folder: Path, **limits: float) -> Live:
    """An empty appliance with the device `gate`, for a server that hurries nobody but for these limits."""
    (folder / "credentials").mkdir()
    (folder / "credentials" / "secret_key").write_text("0123456789abcdef0123456789")
    live = Live(folder, free_port())
    prepare(live.database)
    with live.db() as db:
        db.execute(
            "INSERT INTO setting (name, value, changed_at, changed_by) VALUES ('ingest', ?, ?, 'test')",
            (json.dumps({**ROOMY, **limits}), utc_text(datetime.now(UTC))),
        )
    live.device("gate")
    return live
