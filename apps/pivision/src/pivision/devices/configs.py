"""What each device is told, version by version: read, saved with the version it was made from, taken back."""

import sqlite3
from dataclasses import dataclass
from functools import lru_cache

from pivision.config import Config, from_json, to_json
from pivision.devices.audit import By, note
from pivision.devices.errors import ConfigConflict, NoSuchVersion
from station_kit.sqlitefile import transaction


@dataclass(frozen=True)
class Version:
    """A configuration as it was saved. Version 0 was never saved: the defaults."""

    version: int
    config: Config
    made_at: str = ""
    made_by: str = ""
    note: str = ""


def in_force(db: sqlite3.Connection, device_id: int) -> Version:
    """The newest one; the defaults when none was ever saved."""
    row = db.execute(
        "SELECT version, body, made_at, made_by, note FROM device_config WHERE device_id = ?"
        " ORDER BY version DESC LIMIT 1",
        (device_id,),
    ).fetchone()
    return _version(row) if row else Version(0, Config())


def version(db: sqlite3.Connection, device_id: int, number: int) -> Version:
    """The one of that number. NoSuchVersion."""
    row = db.execute(
        "SELECT version, body, made_at, made_by, note FROM device_config WHERE device_id = ? AND version = ?",
        (device_id, number),
    ).fetchone()
    if row is None and number == 0:
        return Version(0, Config())
    if row is None:
        raise NoSuchVersion(f"The device has no configuration {number}")
    return _version(row)


def history(db: sqlite3.Connection, device_id: int, most: int = 50) -> list[Version]:
    """The newest first."""
    rows = db.execute(
        "SELECT version, body, made_at, made_by, note FROM device_config WHERE device_id = ?"
        " ORDER BY version DESC LIMIT ?",
        (device_id, most),
    )
    return [_version(row) for row in rows]


def put(db: sqlite3.Connection, device_id: int, config: Config, by: By, *, expected: int, why: str = "") -> int:
    """The new version, in force from now on. ConfigConflict when `expected` is not the one in force any more."""
    with transaction(db):
        newest = db.execute(
            "SELECT coalesce(max(version), 0) AS version FROM device_config WHERE device_id = ?", (device_id,)
        ).fetchone()["version"]
        if newest != expected:
            raise ConfigConflict(
                f"Configuration not saved: version {newest} is in force, this was made from {expected}",
                "Load it again and make the change there",
            )
        db.execute(
            "INSERT INTO device_config (device_id, version, body, made_at, made_by, note) VALUES (?, ?, ?, ?, ?, ?)",
            (device_id, newest + 1, to_json(config), by.at, by.who, why),
        )
        name = db.execute("SELECT name FROM device WHERE id = ?", (device_id,)).fetchone()["name"]
        note(db, by, "configuration saved", name, old=str(newest), new=str(newest + 1))
    return int(newest) + 1


def revert(db: sqlite3.Connection, device_id: int, number: int, by: By, *, expected: int) -> int:
    """What version `number` said, as a new version. NoSuchVersion, ConfigConflict."""
    wanted = version(db, device_id, number)
    return put(db, device_id, wanted.config, by, expected=expected, why=f"as version {number}")


def _version(row: sqlite3.Row) -> Version:
    return Version(row["version"], _read(row["body"]), row["made_at"], row["made_by"], row["note"])


@lru_cache(maxsize=64)  # the same few texts are asked for with every picture
def _read(body: str) -> Config:
    return from_json(body)
