"""Cameras that fell silent, and came back: told once each, never because the worker itself was away."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta

from pivision.devices import configs
from pivision.moments import moment_of, utc_text
from pivision.telling.outbox import announce
from pivision.worker.statements import SQL
from station_kit.sqlitefile import transaction

MISSED_INTERVALS = 3  # source: the appliance's requirements; a heartbeat or a configuration fetch counts as a sign, too
MOST_JUMP_S = 5.0  # a clock that is corrected bit by bit stays far below
LEAST_S = 30.0  # a camera that restarts, or a busy network, is no event


@dataclass
class Watching:
    """How long we have listened since the clock last jumped: by the new time nobody was heard before."""

    began_s: float = 0.0
    last_s: float = 0.0
    last_at: datetime | None = None

    def listened_s(self, now: datetime, running_s: float) -> float:
        """`running_s` is a time of this process alone, which no clock changes."""
        if self.last_at is not None:
            jump_s = (now - self.last_at).total_seconds() - (running_s - self.last_s)
            if abs(jump_s) > MOST_JUMP_S:
                self.began_s = running_s
        self.last_at, self.last_s = now, running_s
        return running_s - self.began_s


@dataclass(frozen=True)
class Silence:
    """A camera that has said nothing for longer than it may."""

    device_id: int
    last_seen: datetime


def watch_silence(db: sqlite3.Connection, now: datetime, running_s: float) -> int:
    """How many events were written: cameras that went silent, and those that speak again.

    `running_s`: how long this process runs; before it has run as long as a silence must last, nothing is concluded,
    since cameras could not reach a machine that was off.
    """
    written = 0
    for row in db.execute(SQL["devices_heard"]).fetchall():
        cadence = configs.in_force(db, row["id"]).config.cadence
        limit_s = max(LEAST_S, MISSED_INTERVALS * max(cadence.capture_interval_ms, 1000) / 1000)
        silent_s = (now - moment_of(row["last_seen_at"])).total_seconds()
        if row["online"] and silent_s > limit_s and running_s > limit_s:
            written += _went_silent(db, Silence(row["id"], moment_of(row["last_seen_at"])), now)
        elif not row["online"] and -limit_s < silent_s <= limit_s:
            written += _speaks_again(db, row["id"], moment_of(row["last_seen_at"]), now)
    return written


def _went_silent(db: sqlite3.Connection, silence: Silence, now: datetime) -> int:
    values = _values(silence.device_id, "camera_offline", silence.last_seen, now)
    values["summary"] = "Nothing was heard of the camera"
    with transaction(db):
        db.execute("UPDATE device SET online = 0 WHERE id = ?", (silence.device_id,))
        found = db.execute(SQL["add_silence"], values).fetchone()
        if found is not None:
            announce(db, found["id"], "start", now)
    return 1 if found is not None else 0


def _speaks_again(db: sqlite3.Connection, device_id: int, seen: datetime, now: datetime) -> int:
    """The silence ends. A camera that speaks for the first time was never silent: nothing is told."""
    with transaction(db):
        db.execute("UPDATE device SET online = 1 WHERE id = ?", (device_id,))
        open_one = db.execute(SQL["open_silence"], {"device_id": device_id}).fetchone()
        if open_one is None:
            return 0
        db.execute("UPDATE event SET ended_at = ? WHERE id = ?", (utc_text(seen), open_one["id"]))
        announce(db, open_one["id"], "end", now)
        values = _values(device_id, "camera_online", seen, now)
        lasted = timedelta(seconds=round((seen - moment_of(open_one["started_at"])).total_seconds()))
        values |= {"ended_at": utc_text(seen), "summary": f"The camera is back after {lasted}"}
        found = db.execute(SQL["add_silence"], values).fetchone()
        if found is not None:
            announce(db, found["id"], "start", now)
    return 1 if found is not None else 0


def _values(device_id: int, kind: str, at: datetime, now: datetime) -> dict[str, object]:
    return {
        "device_id": device_id,
        "kind": kind,
        "started_at": utc_text(at),
        "ended_at": None,
        "summary": "",
        "created_at": utc_text(now),
    }
