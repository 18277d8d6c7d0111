"""Whether a host has a copy that is as new as any, so that no store has to be asked: its mirror, when it is fresh."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from station.clock import from_text
from station.points.mirrorcopy import mirror_point

if TYPE_CHECKING:
    from station.points.point import Point

FRESH = timedelta(seconds=120)  # a mirror that is well looks every few seconds


def fresh_mirror(state: Path, database: str, now: datetime) -> "Point | None":
    """The point of the mirror, if it has looked for a newer one lately."""
    from station.cluster.loop_report import report_file  # noqa: PLC0415

    try:
        checked_at = from_text(str(json.loads(report_file(state, database).read_bytes())["checked_at"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return mirror_point(state / "mirror", database) if now - checked_at <= FRESH else None
