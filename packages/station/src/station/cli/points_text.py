"""Restore points as text for a terminal and as JSON. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.console import RenderableType
from rich.table import Table

from station.cli.console import json_ready
from station.clock import from_text
from station.points.point import Point
from station.watch.wording import clock_time, length, size


@dataclass(frozen=True)
class Listed:
    """The newest `points` of `total`, the newest first."""

    app: str
    database: str
    store: str
    total: int
    points: tuple[Point, ...]


def listed_json(listed: Listed) -> dict[str, object]:
    """The points as their records have them, with their names."""
    points = [
        {"name": point.name, **fields} for point in listed.points if isinstance(fields := json_ready(point), dict)
    ]
    return {
        "app": listed.app,
        "database": listed.database,
        "store": listed.store,
        "total": listed.total,
        "points": points,
    }


def table(listed: Listed, now: datetime) -> RenderableType:
    """One line per point."""
    shown = Table(box=None, padding=(0, 2), header_style="dim", pad_edge=False)
    for column in ("taken", "age", "kind", "pages changed", "stored", "database", "name"):
        shown.add_column(column, justify="right" if column in ("pages changed", "stored", "database") else "left")
    for point in listed.points:
        shown.add_row(
            f"{point.taken_at.astimezone(now.tzinfo):%Y-%m-%d %H:%M:%S}",
            _age(point.taken_at, now),
            "full" if point.is_base else "change",
            f"{point.changed_pages:,}",
            size(point.object_bytes),
            size(point.page_size * point.page_count),
            point.name,
        )
    return shown


def taken_line(database: str, point: Mapping[str, object] | None, now: datetime) -> str:
    """What the primary answered about one database."""
    if point is None:
        return f"{database}: there is no point yet"
    taken_at = from_text(str(point["taken_at"]))
    return f"{database}: {point['name']}, taken {clock_time(taken_at, now)}, {_age(taken_at, now)} ago"


@dataclass(frozen=True)
class Figures:
    """What the store holds of one database."""

    database: str
    database_bytes: int
    points: int
    chains: int
    stored_bytes: int
    full_bytes: int
    change_bytes: int
    first_at: datetime | None
    last_at: datetime | None
    last: str | None


def figures(database: str, points: Sequence[Point]) -> Figures:
    """Count and add up."""
    last = points[-1] if points else None
    full = sum(point.object_bytes for point in points if point.is_base)
    change = sum(point.object_bytes for point in points if not point.is_base)
    return Figures(
        database=database,
        database_bytes=last.page_size * last.page_count if last else 0,
        points=len(points),
        chains=len({point.chain for point in points}),
        stored_bytes=full + change,
        full_bytes=full,
        change_bytes=change,
        first_at=points[0].taken_at if points else None,
        last_at=last.taken_at if last else None,
        last=last.name if last else None,
    )


def figures_table(found: Sequence[Figures], now: datetime) -> RenderableType:
    """One block of lines per database."""
    shown = Table.grid(padding=(0, 2))
    for each in found:
        shown.add_row("database", f"{each.database}, {size(each.database_bytes)}")
        shown.add_row("points", f"{each.points} in {each.chains} chain{'' if each.chains == 1 else 's'}")
        stored = f"{size(each.stored_bytes)}: full copies {size(each.full_bytes)}, changes {size(each.change_bytes)}"
        shown.add_row("stored", stored)
        if each.first_at and each.last_at:
            shown.add_row("first", f"{clock_time(each.first_at, now)}, {_age(each.first_at, now)} ago")
            shown.add_row("last", f"{clock_time(each.last_at, now)}, {_age(each.last_at, now)} ago ({each.last})")
    return shown


def _age(moment: datetime, now: datetime) -> str:
    return length((now - moment).total_seconds())
