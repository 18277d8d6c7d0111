"""What goes when: event pictures after 7 days, sooner when room is short; frames as soon as nobody needs them.

Each step is marked, done, confirmed: cut anywhere and run again, it ends the same.
"""

import json
import os
import sqlite3
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from pivision.datafolder import DataFolder
from pivision.devices.audit import By, note
from pivision.moments import moment_of, utc_text
from pivision.pictures.filing import remove
from pivision.pictures.statements import SQL
from station_kit.sqlitefile import transaction

EVERY = timedelta(hours=1)
FAILED_KEPT = timedelta(days=1)  # pictures that could not be looked at: somebody may want to see why
MOST_AT_ONCE = 500  # pictures in one transaction: the server waits for no long one
STRAY_AGE_S = 900.0  # a file that no row names, and that nobody can be about to name any more
_GIB = 2**30


@dataclass(frozen=True)
class Rule:
    """The limits, from the appliance's settings. Bytes None: 80 % of the volume."""

    days: float = 7.0
    most_bytes: int | None = None
    least_free_bytes: int = _GIB
    row_days: float = 30.0


@dataclass
class Report:
    """What a run did, or with `dry` would do."""

    by_age: int = 0
    by_bytes: int = 0
    by_room: int = 0
    freed_bytes: int = 0
    segments: int = 0
    strays: int = 0
    rows: int = 0
    free_bytes: int = 0
    kept_bytes: int = 0
    short_of_room: bool = False


def rule(db: sqlite3.Connection) -> Rule:
    """The limits in force."""
    row = db.execute("SELECT value FROM setting WHERE name = 'retention'").fetchone()
    return Rule(**json.loads(row["value"])) if row else Rule()


def set_rule(db: sqlite3.Connection, wanted: Rule, by: By) -> None:
    """Other limits; the next run goes by them."""
    with transaction(db):
        old = rule(db)
        values = {"value": json.dumps(asdict(wanted)), "at": by.at, "by": by.who}
        db.execute(SQL["store_rule"], values)
        note(db, by, "retention changed", "retention", old=str(asdict(old)), new=str(asdict(wanted)))


def kept_bytes(db: sqlite3.Connection) -> int:
    """How many bytes the pictures of events take."""
    return int(db.execute(SQL["kept_bytes"]).fetchone()["bytes"])


def is_due(db: sqlite3.Connection, folder: DataFolder, now: datetime) -> bool:
    """Every hour, and whenever room is short."""
    if _free(folder.root) < rule(db).least_free_bytes:
        return True
    row = db.execute("SELECT last_success FROM health WHERE name = 'retention'").fetchone()
    return row is None or row["last_success"] is None or abs(now - moment_of(row["last_success"])) >= EVERY


def run(
    db: sqlite3.Connection,
    folder: DataFolder,
    now: datetime,
    *,
    keep: frozenset[int] = frozenset(),
    dry: bool = False,
) -> Report:
    """Apply the rule. `keep`: frames that a detector in memory needs besides those of its saved state."""
    limits, report = rule(db), Report()
    if not dry:
        _finish_doomed(db, folder, now)
        report.segments = sweep_segments(db, folder, now, keep=keep)
    _by_age(db, folder, now, limits, report, dry=dry)
    _by_space(db, folder, now, limits, report, dry=dry)
    if not dry:
        report.strays = _sweep_strays(db, folder, now)
        report.rows = _forget_rows(db, now - timedelta(days=limits.row_days))
    report.free_bytes = _free(folder.root)
    report.kept_bytes = kept_bytes(db)
    report.short_of_room = report.free_bytes < limits.least_free_bytes
    if not dry:
        values = {"at": utc_text(now), "details": json.dumps(asdict(report))}
        db.execute(SQL["retention_ran"], values)
    return report


def sweep_segments(db: sqlite3.Connection, folder: DataFolder, now: datetime, *, keep: frozenset[int]) -> int:
    """How many segment files went: closed ones in which nobody needs a frame any more."""
    gone = 0
    values = {
        "now": utc_text(now),
        "failed_after": utc_text(now - FAILED_KEPT),
        "keep": json.dumps(sorted(keep)),
    }
    for row in db.execute(SQL["segments_over"], values).fetchall():
        with transaction(db):  # rows first: a file without a row is swept, a row without a file would be a lie
            db.execute("UPDATE capture SET segment_id = NULL, position = NULL WHERE segment_id = ?", (row["id"],))
            db.execute("DELETE FROM segment WHERE id = ?", (row["id"],))
        remove(folder.file(row["path"]), folder.segments)
        gone += 1
    return gone


