"""Whether what comes back is a database of ours: what is in it decides which files are shown and removed later."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from pivision.database import prepare
from pivision.devices.registry import NAME
from pivision.errors import PiVisionError
from pivision.moments import moment_of
from station_kit.sqlitefile import open_database

_PART = r"[A-Za-z0-9_-][A-Za-z0-9._-]*"
_PICTURE = re.compile(rf"events(?:/{_PART})+/{_PART}")
_COMMENT = re.compile(r"--[^\n]*")
_OF_SQLITE = ("sqlite_sequence", "sqlite_stat1", "sqlite_stat4")

_Schema = frozenset[tuple[str, str, str, str]]


class NotOurs(PiVisionError):
    """The database holds what no release of ours wrote into one."""


def require_ours(database: Path, place: Path) -> None:
    """The newest schema and nothing besides, as no trigger of somebody else's, and names that lead nowhere. NotOurs.

    In `place` a new database is made to compare with.
    """
    other = place / "empty.db"
    prepare(other)
    with closing(open_database(database)) as db, closing(open_database(other)) as empty:
        strange = _schema(db) ^ _schema(empty)
        if strange:
            names = ", ".join(sorted({repr(name[:64]) for _, name, _, _ in strange})[:5])
            raise NotOurs(f"its schema is not that of PiVision: {names}")
        _require_names(db)


def _schema(db: sqlite3.Connection) -> _Schema:
    rows = db.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema").fetchall()
    return frozenset(
        (row["type"], row["name"], row["tbl_name"], " ".join(_COMMENT.sub("", row["sql"] or "").split()))
        for row in rows
        if not (row["type"] == "table" and row["name"] in _OF_SQLITE)
    )


def _require_names(db: sqlite3.Connection) -> None:
    """Those of which paths are made."""
    for row in db.execute("SELECT path FROM event_picture"):
        if not _PICTURE.fullmatch(row["path"]):
            raise NotOurs(f"{row['path'][:64]!r} is no place of a picture")
    for row in db.execute("SELECT name FROM device"):
        if not NAME.fullmatch(row["name"]):
            raise NotOurs(f"{row['name'][:64]!r} is no name of a camera")
    for row in db.execute("SELECT DISTINCT started_at FROM event"):
        try:
            moment_of(row["started_at"])
        except ValueError as why:
            raise NotOurs(f"{row['started_at'][:64]!r} is no moment") from why
