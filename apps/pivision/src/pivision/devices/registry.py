"""The devices: made, listed, named, enabled."""

import re
import sqlite3
from dataclasses import dataclass
from datetime import datetime

from pivision.devices.audit import By, note
from pivision.devices.errors import BadName, DeviceExists
from pivision.devices.statements import SQL
from pivision.errors import NoSuchDevice
from pivision.moments import moment_of, utc_text
from station_kit.sqlitefile import transaction

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
RECENT_PICTURES = 1000  # that gaps are looked for in


@dataclass(frozen=True)
class Device:
    """A camera as it is known; moments as the database has them, None for what it never told."""

    id: int
    name: str
    title: str
    enabled: bool
    created_at: str
    last_seen_at: str | None
    last_frame_at: str | None
    last_config_at: str | None
    config_seen: int | None
    boot_id: str | None
    fw_version: str | None
    rssi: int | None
    battery_mv: int | None
    temperature_c: float | None
    uptime_s: int | None
    free_heap: int | None
    reset_reason: str | None
    spool_depth: int | None
    clock_offset_s: float | None
    burst_until: str | None
    online: bool
    notes: str
    privacy_blur: bool
    signs: bool
    config_version: int
    waits_since: str | None

    def lag_s(self, now: datetime) -> float:
        """How long its oldest picture has waited to be looked at."""
        return max(0.0, (now - moment_of(self.waits_since)).total_seconds()) if self.waits_since else 0.0

    def bursting(self, now: datetime) -> bool:
        """Whether frames are wanted quickly now."""
        return self.burst_until is not None and self.burst_until > utc_text(now)


@dataclass(frozen=True)
class Gaps:
    """Of the last pictures: how many came, in how many places the numbers jump, how many are missing there."""

    pictures: int
    gaps: int
    missing: int


def add(db: sqlite3.Connection, name: str, title: str, by: By) -> Device:
    """A device that may be enrolled. BadName, DeviceExists."""
    if not NAME.fullmatch(name):
        raise BadName(
            f"Device {name!r} not made: that is no name",
            "Up to 64 letters, digits, dots, dashes and underscores, beginning with a letter or digit",
        )
    with transaction(db):
        if db.execute("SELECT 1 FROM device WHERE name = ?", (name,)).fetchone():
            raise DeviceExists(f"Device {name} not made: there is one", f"A new key: pivision devices rotate {name}")
        db.execute(
            "INSERT INTO device (name, title, created_at) VALUES (?, ?, ?)", (name, title.strip() or name, by.at)
        )
        note(db, by, "device made", name)
    return device(db, name)


def devices(db: sqlite3.Connection) -> list[Device]:
    """All of them, by name."""
    return [_device(row) for row in db.execute(SQL["list"], {"name": None})]


def device(db: sqlite3.Connection, name: str) -> Device:
    """The one of that name. NoSuchDevice."""
    row = db.execute(SQL["list"], {"name": name}).fetchone()
    if row is None:
        raise NoSuchDevice(f"There is no device {name}", "See them all: pivision devices list")
    return _device(row)


def gaps(db: sqlite3.Connection, device_id: int, most: int = RECENT_PICTURES) -> Gaps:
    """What is missing among the device's last pictures."""
    return Gaps(*db.execute(SQL["gaps"], {"device_id": device_id, "most": most}).fetchone())


def enable(db: sqlite3.Connection, name: str, by: By, *, enabled: bool) -> None:
    """A disabled device is refused whatever key it has; nothing else of it changes. NoSuchDevice."""
    found = device(db, name)
    with transaction(db):
        db.execute("UPDATE device SET enabled = ? WHERE id = ?", (enabled, found.id))
        note(db, by, "device enabled" if enabled else "device disabled", name)


def blur(db: sqlite3.Connection, name: str, by: By, *, wanted: bool) -> None:
    """Whether people see of its pictures only the goods; the pictures themselves stay as they are. NoSuchDevice."""
    found = device(db, name)
    with transaction(db):
        db.execute("UPDATE device SET privacy_blur = ? WHERE id = ?", (wanted, found.id))
        note(db, by, "privacy blur on" if wanted else "privacy blur off", name)


def require_signatures(db: sqlite3.Connection, name: str, by: By, *, wanted: bool) -> None:
    """Take only signed requests of it, or only those with its key. NoSuchDevice."""
    found = device(db, name)
    with transaction(db):
        db.execute("UPDATE device SET signs = ? WHERE id = ?", (wanted, found.id))
        note(db, by, "signatures required" if wanted else "signatures not required", name)


def describe(db: sqlite3.Connection, name: str, by: By, *, title: str, notes: str) -> None:
    """What people call it, and what they wrote about it. NoSuchDevice."""
    found = device(db, name)
    with transaction(db):
        db.execute("UPDATE device SET title = ?, notes = ? WHERE id = ?", (title.strip() or name, notes, found.id))
        note(db, by, "device described", name, old=found.title, new=title.strip() or name)


def _device(row: sqlite3.Row) -> Device:
    values = dict(row)
    facts = {name: bool(values[name]) for name in ("enabled", "online", "privacy_blur", "signs")}
    return Device(**{**values, **facts})
