"""Who is asking: keys compared, rotated with an overlap, revoked; enrolment by a one-time code."""

import hmac
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta

from pivision.devices.audit import By, note
from pivision.devices.errors import BadCode
from pivision.devices.keys import NewKey, code_digest, digest, lookup_of, new_code, new_key
from pivision.devices.registry import device
from pivision.devices.statements import SQL
from pivision.moments import utc_text
from station_kit.environment import Secret
from station_kit.sqlitefile import transaction

CODE_S = 900.0
OVERLAP_S = 7 * 86_400.0  # for a camera that fetches its new key later, or is asleep
_USED_EVERY_S = 60.0  # how exactly `last_used_at` is kept
_NOTHING = bytes(32)


@dataclass(frozen=True)
class Caller:
    """The device whose key came with a request, and what it is to be told.

    `key_used`: that this key is in use is to be written down with `used`; it may end the keys before it.
    """

    device_id: int
    name: str
    enabled: bool
    key_id: int
    key_used: bool
    burst_until: str | None
    config_version: int
    signs: bool = False  # its requests have to be signed


@dataclass(frozen=True)
class KeyShown:
    """What may be shown of a key that is valid."""

    hint: str
    created_at: str
    expires_at: str | None
    last_used_at: str | None


def authenticate(db: sqlite3.Connection, key: str, now: datetime) -> Caller | None:
    """Whose key this is; None when it is nobody's, revoked or over. A disabled device is found, too: ask `enabled`."""
    lookup = lookup_of(key)
    found = by_lookup(db, lookup, now) if lookup else None
    if not hmac.compare_digest(digest(key), found[1] if found else _NOTHING) or found is None:
        return None
    return found[0]


def by_lookup(db: sqlite3.Connection, lookup: str, now: datetime) -> tuple[Caller, bytes] | None:
    """Whose key has that public part, and what is stored of the key. That it was used by its device is not said."""
    row = db.execute(SQL["by_key"], {"lookup": lookup, "now": utc_text(now)}).fetchone()
    if row is None:
        return None
    stale = utc_text(now - timedelta(seconds=_USED_EVERY_S))
    caller = Caller(
        device_id=row["device_id"],
        name=row["name"],
        enabled=bool(row["enabled"]),
        key_id=row["key_id"],
        key_used=row["last_used_at"] is None or not stale < row["last_used_at"] <= utc_text(now),
        burst_until=row["burst_until"],
        config_version=row["config_version"],
        signs=bool(row["signs"]),
    )
    return caller, row["digest"]


def used(db: sqlite3.Connection, caller: Caller, now: datetime) -> None:
    """Write down that the key is in use; at its first use the device's older keys end. In the caller's transaction."""
    at = utc_text(now)
    first = db.execute(
        "UPDATE device_key SET last_used_at = ?1 WHERE id = ?2 AND last_used_at IS NULL", (at, caller.key_id)
    )
    if first.rowcount:
        db.execute(
            "UPDATE device_key SET revoked_at = ? WHERE device_id = ? AND id < ? AND revoked_at IS NULL",
            (at, caller.device_id, caller.key_id),
        )
    else:
        db.execute("UPDATE device_key SET last_used_at = ? WHERE id = ?", (at, caller.key_id))


def make_code(db: sqlite3.Connection, name: str, by: By) -> Secret:
    """A code for the device, to be exchanged once within 15 minutes; the codes before it are void. NoSuchDevice."""
    found = device(db, name)
    code = new_code()
    with transaction(db):
        db.execute("DELETE FROM enrolment_code WHERE device_id = ? AND used_at IS NULL", (found.id,))
        db.execute(
            "INSERT INTO enrolment_code (digest, device_id, created_at, expires_at) VALUES (?, ?, ?, ?)",
            (code_digest(code.reveal()), found.id, by.at, utc_text(by.now + timedelta(seconds=CODE_S))),
        )
        note(db, by, "enrolment code made", name)
    return code


def enroll(db: sqlite3.Connection, name: str, code: str, now: datetime) -> Secret:
    """The device's new key, for its code: once. BadCode says as little as possible."""
    with transaction(db):
        found = db.execute(SQL["code"], {"digest": code_digest(code), "name": name, "now": utc_text(now)}).fetchone()
        if found is None:
            raise BadCode(
                "Not enrolled: the code is not this device's, was used, or is older than 15 minutes",
                f"Make a new one: pivision devices code {name}",
            )
        db.execute("UPDATE enrolment_code SET used_at = ? WHERE id = ?", (utc_text(now), found["code_id"]))
        key = _add_key(db, found["device_id"], now, OVERLAP_S)
        note(db, By(name, now), "device enrolled", name, new=f"…{key.hint}")
    return key.secret


def rotate(db: sqlite3.Connection, name: str, by: By, *, overlap_s: float = OVERLAP_S) -> Secret:
    """A new key; the old ones stay valid until it is used, and no longer than `overlap_s`. NoSuchDevice."""
    found = device(db, name)
    with transaction(db):
        key = _add_key(db, found.id, by.now, overlap_s)
        note(db, by, "key rotated", name, new=f"…{key.hint}")
    return key.secret


def revoke(db: sqlite3.Connection, name: str, by: By) -> int:
    """How many keys of the device ended, now, with its codes: it has to be enrolled again. NoSuchDevice."""
    found = device(db, name)
    with transaction(db):
        ended = db.execute(
            "UPDATE device_key SET revoked_at = ? WHERE device_id = ? AND revoked_at IS NULL", (by.at, found.id)
        ).rowcount
        db.execute("DELETE FROM enrolment_code WHERE device_id = ? AND used_at IS NULL", (found.id,))
        note(db, by, "keys revoked", name)
    return ended


def keys_of(db: sqlite3.Connection, device_id: int, now: datetime) -> list[KeyShown]:
    """The keys that open anything now, the newest first."""
    return [KeyShown(*row) for row in db.execute(SQL["keys_of"], {"device_id": device_id, "now": utc_text(now)})]


def _add_key(db: sqlite3.Connection, device_id: int, now: datetime, overlap_s: float) -> NewKey:
    """The keys before it end after the overlap, or sooner if that was said before."""
    key, at = new_key(), utc_text(now)
    over = utc_text(now + timedelta(seconds=overlap_s))
    db.execute(
        "UPDATE device_key SET expires_at = min(coalesce(expires_at, ?1), ?1) WHERE device_id = ?2"
        " AND revoked_at IS NULL",
        (over, device_id),
    )
    db.execute(
        "INSERT INTO device_key (device_id, lookup, digest, hint, created_at) VALUES (?, ?, ?, ?, ?)",
        (device_id, key.lookup, key.digest, key.hint, at),
    )
    return key
