"""A copy of the appliance to take away: the database as it is at one moment, and if wanted the events' pictures, as one
zip that is sent while it is made. Nobody who writes waits for it, and no more than some pieces of it are in memory.
"""

import fcntl
import hashlib
import json
import os
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from pivision.datafolder import DataFolder
from pivision.errors import PiVisionError
from pivision.moments import utc_text
from pivision.upkeep.statements import SQL
from station_kit.sqlitefile import open_database

FORMAT = 1
DATABASE, MANIFEST = "pivision.db", "manifest.json"
PIECE = 256 * 1024
_PAGES = 1024  # at a time: between two such steps the copy can be given up


class BackupBusy(PiVisionError):
    """Another backup is being taken: one at a time, for the room that it takes."""


class NoRoom(PiVisionError):
    """The copy would leave less room than the appliance wants."""


class Damaged(PiVisionError):
    """The database's own check fails: such a copy is no backup."""


@dataclass
class Copy:
    """The database as it was, in a file that has no name any more: whatever ends us, nothing is left behind."""

    at: datetime
    file: IO[bytes]
    db: sqlite3.Connection
    lock: IO[bytes]
    bytes: int
    sha256: str
    schema: int

    def close(self) -> None:
        """Give the room back, and let the next one begin."""
        self.db.close()
        self.file.close()
        self.lock.close()


def sweep(folder: DataFolder) -> None:
    """Remove what one left that was ended in the middle; one that is being taken is left alone."""
    with suppress(BackupBusy, OSError):
        _locked(folder).close()


def take(database: Path, folder: DataFolder, now: datetime, *, least_free: int) -> Copy:
    """The copy, checked. Close it. BackupBusy, NoRoom, Damaged."""
    lock = _locked(folder)
    draft = _draft(folder)
    db: sqlite3.Connection | None = None
    try:
        _require_room(database, folder, least_free)
        with closing(open_database(database, read_only=True)) as source:
            db = sqlite3.connect(draft, isolation_level=None, check_same_thread=False)
            db.row_factory = sqlite3.Row
            source.execute("BEGIN")  # in a write-ahead log whoever reads holds nobody up: this one moment is copied
            source.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            source.backup(db, pages=_PAGES)
        db.execute("PRAGMA journal_mode = DELETE")  # the copy is one file
        _require_whole(db)
        schema = int(db.execute("PRAGMA user_version").fetchone()[0])
        file = draft.open("rb")
        draft.unlink()
        digest = hashlib.sha256()
        while piece := file.read(PIECE):
            digest.update(piece)
        return Copy(now, file, db, lock, file.tell(), digest.hexdigest(), schema)
    except BaseException:
        if db is not None:
            db.close()
        _forget(draft)
        lock.close()
        raise


def stream(
    copy: Copy, folder: DataFolder, version: str, *, pictures: bool, given_up: Callable[[], bool] = lambda: False
) -> Iterator[bytes]:
    """The zip, piece by piece; the copy is closed at the end, however it comes, and soon when it is given up.

    The manifest is the last file in it: a zip without one was cut short.
    """
    try:
        out = _Pieces()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
            copy.file.seek(0)
            with packed.open(_named(DATABASE, copy.at), "w", force_zip64=True) as entry:
                while piece := copy.file.read(PIECE):
                    if given_up():
                        return
                    entry.write(piece)
                    yield from out.taken()
            told = {"kept": 0, "bytes": 0, "missing": 0}
            for row in copy.db.execute(SQL["pictures_to_take"]) if pictures else ():
                if given_up():
                    return
                _add_picture(packed, folder, row["path"], copy.at, told)
                yield from out.taken()
            packed.writestr(_named(MANIFEST, copy.at), _manifest(copy, version, told if pictures else None))
        yield from out.taken()
    finally:
        copy.close()


class _Pieces:
    """What a zip file is written to: what was written since is handed on, and nothing kept."""

    def __init__(self) -> None:
        self._held: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self._held.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing waits here."""

    def close(self) -> None:
        """Nothing is open here."""

    def taken(self) -> Iterator[bytes]:
        held, self._held = self._held, []
        if held:
            yield b"".join(held)


def _add_picture(packed: zipfile.ZipFile, folder: DataFolder, path: str, at: datetime, told: dict[str, int]) -> None:
    try:
        jpeg = folder.file(path).read_bytes()
    except OSError:  # retention was quicker
        told["missing"] += 1
        return
    packed.writestr(_named(path, at), jpeg, zipfile.ZIP_STORED)
    told["kept"] += 1
    told["bytes"] += len(jpeg)


def _manifest(copy: Copy, version: str, pictures: dict[str, int] | None) -> str:
    told = {
        "app": "pivision",
        "format": FORMAT,
        "version": version,
        "schema": copy.schema,
        "at": utc_text(copy.at),
        "database": {"file": DATABASE, "bytes": copy.bytes, "sha256": copy.sha256},
        "pictures": pictures,
    }
    return json.dumps(told, indent=1) + "\n"


def _named(name: str, at: datetime) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, at.timetuple()[:6])
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    return info


def _locked(folder: DataFolder) -> IO[bytes]:
    """A lock that ends with us, whatever ends us; what the one before us left is removed. BackupBusy."""
    place = _draft(folder).parent
    place.mkdir(mode=0o750, exist_ok=True)
    lock = (place / "backup.lock").open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as why:
        lock.close()
        raise BackupBusy("No backup taken: another one is on its way", "Wait until it ended") from why
    _forget(_draft(folder))
    return lock


def _draft(folder: DataFolder) -> Path:
    return folder.worker_bell.with_name("backup.db")


def _forget(draft: Path) -> None:
    for each in (draft, draft.with_name(f"{draft.name}-journal"), draft.with_name(f"{draft.name}-wal")):
        each.unlink(missing_ok=True)


def _require_room(database: Path, folder: DataFolder, least_free: int) -> None:
    disk = os.statvfs(folder.root)
    free, wanted = disk.f_bavail * disk.f_frsize, database.stat().st_size + least_free
    if free < wanted:
        mib = 2**20
        raise NoRoom(
            f"No backup taken: its copy needs {wanted // mib} MiB free, and {free // mib} MiB are",
            "Make room, or take the pictures away first: pivision export",
        )


def _require_whole(db: sqlite3.Connection) -> None:
    found = [row[0] for row in db.execute("PRAGMA integrity_check(5)")]
    if found != ["ok"]:
        raise Damaged(f"No backup taken: the database is damaged: {'; '.join(map(str, found))}", "pivision fsck")
