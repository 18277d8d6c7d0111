"""Portable copies in a store: whole, ordinary SQLite files for a person to download and open. What is there.

    APP/DATABASE/database.db                  the current copy, written anew by every upload
    APP/DATABASE/database.db.json             its record
    APP/DATABASE/backups/NAME.db              a copy that is kept under its name and never written again
    APP/DATABASE/backups/NAME.db.json         its record

A file that is encrypted has `.age` after its name: `database.db.age`, whose record is `database.db.json` all the same,
and `backups/NAME.db.age` with the record `backups/NAME.db.age.json`.

The record goes first, so that a copy never lies there without one. The current copy's record names up to two files: the
one that was there and the one that is on its way; whatever is killed when, the file is one of the two.
"""

import json
import re
from dataclasses import asdict, dataclass
from datetime import datetime, tzinfo

from station.clock import from_text, to_text
from station.errors import DamagedObject, NoSuchPoint, Refused
from station.points.point import FORMAT, DatabaseId
from station.stores.cipher import SUFFIX
from station.stores.store import NoSuchKey, Store, read

NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,95}\.db")
ENDINGS = (".db", f".db{SUFFIX}")
UPLOAD_HINT = "Store it again: `station db upload`"


@dataclass(frozen=True)
class Copy:
    """One portable copy. `digest` is the database's, as its restore points have it.

    `bytes` and `sha256` are the stored file's; `key` is the age recipient it is encrypted to, "" when it is not. `wal`:
    the database was in write-ahead-log mode; the copy is not, so that it opens where nothing can be written.
    """

    app: str
    database: str
    epoch: int
    host: str
    taken_at: datetime
    page_size: int
    page_count: int
    digest: str
    wal: bool
    bytes: int
    sha256: str
    key: str = ""

    def object_key(self, key: str) -> str:
        """Where the file of the copy that is called `key` lies."""
        return f"{key}{SUFFIX}" if self.key else key


@dataclass(frozen=True)
class Kept:
    """A backup of a listing: its file's name, the bytes in the store, and its record unless that cannot be read."""

    name: str
    bytes: int
    copy: Copy | None


def current_key(identity: DatabaseId) -> str:
    return f"{identity.prefix}database.db"


def backup_key(identity: DatabaseId, name: str) -> str:
    return f"{identity.prefix}backups/{name}"


def record_key(key: str) -> str:
    return f"{key}.json"


def backup_name(text: str | None, now: datetime, zone: tzinfo | None) -> str:
    """The file name of a backup: as given, with `.db` at its end, or made of the wall time in `zone`. Refused."""
    if text is None:
        return f"database_backup_{now.astimezone(zone):%Y%m%d_%H%M%S}.db"
    name = text if text.endswith(".db") else f"{text}.db"
    if not NAME.fullmatch(name):
        raise Refused(
            f"No backup is named {text!r}", "Use letters, digits, '.', '_' and '-', no folder, at most 98 characters"
        )
    return name


def to_record(copies: list[Copy]) -> bytes:
    """The file that is there comes first, the one on its way last."""
    return (json.dumps({"format": FORMAT, "files": [_fields(copy) for copy in copies]}, indent=1) + "\n").encode()


def from_record(record: bytes, key: str) -> list[Copy]:
    """What `to_record` wrote. DamagedObject, naming `key`, when it is no record of ours."""
    try:
        said = json.loads(record)
        if said["format"] != FORMAT:
            raise ValueError("it is of another format")
        return [Copy(**(each | {"taken_at": from_text(each["taken_at"])})) for each in said["files"]]
    except (ValueError, TypeError, KeyError) as why:
        raise DamagedObject(f"The record {key} cannot be read: {why}", UPLOAD_HINT) from why


def recorded_copies(store: Store, key: str) -> list[Copy]:
    """What the record of the copy called `key` names; empty when there is no record. DamagedObject."""
    try:
        return from_record(read(store, record_key(key)), record_key(key))
    except NoSuchKey:
        return []


def current_copy(store: Store, identity: DatabaseId) -> Copy | None:
    """The copy that surely lies under `database.db`. None when there is none, or a cut run left two it could be."""
    key = current_key(identity)
    recorded = recorded_copies(store, key)
    if len(recorded) != 1 or recorded[0].bytes != stored_bytes(store, recorded[0].object_key(key)):
        return None
    return recorded[0]


def known_copy(store: Store, identity: DatabaseId) -> Copy | None:
    """As `current_copy`; None too when its record cannot be read."""
    try:
        return current_copy(store, identity)
    except DamagedObject:
        return None


def list_backups(store: Store, identity: DatabaseId) -> list[Kept]:
    """The backups, the oldest first; those without a readable record before all others."""
    folder = f"{identity.prefix}backups/"
    found = [
        Kept(entry.key.removeprefix(folder), entry.size_bytes, _record_of(store, entry.key))
        for entry in store.list(folder)
        if entry.key.endswith(ENDINGS)
    ]
    return sorted(found, key=lambda kept: (to_text(kept.copy.taken_at) if kept.copy else "", kept.name))


def one_backup(store: Store, identity: DatabaseId, name: str) -> str:
    """The key of the backup with that name, encrypted or not; the name's ending may be left out. NoSuchPoint."""
    plain = name.removesuffix(SUFFIX)
    key = backup_key(identity, plain if plain.endswith(".db") else f"{plain}.db")
    if NAME.fullmatch(key.rpartition("/")[2]) is None or not stored_names(store, key):
        raise NoSuchPoint(f"There is no backup named {name}", "`station db list-backups` prints the names")
    return key


def stored_names(store: Store, key: str) -> dict[str, int]:
    """The objects in which the copy that is called `key` may lie, plain or encrypted, with their sizes."""
    return {entry.key: entry.size_bytes for entry in store.list(key) if entry.key in (key, f"{key}{SUFFIX}")}


def stored_bytes(store: Store, key: str) -> int | None:
    """The size of the object under exactly that key; None when there is none."""
    return next((entry.size_bytes for entry in store.list(key) if entry.key == key), None)


def _record_of(store: Store, key: str) -> Copy | None:
    try:
        copies = recorded_copies(store, key)
    except DamagedObject:
        return None
    return copies[-1] if copies else None


def _fields(copy: Copy) -> dict[str, object]:
    return asdict(copy) | {"taken_at": to_text(copy.taken_at)}
