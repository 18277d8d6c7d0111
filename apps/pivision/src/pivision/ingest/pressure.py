"""Whether there is room for another picture: on the disk, and in the queue. Looked at now and then."""

import os
import sqlite3
from pathlib import Path

from pivision.ingest.limits import Limits
from pivision.ingest.refusals import Refusal

DISK_EVERY_S = 1.0
QUEUE_EVERY_S = 5.0
RETRY_S = 30.0


class Pressure:
    """`look` is the writer's, `refuse` everybody's."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self._folder, self._limits = folder, limits
        self._disk_at_s = self._queue_at_s = float("-inf")
        self.free_bytes: int | None = None
        self.queue = 0

    def look(self, db: sqlite3.Connection, at_s: float) -> None:
        """Look again where the last look is old."""
        if at_s - self._disk_at_s >= DISK_EVERY_S:
            self._disk_at_s = at_s
            disk = os.statvfs(self._folder)
            self.free_bytes = disk.f_bavail * disk.f_frsize
        if at_s - self._queue_at_s >= QUEUE_EVERY_S:
            self._queue_at_s = at_s
            self.queue = db.execute(
                "SELECT (SELECT count(*) FROM job) - (SELECT count(*) FROM job WHERE status = 'dead')"
            ).fetchone()[0]

    def refuse(self) -> None:
        """Refusal (503) when there is no room."""
        if self.free_bytes is not None and self.free_bytes < self._limits.free_bytes:
            raise Refusal(503, "disk_full", "There is no room on the disk", retry_after_s=RETRY_S)
        if self.queue >= self._limits.queue:
            raise Refusal(503, "queue_full", "Too many pictures wait to be looked at", retry_after_s=RETRY_S)
