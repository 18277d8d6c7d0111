"""Jobs that were given up: seen, and taken up again."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from pivision.moments import utc_text
from pivision.queue.statements import SQL
from station_kit.sqlitefile import transaction


@dataclass(frozen=True)
class DeadJob:
    """A picture that nobody looks at any more, and why."""

    job_id: int
    device: str
    capture_id: int
    attempts: int
    kills: int
    last_error: str | None
    created_at: str


def dead(db: sqlite3.Connection, most: int = 100) -> list[DeadJob]:
    """The newest first."""
    return [DeadJob(*row) for row in db.execute(SQL["dead"], {"most": most})]


def revive(db: sqlite3.Connection, job_id: int, now: datetime) -> bool:
    """The job waits again as if it were new. False when no such job was given up, or its picture is gone."""
    with transaction(db):
        changed = db.execute(
            "UPDATE job SET status = 'queued', attempts = 0, kills = 0, run_after = ? WHERE id = ? AND status = 'dead'"
            " AND (SELECT segment_id FROM capture WHERE capture.id = job.capture_id) IS NOT NULL",
            (utc_text(now), job_id),
        )
        if changed.rowcount != 1:
            return False
        db.execute(
            "UPDATE capture SET status = 'queued', processed_at = NULL"
            " WHERE id = (SELECT capture_id FROM job WHERE id = ?)",
            (job_id,),
        )
    return True
