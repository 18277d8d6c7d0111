"""What a picture is to the database: new, the same again, or another under a number that was taken."""

import json
import logging
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta

from pivision.devices import access
from pivision.ingest.frames import Frame, Heard, Stored
from pivision.ingest.meta import moment_text
from pivision.ingest.refusals import Refusal
from pivision.ingest.statements import SQL
from pivision.moments import moment_of, utc_text

# A camera without clock and boot_id that lost its counter: its numbers come again, with other pictures, after a while.
_LATER = timedelta(seconds=60)
_MUCH_LATER = timedelta(seconds=600)
_TOLD = (
    "fw_version", "rssi", "battery_mv", "temperature_c", "uptime_s", "free_heap", "reset_reason", "spool_depth",
)  # fmt: skip

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Place:
    """Where a picture's bytes lie."""

    segment_id: int
    position: int


def decide(db: sqlite3.Connection, frame: Frame, now: datetime) -> str | Stored:
    """The run that the picture belongs to; or what it is stored as already. Refusal (409): another has its number."""
    meta, device_id = frame.meta, frame.caller.device_id
    run = meta.boot_id if meta.boot_id is not None else _newest_run(db, device_id)
    taken = _known(db, device_id, run, meta.seq)
    if taken is not None and taken["sha256"] == frame.sha256:
        return run if taken["lost"] else _again(taken)
    if meta.boot_id is None:
        return _unnamed_run(db, frame, run, taken, now)
    if taken is not None:
        raise _taken(frame)
    return run


def _unnamed_run(
    db: sqlite3.Connection, frame: Frame, run: str, taken: sqlite3.Row | None, now: datetime
) -> str | Stored:
    """Of a device that names no runs: when its counter begins again with newer pictures, that is a new one."""
    meta, device_id = frame.meta, frame.caller.device_id
    before = _known(db, device_id, _run(_number(run) - 1), meta.seq) if run else None
    if before is not None and before["sha256"] == frame.sha256:
        return _again(before)
    highest = db.execute(SQL["highest"], {"device_id": device_id, "boot_id": run}).fetchone()
    if highest is None or meta.seq > highest["seq"]:
        return run
    if _newer(frame, highest, now) or (taken is not None and now - moment_of(taken["received_at"]) > _MUCH_LATER):
        _log.warning("device restarted device=%s seq=%d after=%d", frame.caller.name, meta.seq, highest["seq"])
        return _run(_number(run) + 1)
    if taken is not None:
        raise _taken(frame)
    return run


def _again(row: sqlite3.Row) -> Stored:
    return Stored(row["frame_id"], moment_of(row["received_at"]), duplicate=True)


def add(db: sqlite3.Connection, frame: Frame, run: str, place: Place, now: datetime) -> Stored:
    """Rows for a picture whose bytes are on the disk. Refusal as `decide`. In the caller's transaction."""
    meta, at = frame.meta, utc_text(now)
    extras = dict(meta.extras)
    if frame.caller.burst_until is not None and frame.caller.burst_until > at:
        extras["burst"] = 1
    row = db.execute(
        SQL["add_capture"],
        {
            "device_id": frame.caller.device_id,
            "boot_id": run,
            "seq": meta.seq,
            "captured_at": moment_text(meta.captured_at),
            "captured_raw": meta.captured_raw,
            "received_at": at,
            "width": frame.width,
            "height": frame.height,
            "bytes": len(frame.image),
            "sha256": frame.sha256,
            "segment_id": place.segment_id,
            "position": place.position,
            "meta": json.dumps(extras, separators=(",", ":")) if extras else None,
        },
    ).fetchone()
    if row is None:  # lost once; or the number is in this very group, or came through another process meanwhile
        again = decide(db, frame, now)
        if isinstance(again, Stored):
            return again
        db.execute(SQL["forget_lost"], {"device_id": frame.caller.device_id, "boot_id": again, "seq": meta.seq})
        return add(db, frame, again, place, now)
    db.execute(SQL["add_job"], {"device_id": frame.caller.device_id, "capture_id": row["id"], "at": at})
    return Stored(row["id"], moment_of(at))


def heard(db: sqlite3.Connection, news: Heard, now: datetime, *, run: str | None = None) -> None:
    """Write down what a device told. `run`: of the picture that it sent. In the caller's transaction."""
    offset = None if news.clock_at is None else round((news.clock_at - now).total_seconds(), 3)
    db.execute(
        SQL["heard"],
        {
            "at": utc_text(now),
            "device_id": news.caller.device_id,
            "last_frame_at": None if run is None else utc_text(now),
            "boot_id": run,
            "config_seen": news.config_version,
            "clock_offset_s": offset,
            **{name: news.values.get(name) for name in _TOLD},
        },
    )
    if news.caller.key_used:
        access.used(db, news.caller, now)


def _newer(frame: Frame, highest: sqlite3.Row, now: datetime) -> bool:
    """Whether it was taken after the picture with the highest number; by receipt where a clock is missing."""
    captured = frame.meta.captured_at
    if captured is not None and highest["captured_at"] is not None:
        return captured > moment_of(highest["captured_at"])
    return now - moment_of(highest["received_at"]) > _LATER


def _known(db: sqlite3.Connection, device_id: int, run: str, seq: int) -> sqlite3.Row | None:
    row: sqlite3.Row | None = db.execute(SQL["known"], {"device_id": device_id, "boot_id": run, "seq": seq}).fetchone()
    return row


def _newest_run(db: sqlite3.Connection, device_id: int) -> str:
    return db.execute(SQL["newest_run"], {"device_id": device_id}).fetchone()["boot_id"] or ""


def _number(run: str) -> int:
    return int(run[1:] or 0)


def _run(number: int) -> str:
    return f"~{number:06d}" if number else ""


def _taken(frame: Frame) -> Refusal:
    return Refusal(
        409,
        "duplicate_seq",
        f"Another picture has the number {frame.meta.seq} already: count on, or take another boot_id",
    )
