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
from pathlib import Path
from typing import IO, Any

from pivision.database import open_durable, prepare
from pivision.datafolder import DataFolder
from pivision.devices.audit import By, note
from pivision.errors import PiVisionError
from pivision.moments import moment_of, utc_text
from pivision.pictures.filing import sync_folder
from pivision.upkeep.backup import DATABASE, FORMAT, MANIFEST, PIECE
from pivision.upkeep.statements import SQL
from pivision.upkeep.trusting import NotOurs, require_ours
from station_kit.errors import DatabaseUnusable
from station_kit.migrations import split_statements
from station_kit.sqlitefile import open_database, transaction

_MANIFEST_BYTES = 64 * 1024
_LEFT_FREE = 64 * 2**20
_OTHER = "Take a backup that PiVision made"


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
            _require_room(packed, folder)
            _extract_database(packed, manifest, draft)
            _require_ours(draft, place)
            kept, missing = _extract_pictures(packed, draft, DataFolder(place), by.now)
            _keep_withdrawn(draft, database, by)
            counts = _settle(draft, by, str(manifest["at"]))
            os.sync()  # some thousand files at once, before any of them counts
            aside = _put_in_place(DataFolder(place).events, draft, database, folder, by.now)
        except sqlite3.DatabaseError as why:
            raise NotRestored(f"Not restored: the database in {file} cannot be used: {why}", _OTHER) from why
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
    except OSError as why:
        raise NotRestored(
            f"Not restored: {file} cannot be read: {why.strerror}", "Name the zip that was downloaded"
        ) from why
    except zipfile.BadZipFile as why:
        raise NotRestored(f"Not restored: {file} is no whole backup: {why}", "Download it again") from why
    try:
        with packed:
            yield packed
    except (zipfile.BadZipFile, zlib.error, EOFError) as why:
        raise NotRestored(f"Not restored: {file} is damaged: {why}", "Download it again") from why


def _manifest(packed: zipfile.ZipFile) -> dict[str, Any]:
    """What it says of itself. NotRestored; it is read when it is as small as one of ours, and packed as ours."""
    try:
        if packed.getinfo(MANIFEST).file_size > _MANIFEST_BYTES or not all(map(_is_packed_as_ours, packed.infolist())):
            raise ValueError
        found = json.loads(packed.read(MANIFEST))
        moment_of(found["at"])
        if found["app"] == "pivision" and found["format"] == FORMAT and found["database"]["sha256"]:
            return dict(found)
    except (KeyError, ValueError, TypeError, RecursionError):
        pass
    raise NotRestored("Not restored: the file is no backup of PiVision that this release knows", "Take the right file")


def _is_packed_as_ours(entry: zipfile.ZipInfo) -> bool:
    """Whether it is as large as it says when it is unpacked, and needs no password."""
    return entry.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) and not entry.flag_bits & 1


def _require_room(packed: zipfile.ZipFile, folder: DataFolder) -> None:
    """No entry becomes larger than it says: `zipfile` reads no further."""
    disk = os.statvfs(folder.root)
    free, wanted = disk.f_bavail * disk.f_frsize, sum(entry.file_size for entry in packed.infolist()) + _LEFT_FREE
    if free < wanted:
        raise NotRestored(
            f"Not restored: it needs {wanted // 2**20} MiB, and {free // 2**20} MiB are free", "Make room"
        )


def _require_ours(draft: Path, place: Path) -> None:
    prepare(draft)
    try:
        require_ours(draft, place)
    except NotOurs as why:
        raise NotRestored(f"Not restored: {why.message}", _OTHER) from why


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
    with packed.open(DATABASE) as entry, _created(draft, 0o640) as out:
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
    folder.events.mkdir(mode=0o750)  # whatever is below is only for us, as where it was
    with closing(open_durable(draft)) as db:
        for row in db.execute(SQL["pictures_to_take"]):
            path = row["path"]
            if path not in there:
                gone.append(path)
                continue
            target = folder.file(path)
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists():  # two goods whose names differ in a sign that no file has share a picture
                with packed.open(path) as entry, _created(target, 0o600) as out:
                    shutil.copyfileobj(entry, out, PIECE)
            kept += 1
        with transaction(db):
            for path in gone:
                db.execute(
                    "UPDATE event_picture SET doomed_at = ?1, deleted_at = ?1 WHERE path = ?2", (utc_text(now), path)
                )
    return kept, len(gone)


def _created(path: Path, mode: int) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb")


def _keep_withdrawn(draft: Path, database: Path, by: By) -> None:
    """What was taken from somebody since stays taken: tokens, keys, and the sight of whole pictures."""
    if not database.exists():
        return
    with closing(open_durable(draft)) as db:
        db.execute("ATTACH ? AS before", (f"{database.absolute().as_uri()}?mode=ro",))
        for statement in split_statements(SQL["withdrawn"]):
            with suppress(sqlite3.OperationalError):  # what is set aside is of a time before there was such a thing
                db.execute(statement, {"at": by.at} if ":at" in statement else {})


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
    olds = [*_strange_secrets(draft, database, folder), database]
    olds += [each for each in (folder.events, folder.segments, folder.state) if any(each.iterdir())]
    for old in olds:
        if old.exists():
            target = old.with_name(old.name + suffix)
            old.rename(target)
            aside.append(str(target))
    with suppress(FileNotFoundError):
        folder.events.rmdir()
    pictures.rename(folder.events)
    folder.make()
    sync_folder(folder.root)
    draft.rename(database)
    sync_folder(database.parent)
    return tuple(aside)


def _strange_secrets(draft: Path, database: Path, folder: DataFolder) -> list[Path]:
    """Those that are not of the very subscriber that has their number now: numbers are given again, addresses are not.

    Events would be told to whom somebody had removed, a password to another broker.
    """
    same = {f"subscriber-{each[0]}" for each in _subscribers(draft) & _subscribers(database)}
    return sorted(each for each in folder.secrets.glob("subscriber-*.json") if each.stem not in same)


def _subscribers(database: Path) -> set[tuple[object, ...]]:
    if not database.exists():
        return set()
    try:
        with closing(open_database(database, read_only=True)) as db:
            return {tuple(row) for row in db.execute("SELECT id, kind, name, body, created_at FROM subscriber")}
    except (sqlite3.Error, DatabaseUnusable):  # of a time before there were any
        return set()
