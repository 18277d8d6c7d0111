"""What a loop tells of one database: var/lib/station/APP/loop-DATABASE.json, merged into the agent's status."""

from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import apsw

from station.clock import to_text
from station.cluster.files import write_json
from station.points.point import Point

HOST_DISK_ERRORS = (OSError, apsw.Error)  # what a full or failing disk of the host itself raises, beside StationErrors


class LoopReport:
    """The report of one database; each call writes the whole of it."""

    def __init__(self, state: Path, database: str) -> None:
        self._file = report_file(state, database)
        self._fields: dict[str, Any] = {
            "file": None,
            "point": None,
            "checked_at": None,
            "proved_at": None,
            "error": None,
            "took_s": None,
            "stores": {},
        }
        self.stores: dict[str, dict[str, Any]] = {}
        """What the next call tells of the app's stores but the first: `point`, `error`, `sending_since`."""

    def checked(
        self, point: Point | None, now: datetime, file: Path, trouble: str | None = None, took_s: float | None = None
    ) -> None:
        """The database (or its copy), which is `file`, equals the point as of now; there is nothing newer.

        `trouble`: there is, but it cannot be used; or something beside it does not work. `took_s`: what the point took,
        from the beginning of the reading to its record.
        """
        fields = point_fields(point)
        self._write(file=str(file), point=fields, checked_at=to_text(now), error=trouble, took_s=took_s)

    def proved(self, now: datetime) -> None:
        self._write(proved_at=to_text(now))

    def failed(self, why: str) -> None:
        """The last try did not work. What was true before stays, with its time."""
        self._write(error=why)

    def failed_here(self, host: str, why: Exception) -> None:
        """The last try did not work because of this host's own disk."""
        self.failed(disk_trouble(host, why))

    def _write(self, **changes: Any) -> None:
        self._fields |= changes | {"stores": self.stores}
        with suppress(OSError):  # the disk is full or read-only: the work goes on, and the next report tells it
            write_json(self._file, self._fields, durable=False)


def disk_trouble(host: str, why: BaseException) -> str:
    """What is told of an error of a host's own disk."""
    text = why.strerror if isinstance(why, OSError) and why.strerror else str(why)
    return f"{host} cannot write to its own disk: {text}"


def report_file(state: Path, database: str) -> Path:
    return state / f"loop-{database}.json"


def forget_reports(state: Path) -> None:
    """Take the reports away: they were about another role."""
    for file in state.glob("loop-*.json"):
        file.unlink(missing_ok=True)


def point_fields(point: Point | None) -> dict[str, Any] | None:
    """The part of a point that the status shows."""
    if point is None:
        return None
    return {
        "name": point.name,
        "taken_at": to_text(point.taken_at),
        "seq": point.seq,
        "epoch": point.epoch,
        "digest": point.digest,
        "object_bytes": point.object_bytes,
    }
