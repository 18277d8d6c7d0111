"""The configuration of one device: how often it sends, where to look, when it is an event. Pure."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any, TypeVar

from pivision.errors import BadConfig

_MOST_REGIONS = 32
_MOST_POINTS = 32
_FLOATS_END = 1e300  # a longer whole number cannot be written as one


class RegionKind(StrEnum):
    """What a region is for: people reach into it, goods stand in it, or it is not looked at."""

    INTERACTION = "interaction"
    INVENTORY = "inventory"
    IGNORE = "ignore"


@dataclass(frozen=True)
class Region:
    """A polygon of 3 or more corners (x, y), each 0..1 of the picture's width and height. A box has four corners.

    `min_area`: of an inventory region, the smallest changed share of it (0..1) that is a change; None: taught or 0.02.
    """

    name: str
    kind: RegionKind
    points: tuple[tuple[float, float], ...]
    min_area: float | None = None


@dataclass(frozen=True)
class Cadence:
    """How the camera sends. All times in milliseconds, as on the wire."""

    capture_interval_ms: int = 30_000
    burst_fps: float = 2.0
    burst_duration_ms: int = 15_000
    burst_cooldown_ms: int = 60_000  # never ends a visit that is going on
    config_poll_interval_ms: int = 15_000
    jpeg_quality: int = 80
    width: int = 640
    height: int = 480


@dataclass(frozen=True)
class Tuning:
    """When something is an event. Scores are 0..1; what they mean is said in `pivision.vision`."""

    interaction_threshold: float = 0.30
    interaction_min_frames: int = 2  # or 1, where frames come less often than every 5 s
    interaction_end_timeout_s: float = 5.0
    inventory_change_threshold: float = 0.30
    stability_frames_required: int = 3
    baseline_update_rate: float = 0.02  # a stable frame's share of the background
    longest_interaction_s: float = 600.0
    obstruction_after_s: float = 20.0
    shift_after_s: float = 20.0


@dataclass(frozen=True)
class Config:
    """Everything about one device. Without regions the whole picture is both kinds, and the device is untuned."""

    cadence: Cadence = field(default_factory=Cadence)
    tuning: Tuning = field(default_factory=Tuning)
    regions: tuple[Region, ...] = ()

    @property
    def is_untuned(self) -> bool:
        return not self.regions


RANGES: Mapping[str, tuple[float, float]] = {
    "capture_interval_ms": (100, 3_600_000),
    "burst_fps": (0.1, 30),
    "burst_duration_ms": (0, 600_000),
    "burst_cooldown_ms": (0, 3_600_000),
    "config_poll_interval_ms": (1_000, 3_600_000),
    "jpeg_quality": (1, 100),
    "width": (64, 8192),
    "height": (64, 8192),
    "interaction_threshold": (0.01, 1),
    "interaction_min_frames": (1, 100),
    "interaction_end_timeout_s": (0.5, 300),
    "inventory_change_threshold": (0.01, 1),
    "stability_frames_required": (1, 100),
    "baseline_update_rate": (0.0001, 1),
    "longest_interaction_s": (10, 86_400),
    "obstruction_after_s": (1, 3_600),
    "shift_after_s": (1, 3_600),
}
_Part = TypeVar("_Part", Cadence, Tuning)


def to_json(config: Config) -> str:
    """As it is stored and shown: `{"cadence": {…}, "tuning": {…}, "regions": […]}`."""
    return json.dumps(asdict(config), separators=(",", ":"))


def from_json(text: str) -> Config:
    """The configuration that the text says; what it leaves out has its default. BadConfig names what is wrong."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as why:
        raise BadConfig(f"Configuration not read: it is no JSON: {why}") from why
    if not isinstance(found, dict) or found.keys() - {"cadence", "tuning", "regions"}:
        raise BadConfig("Configuration not read: it takes `cadence`, `tuning` and `regions`, and nothing else")
    return Config(
        cadence=_part(Cadence, "cadence", found.get("cadence", {})),
        tuning=_part(Tuning, "tuning", found.get("tuning", {})),
        regions=_regions(found.get("regions", [])),
    )


def _part(kind: type[_Part], name: str, found: object) -> _Part:
    if not isinstance(found, dict):
        raise BadConfig(f"Configuration not read: {name} is no table")
    known = {each.name: each.type for each in fields(kind)}
    values: dict[str, Any] = {}
    for key, value in found.items():
        if key not in known:
            raise BadConfig(f"Configuration not read: there is no {name}.{key}", f"There are {', '.join(known)}")
        values[key] = _number(f"{name}.{key}", value, RANGES[key], whole=known[key] is int)
    return kind(**values)


def _number(where: str, value: object, bounds: tuple[float, float], *, whole: bool) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or (whole and not _is_whole(value)):
        raise BadConfig(f"{where} not taken: {value!r:.64} is no {'whole ' if whole else ''}number")
    if not bounds[0] <= value <= bounds[1]:
        shown = f"{value:g}" if -_FLOATS_END < value < _FLOATS_END else "that"
        raise BadConfig(f"{where} not taken: {shown} is not from {bounds[0]:g} to {bounds[1]:g}")
    return int(value) if whole else float(value)


def _is_whole(value: float) -> bool:
    return isinstance(value, int) or value.is_integer()


def _regions(found: object) -> tuple[Region, ...]:
    if not isinstance(found, list) or len(found) > _MOST_REGIONS:
        raise BadConfig(f"Regions not taken: a list of at most {_MOST_REGIONS} is wanted")
    regions = tuple(_region(each) for each in found)
    names = [each.name for each in regions]
    if len(set(names)) < len(names):
        raise BadConfig("Regions not taken: two have the same name", "Name each differently")
    return regions


def _region(found: object) -> Region:
    if not isinstance(found, dict) or found.keys() - {"name", "kind", "points", "min_area"}:
        raise BadConfig("Region not taken: it has `name`, `kind`, `points` and, if wanted, `min_area`")
    name = found.get("name")
    if not isinstance(name, str) or not name.strip() or len(name) > 64:
        raise BadConfig("Region not taken: its name is no text of 1 to 64 characters")
    try:
        kind = RegionKind(found.get("kind", ""))
    except ValueError as why:
        raise BadConfig(f"Region {name} not taken: its kind is none of {', '.join(RegionKind)}") from why
    points = found.get("points")
    if not isinstance(points, list) or not 3 <= len(points) <= _MOST_POINTS:
        raise BadConfig(f"Region {name} not taken: it needs 3 to {_MOST_POINTS} corners")
    area = found.get("min_area")
    least = None if area is None else _number(f"{name}.min_area", area, (0.0001, 1), whole=False)
    return Region(name.strip(), kind, tuple(_point(name, each) for each in points), least)


def _point(name: str, found: object) -> tuple[float, float]:
    if not isinstance(found, list | tuple) or len(found) != 2:
        raise BadConfig(f"Region {name} not taken: a corner is two numbers, x and y, each 0..1")
    x, y = (_number(f"{name}.points", each, (0, 1), whole=False) for each in found)
    return x, y
