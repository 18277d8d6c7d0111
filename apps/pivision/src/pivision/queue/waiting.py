"""How much work waits, and since when."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from pivision.moments import moment_of
from pivision.queue.statements import SQL


@dataclass(frozen=True)
class DeviceQueue:
    """What waits of one device. `oldest_at`: when its oldest picture was received."""

    device_id: int
    name: str
    jobs: int
    oldest_at: datetime | None

    def lag_s(self, now: datetime) -> float:
        """How long its oldest picture has waited."""
        return max(0.0, (now - self.oldest_at).total_seconds()) if self.oldest_at else 0.0


@dataclass(frozen=True)
class Waiting:
    """The whole queue: what waits, what is in work, what was given up."""

    devices: tuple[DeviceQueue, ...]
    running: int
    dead: int

    @property
    def jobs(self) -> int:
        return sum(each.jobs for each in self.devices)

    def lag_s(self, now: datetime) -> float:
        """How long the oldest picture of all has waited."""
        return max((each.lag_s(now) for each in self.devices), default=0.0)


def waiting(db: sqlite3.Connection) -> Waiting:
    """The queue as it is. It counts what waits: some ms for 100,000 jobs."""
    devices = tuple(
        DeviceQueue(
            row["device_id"], row["name"], row["jobs"], moment_of(row["oldest_at"]) if row["oldest_at"] else None
        )
        for row in db.execute(SQL["by_device"])
    )
    status = db.execute(SQL["by_status"]).fetchone()
    return Waiting(devices, status["running"], status["dead"])