def strays(db: sqlite3.Connection, folder: DataFolder, now: datetime) -> list[str]:
    """Files that no row names, and that nobody can be about to name any more; relative to the data folder."""
    found = []
    for place, question in ((folder.segments, "segment_named"), (folder.events, "picture_named")):
        for file in sorted(place.rglob("*")):
            try:
                if not file.is_file() or now.timestamp() - file.stat().st_mtime < STRAY_AGE_S:
                    continue
            except FileNotFoundError:  # it went meanwhile
                continue
            path = str(file.relative_to(folder.root))
            if db.execute(SQL[question], {"path": path}).fetchone() is None:
                found.append(path)
    return found


def _by_age(
    db: sqlite3.Connection, folder: DataFolder, now: datetime, limits: Rule, report: Report, *, dry: bool
) -> None:
    """Exactly so many days after it was stored; what is starred stays until room is short."""
    before = utc_text(now - timedelta(days=limits.days))
    if dry:
        rows = db.execute(SQL["pictures_before"], {"before": before, "most": -1}).fetchall()
        report.by_age, report.freed_bytes = len(rows), report.freed_bytes + sum(row["bytes"] for row in rows)
        return
    while rows := db.execute(SQL["pictures_before"], {"before": before, "most": MOST_AT_ONCE}).fetchall():
        report.by_age += len(rows)
        report.freed_bytes += _remove_pictures(db, folder, rows, now)


def _by_space(
    db: sqlite3.Connection, folder: DataFolder, now: datetime, limits: Rule, report: Report, *, dry: bool
) -> None:
    """The oldest first, starred ones last, until both limits hold."""
    kept = kept_bytes(db)
    total = os.statvfs(folder.root)
    most = limits.most_bytes if limits.most_bytes is not None else int(total.f_frsize * total.f_blocks * 0.8)
    room = limits.least_free_bytes - _free(folder.root)
    for row in db.execute(SQL["pictures_by_worth"]).fetchall():
        if kept <= most and room <= 0:
            break
        if kept > most:
            report.by_bytes += 1
        else:
            report.by_room += 1
        kept, room = kept - row["bytes"], room - row["bytes"]
        report.freed_bytes += row["bytes"] if dry else _remove_pictures(db, folder, [row], now)


def _remove_pictures(db: sqlite3.Connection, folder: DataFolder, rows: list[sqlite3.Row], now: datetime) -> int:
    """The bytes that are free now. Marked first, then removed, then confirmed."""
    keys = [(utc_text(now), row["event_id"], row["role"]) for row in rows]
    with transaction(db):
        db.executemany("UPDATE event_picture SET doomed_at = ? WHERE event_id = ? AND role = ?", keys)
    for row in rows:
        remove(folder.file(row["path"]), folder.events)
    with transaction(db):
        db.executemany("UPDATE event_picture SET deleted_at = ? WHERE event_id = ? AND role = ?", keys)
    return sum(row["bytes"] for row in rows)


def _finish_doomed(db: sqlite3.Connection, folder: DataFolder, now: datetime) -> None:
    """What an earlier run had marked when it was cut."""
    rows = db.execute(SQL["doomed_pictures"]).fetchall()
    if rows:
        _remove_pictures(db, folder, rows, now)


def _sweep_strays(db: sqlite3.Connection, folder: DataFolder, now: datetime) -> int:
    """Files that no row names: of a process that was cut between the file and its row."""
    found = strays(db, folder, now)
    for path in found:
        remove(folder.file(path), folder.top_of(path))
    return len(found)


def _forget_rows(db: sqlite3.Connection, before: datetime) -> int:
    """Pictures' rows and counts that are too old; events stay for ever."""
    gone = 0
    for statement in ("old_captures", "old_minutes", "old_deliveries", "old_recordings"):
        while True:
            values = {"before": utc_text(before), "most": MOST_AT_ONCE}
            with transaction(db):
                removed = db.execute(SQL[statement], values).rowcount
            gone += removed
            if removed < MOST_AT_ONCE:
                break
    return gone


def _free(root: Path) -> int:
    found = os.statvfs(root)
    return found.f_bavail * found.f_frsize
