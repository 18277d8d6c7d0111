"""When looking falls behind, every second idle picture is left out; none of a visit, and never the newest."""

import sqlite3
from datetime import datetime, timedelta
from itertools import pairwise

from pivision.config import Cadence
from pivision.devices.configs import in_force
from pivision.moments import moment_of, utc_text
from pivision.queue.statements import SQL
from station_kit.sqlitefile import transaction

LAG_S = 60.0
MOST_AT_ONCE = 500  # of each device: the write lock is not held for long


def thin(db: sqlite3.Connection, now: datetime, *, lag_s: float = LAG_S) -> int:
    """How many pictures were left out (`skipped`) of devices whose oldest has waited longer than `lag_s`.

    Each call leaves out about half of what may be; call it every 30 s or so. A picture counts as one of a visit when
    the device's detector is in one, when it was sent in a burst, or when it came sooner after the one before it than
    the device sends while nothing happens.
    """
    since = utc_text(now - timedelta(seconds=lag_s))
    late = [row["device_id"] for row in db.execute(SQL["heads"], {"waits_since": since})]
    return sum(_thin(db, device_id, now) for device_id in late)


def _thin(db: sqlite3.Connection, device_id: int, now: datetime) -> int:
    cadence = in_force(db, device_id).config.cadence
    with transaction(db):
        rows = db.execute(SQL["oldest_of"], {"device_id": device_id, "most": MOST_AT_ONCE}).fetchall()
        idle = [row for row, calm in zip(rows, _calm(rows, cadence), strict=True) if calm]
        left_out = idle[1::2]
        for row in left_out:
            db.execute("DELETE FROM job WHERE id = ?", (row["job_id"],))
            db.execute(
                "UPDATE capture SET status = 'skipped', processed_at = ? WHERE id = ?",
                (utc_text(now), row["capture_id"]),
            )
    return len(left_out)


def _calm(rows: list[sqlite3.Row], cadence: Cadence) -> list[bool]:
    """Of each picture whether it may be left out: nothing was going on, before it or after it."""
    idle_gap_s = cadence.capture_interval_ms / 1000 * 0.5
    times = [moment_of(row["taken_at"]) for row in rows]
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(times)]
    slow = [gap >= idle_gap_s or gap < 0 for gap in gaps]
    calm: list[bool] = []
    for place, row in enumerate(rows):
        near = slow[max(0, place - 1) : place + 1]
        newest = row["capture_id"] == row["newest_id"]
        calm.append(all(near) and not row["burst"] and not row["attempts"] and not newest)
    return calm
