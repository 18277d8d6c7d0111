"""Import and tell: whatever comes of it is told, and telling never spoils it."""

import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from bookedbiz.changes.digest import since_yesterday
from bookedbiz.errors import ImportBusy
from bookedbiz.importing.report import ImportReport
from bookedbiz.notices import words
from bookedbiz.notices.outbox import Notice, Sent, send_waiting, tell
from bookedbiz.notices.ways import Ways
from station_kit.statements import load

SILENCE = timedelta(hours=24)
_SQL = load("bookedbiz.notices")


def import_and_tell(
    db: sqlite3.Connection, ways: Ways, file: Path, now: datetime, run: Callable[[], ImportReport]
) -> tuple[ImportReport, Sent]:
    """What `run` gives, told quietly; what it raises, told loudly and raised again."""
    try:
        report = run()
    except ImportBusy:
        raise  # the one that is running tells
    except Exception as why:
        told(db, words.of_failure(file.name, why), ways, now)
        raise
    if report.dry_run:
        return report, Sent(0, 0)
    return report, told(db, words.of_import(report, since_yesterday(db, now)), ways, now)


def told(db: sqlite3.Connection, notice: Notice, ways: Ways, now: datetime) -> Sent:
    """Tell it; when not even the outbox takes it, say so in the answer and go on."""
    try:
        return tell(db, notice, ways, now)
    except sqlite3.Error as why:
        return Sent(0, 1, (f"outbox: {why}",))


def remind(db: sqlite3.Connection, ways: Ways, now: datetime) -> Notice | None:
    """Tell loudly when nothing was imported for a day; what was told, None when all is well."""
    text = db.execute(_SQL["newest_completed"]).fetchone()["finished_at"]
    last = datetime.fromisoformat(text) if text else None
    if last is not None and now - last <= SILENCE:
        send_waiting(db, ways, now)
        return None
    notice = words.of_silence(last, now, int(SILENCE.total_seconds() // 3600))
    told(db, notice, ways, now)
    return notice
