"""The appliance's database: opened the one safe way, migrated, durable where a camera was told so."""

import sqlite3
from contextlib import suppress
from pathlib import Path

from station_kit.migrations import migrate
from station_kit.sqlitefile import open_database


def open_durable(path: Path) -> sqlite3.Connection:
    """A connection whose commits outlive a power cut: for pictures that are acknowledged, and for events."""
    db = open_database(path)
    db.execute("PRAGMA synchronous = FULL")
    return db


def prepare(path: Path) -> None:
    """Make the database what this release wants; server and worker may do so at once. A new one is for us alone."""
    if not path.exists():
        with suppress(OSError):  # which is told better where it is opened
            path.touch(mode=0o640)  # digests of passwords are in it, and a command of somebody's may be what makes it
    db = open_database(path)
    try:
        migrate(db, "pivision.schema")
    finally:
        db.close()
