"""Events on their way to others: written down with the event itself, so that none is told twice or never."""

import sqlite3
from datetime import datetime
from typing import Literal

from pivision.moments import utc_text


def announce(db: sqlite3.Connection, event_id: int, moment: Literal["start", "end"], now: datetime) -> None:
    """Let every subscriber that is enabled know of it soon; in the caller's transaction. Twice is once."""
    db.execute(
        "INSERT OR IGNORE INTO delivery (subscriber_id, event_id, moment, run_after)"
        " SELECT id, ?, ?, ? FROM subscriber WHERE enabled = 1",
        (event_id, moment, utc_text(now)),
    )
