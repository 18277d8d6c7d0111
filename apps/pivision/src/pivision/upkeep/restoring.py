"""Put a backup back: into a new appliance, or in the place of one, which is set aside and not removed."""

import hashlib
import json
import os
import shutil
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from pivision.database import open_durable, prepare
from pivision.datafolder import DataFolder
from pivision.devices.audit import By, note
from pivision.errors import PiVisionError
from pivision.moments import utc_text
from pivision.pictures.filing import sync_folder
from pivision.upkeep.backup import DATABASE, FORMAT, MANIFEST, PIECE
from pivision.upkeep.statements import SQL
from station_kit.migrations import split_statements
from station_kit.sqlitefile import open_database, transaction


class NotRestored(PiVisionError):
    """The file is no whole backup, or the place is taken; nothing changed."""


@dataclass(frozen=True)
class Restored:
    """What is back, of when; `aside`: where what was there before lies now."""

    at: str
    cameras: int
    events: int
    pictures: int
    missing: int
    aside: tuple[str, ...]


def restore(file: Path, database: Path, folder: DataFolder, by: By, *, replace: bool = False) -> Restored:
    """Everything is checked before anything is changed. NotRestored, MigrationRefused."""
    with _opened(file) as packed:
        manifest = _manifest(packed)
        _require_free(database, replace=replace)
        folder.make()
        place, draft = folder.root / ".restore", database.with_name(f".{database.name}.restore")
        try:
            _clear(place, draft)
            place.mkdir(mode=0o700)
            _extract_database(packed, manifest, draft)
            prepare(draft)
            kept, missing = _extract_pictures(packed, draft, DataFolder(place), by.now)
            counts = _settle(draft, by, str(manifest["at"]))
            os.sync()  # some thousand files at once, before any of them counts
            aside = _put_in_place(DataFolder(place).events, draft, database, folder, by.now)
        finally:
            _clear(place, draft)
    return Restored(str(manifest["at"]), *counts, kept, missing, aside)


def _clear(place: Path, draft: Path) -> None:
    """Also what a try before this one left."""
    shutil.rmtree(place, ignore_errors=True)
    for ending in ("", "-wal", "-shm", "-journal"):
        draft.with_name(draft.name + ending).unlink(missing_ok=True)


@contextmanager
def _opened(file: Path) -> Iterator[zipfile.ZipFile]:
    try:
        packed = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError) as why:
        raise NotRestored(f"Not restored: {file} is no whole backup: {why}", "Download it again") from why
    try:
        with packed:
            yield packed
    except (zipfile.BadZipFile, zlib.error, EOFError) as why:
        raise NotRestored(f"Not restored: {file} is damaged: {why}", "Download it again") from why


def _manifest(packed: zipfile.ZipFile) -> dict[str, Any]:
    try:
        found = json.loads(packed.read(MANIFEST))
        if found["app"] == "pivision" and found["format"] == FORMAT and found["database"]["file"] == DATABASE:
            return dict(found)
    except (KeyError, ValueError, TypeError):
        pass
    raise NotRestored("Not restored: the file is no backup of PiVision that this release knows", "Take the right file")


def _require_free(database: Path, *, replace: bool) -> None:
    """Nothing of worth is there, or it may be set aside; and no process has it open."""
    if not database.exists():
        return
    with closing(open_database(database)) as db:
        tables = {row["name"] for row in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
        used = "device" in tables and db.execute("SELECT 1 FROM device UNION ALL SELECT 1 FROM event").fetchone()
        if used and not replace:
            raise NotRestored(
                f"Not restored: {database} has cameras or events",
                "With --replace it is set aside, with its pictures, and the backup takes its place",
            )
        try:
            db.execute("PRAGMA busy_timeout = 500")
            db.execute("PRAGMA journal_mode = DELETE")  # which nobody may do beside another connection
        except sqlite3.OperationalError as why:
            raise NotRestored(
                f"Not restored: {database} is in use", "Stop both: systemctl stop pivision-server pivision-worker"
            ) from why


def _extract_database(packed: zipfile.ZipFile, manifest: dict[str, Any], draft: Path) -> None:
    digest = hashlib.sha256()
    with packed.open(DATABASE) as entry, draft.open("xb") as out:
        while piece := entry.read(PIECE):
            digest.update(piece)
            out.write(piece)
    if digest.hexdigest() != manifest["database"]["sha256"]:
        raise NotRestored("Not restored: the database in the file is not the one that was taken", "Download it again")
    with closing(open_database(draft)) as db:
        if [row[0] for row in db.execute("PRAGMA integrity_check(5)")] != ["ok"]:
            raise NotRestored("Not restored: the database in the file is damaged", "Take an older backup")


def _extract_pictures(packed: zipfile.ZipFile, draft: Path, folder: DataFolder, now: datetime) -> tuple[int, int]:
    """Those that a row names, by its path alone, and what is not there is said to be gone. How many each was."""
    there, kept, gone = set(packed.namelist()), 0, []
    with closing(open_durable(draft)) as db:
        for row in db.execute(SQL["pictures_to_take"]):
            path = row["path"]
            if path not in there or PurePosixPath(path).parts[0] != "events":
                gone.append(path)
                continue
            target = folder.file(path)
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
            with packed.open(path) as entry, target.open("xb") as out:
                shutil.copyfileobj(entry, out, PIECE)
            kept += 1
        with transaction(db):
            for path in gone:
                db.execute(
                    "UPDATE event_picture SET doomed_at = ?1, deleted_at = ?1 WHERE path = ?2", (utc_text(now), path)
                )
    return kept, len(gone)


def _settle(draft: Path, by: By, taken_at: str) -> tuple[int, int]:
    """How many cameras and events there are."""
    with closing(open_durable(draft)) as db:
        with transaction(db):
            for statement in split_statements(SQL["settle"]):
                db.execute(statement, {"at": by.at} if ":at" in statement else {})
            note(db, by, "backup restored", taken_at)
        db.execute("PRAGMA journal_mode = DELETE")  # one file, that can be moved
        cameras, events = db.execute("SELECT (SELECT count(*) FROM device), (SELECT count(*) FROM event)").fetchone()
    return int(cameras), int(events)


def _put_in_place(pictures: Path, draft: Path, database: Path, folder: DataFolder, now: datetime) -> tuple[str, ...]:
    """The old ones aside, the new ones in, the database last: until then there is none that names what is not there."""
    suffix, aside = f".before-{now:%Y%m%dT%H%M%SZ}", []
    olds = [database, *(each for each in (folder.events, folder.segments, folder.state) if any(each.iterdir()))]
    for old in olds:
        if old.exists():
            target = old.with_name(old.name + suffix)
            old.rename(target)
            aside.append(str(target))
    if pictures.is_dir():
        with suppress(FileNotFoundError):
            folder.events.rmdir()
        pictures.rename(folder.events)
    folder.make()
    sync_folder(folder.root)
    draft.rename(database)
    sync_folder(database.parent)
    return tuple(aside)
