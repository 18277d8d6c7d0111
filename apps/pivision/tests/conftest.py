"""An appliance without its processes: a database, a data folder, cameras, and pictures as the server stores them."""

import hashlib
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pivision.database import open_durable, prepare
from pivision.datafolder import DataFolder
from pivision.devices import registry
from pivision.devices.audit import By
from pivision.moments import utc_text

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@dataclass
class Appliance:
    """`now` stands still unless a test moves it."""

    db: sqlite3.Connection
    folder: DataFolder
    path: Path
    now: datetime = NOON
    seqs: dict[int, int] = field(default_factory=dict)

    def pass_time(self, **much: float) -> datetime:
        self.now += timedelta(**much)
        return self.now

    def device(self, name: str = "stand") -> int:
        return registry.add(self.db, name, "", By("test", self.now)).id

    def receive(self, device_id: int, jpegs: list[bytes], *, every_s: float = 0.5, closed: bool = True) -> list[int]:
        """Store the pictures in a segment of their own, one job each; `now` goes on with them. Their ids."""
        path = f"segments/{utc_text(self.now).replace(':', '')}-{device_id}.seg"
        self.folder.file(path).write_bytes(b"".join(jpegs))
        segment = self.db.execute(
            "INSERT INTO segment (path, opened_at, bytes) VALUES (?, ?, ?) RETURNING id",
            (path, utc_text(self.now), sum(map(len, jpegs))),
        ).fetchone()["id"]
        captures, position = [], 0
        for jpeg in jpegs:
            captures.append(self._capture(device_id, segment, position, jpeg))
            position += len(jpeg)
            self.pass_time(seconds=every_s)
        if closed:
            self.db.execute("UPDATE segment SET closed_at = ? WHERE id = ?", (utc_text(self.now), segment))
        return captures

    def rows(self, statement: str, *values: object) -> list[dict[str, object]]:
        return [dict(row) for row in self.db.execute(statement, values)]

    def _capture(self, device_id: int, segment: int, position: int, jpeg: bytes) -> int:
        at, seq = utc_text(self.now), self.seqs.get(device_id, 0) + 1
        self.seqs[device_id] = seq
        capture = self.db.execute(
            "INSERT INTO capture (device_id, seq, received_at, width, height, bytes, sha256, segment_id, position)"
            " VALUES (?, ?, ?, 640, 480, ?, ?, ?, ?) RETURNING id",
            (device_id, seq, at, len(jpeg), hashlib.sha256(jpeg).digest(), segment, position),
        ).fetchone()["id"]
        self.db.execute(
            "INSERT INTO job (kind, device_id, capture_id, run_after, created_at) VALUES ('analyze_frame', ?, ?, ?, ?)",
            (device_id, capture, at, at),
        )
        self.db.execute("UPDATE device SET last_seen_at = ?, last_frame_at = ? WHERE id = ?", (at, at, device_id))
        return int(capture)


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """To copy: a copy takes a tenth of the time that the migration takes."""
    path = tmp_path_factory.mktemp("empty") / "pivision.db"
    prepare(path)
    return path


@pytest.fixture
def path(empty_database: Path, tmp_path: Path) -> Path:
    """The database of an empty appliance."""
    return Path(shutil.copy(empty_database, tmp_path / "pivision.db"))


@pytest.fixture
def appliance(path: Path, tmp_path: Path) -> Iterator[Appliance]:
    """An empty appliance on a Friday noon in November 2026."""
    folder = DataFolder(tmp_path)
    folder.make()
    db = open_durable(path)
    yield Appliance(db, folder, path)
    db.close()
