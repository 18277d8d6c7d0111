"""Jobs that were taken and not begun go back as they were."""

import sqlite3
from collections.abc import Sequence

from station_kit.sqlitefile import transaction


def release(db: sqlite3.Connection, jobs: Sequence[int], owner: str) -> int:
    """How many went back to the queue; the attempt does not count, since nobody looked at them."""
    with transaction(db):
        return sum(
            db.execute(
                "UPDATE job SET status = 'queued', attempts = attempts - 1, lease_owner = NULL, lease_until = NULL"
                " WHERE id = ? AND status = 'running' AND lease_owner = ?",
                (job, owner),
            ).rowcount
            for job in jobs
        )
