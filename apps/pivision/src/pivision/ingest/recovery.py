"""Put right at the start what a power cut left: segments that were not closed, torn tails, files that are missing."""

import hashlib
import logging
import os
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pivision.datafolder import DataFolder
from pivision.ingest.segments import locked
from pivision.ingest.statements import SQL
from pivision.moments import utc_text
from station_kit.sqlitefile import transaction

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Recovered:
    """`closed` segments of a dead server, `torn_bytes` that no row promises, `missing` pictures, `swept` files."""

    closed: int = 0
    torn_bytes: int = 0
    missing: int = 0
    swept: int = 0


def recover(db: sqlite3.Connection, folder: DataFolder, now: datetime) -> Recovered:
    """Rows and files fit together afterwards. A segment that a living server writes to is left alone."""
    closed = torn = missing = 0
    for row in db.execute(SQL["segment_ends"]).fetchall():
        path = folder.file(row["path"])
        fd = _own(path)
        if fd == _LOCKED:
            continue
        try:
            size = os.fstat(fd).st_size if fd != _GONE else 0
            missing += _fail(db, _missing(db, row["segment_id"], fd, size, whole=row["closed_at"] is not None), now)
            if row["closed_at"] is None:
                ends = min(row["ends"], size)
                if fd != _GONE and size > ends:
                    os.ftruncate(fd, ends)
                    torn += size - ends
                db.execute(
                    "UPDATE segment SET closed_at = ?, bytes = ? WHERE id = ?", (utc_text(now), ends, row["segment_id"])
                )
                closed += 1
        finally:
            if fd >= 0:
                os.close(fd)
    found = Recovered(closed, torn, missing, _sweep(db, folder))
    if found != Recovered():
        _log.warning(
            "recovered segments=%d torn_bytes=%d missing=%d swept=%d",
            found.closed, found.torn_bytes, found.missing, found.swept,
        )  # fmt: skip
    return found


_LOCKED, _GONE = -1, -2


def _own(path: Path) -> int:
    """The file, open and locked; or _LOCKED, _GONE."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return _GONE
    if locked(fd):
        return fd
    os.close(fd)
    return _LOCKED


def _missing(db: sqlite3.Connection, segment_id: int, fd: int, size: int, *, whole: bool) -> list[int]:
    """The pictures whose bytes are not there. In a segment that was not closed some may be there and wrong: they were
    still on their way to the disk, and nobody was told of them."""
    missing = []
    for row in db.execute(SQL["pictures_of"], {"segment_id": segment_id}):
        there = row["position"] + row["bytes"] <= size
        if there and not whole:
            there = hashlib.sha256(os.pread(fd, row["bytes"], row["position"])).digest() == row["sha256"]
        if not there:
            missing.append(row["id"])
    return missing


def _fail(db: sqlite3.Connection, captures: list[int], now: datetime) -> int:
    with transaction(db):
        for capture in captures:
            db.execute(SQL["fail_missing"], {"capture_id": capture, "at": utc_text(now)})
            db.execute("DELETE FROM job WHERE capture_id = ?", (capture,))
    return len(captures)


def _sweep(db: sqlite3.Connection, folder: DataFolder) -> int:
    """Files that no row names: made by a server that ended before its first commit to them."""
    swept = 0
    known = {row["path"] for row in db.execute("SELECT path FROM segment")}
    for path in folder.segments.glob("*/*.seg"):
        name = str(path.relative_to(folder.root))
        if name in known:
            continue
        fd = _own(path)
        if fd < 0:
            continue
        row = db.execute("SELECT 1 FROM segment WHERE path = ?", (name,)).fetchone()
        if row is None:  # still, now that nobody can be writing to it
            path.unlink(missing_ok=True)
            swept += 1
        os.close(fd)
    return swept
