"""What a host's status, or its answer to a verb, says of restore points. Pure."""

from datetime import datetime
from typing import Any

from station.clock import from_text


def names(points: dict[str, Any]) -> dict[str, str | None]:
    return {name: point["name"] if point else None for name, point in points.items()}


def newest_point(status: dict[str, Any] | None) -> tuple[str | None, datetime | None]:
    points = [database["point"] for database in (status or {}).get("databases", {}).values() if database["point"]]
    newest = max(points, key=lambda point: str(point["taken_at"]), default=None)
    return (newest["name"], from_text(newest["taken_at"])) if newest else (None, None)


def oldest_point(answer: dict[str, Any]) -> datetime | None:
    """When the oldest of the points was taken that the new primary began with."""
    return min((from_text(at) for at in answer.get("began_with", {}).values() if at), default=None)


def age_s(moment: datetime | None, now: datetime) -> float | None:
    return None if moment is None else round(max(0.0, (now - moment).total_seconds()), 3)
