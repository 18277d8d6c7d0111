"""The page's drawings as numbers: what the templates put into SVG. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest

from station.points.point import Point
from station.watch.events import Event
from station.watch.statuses import LeaseSeen
from station.watch.wording import short_time, size

BARS = 60
WIDTH, HEIGHT = 360.0, 96.0
SMALLEST_SPAN = timedelta(minutes=10)
LONGEST_SPAN = timedelta(hours=24)


@dataclass(frozen=True)
class Bar:
    """One restore point; `title` is what a pointer over it reads."""

    x: float
    y: float
    width: float
    height: float
    full: bool
    title: str


@dataclass(frozen=True)
class Line:
    y: float
    label: str


@dataclass(frozen=True)
class PointChart:
    """The stored sizes of the newest points on a logarithmic scale, oldest at the left."""

    bars: tuple[Bar, ...]
    lines: tuple[Line, ...]
    label: str


def point_chart(points: Sequence[Point], now: datetime) -> PointChart:
    """The newest `BARS` points as bars: a full copy beside its changes would leave them flat on a linear scale."""
    shown = points[-BARS:]
    if not shown:
        return PointChart((), (), "no restore points yet")
    sizes = [max(1, point.object_bytes) for point in shown]
    low, high = math.floor(math.log10(min(sizes))), math.ceil(math.log10(max(sizes) + 1))
    step = WIDTH / BARS

    def height(stored: int) -> float:
        return round(max(2.0, (math.log10(max(1, stored)) - low) / max(1, high - low) * HEIGHT), 1)

    bars = tuple(
        Bar(
            x=round(WIDTH - (len(shown) - index) * step, 1),
            y=round(HEIGHT - height(point.object_bytes), 1),
            width=round(step - 1.5, 1),
            height=height(point.object_bytes),
            full=point.is_base,
            title=f"{short_time(point.taken_at, now)}, {size(point.object_bytes)}, "
            + ("full copy" if point.is_base else f"{point.changed_pages} pages"),
        )
        for index, point in enumerate(shown)
    )
    lines = tuple(Line(round(HEIGHT - height(10**power), 1), size(10**power)) for power in range(low + 1, high))
    label = f"stored sizes of the newest {len(shown)} restore points, from {size(min(sizes))} to {size(max(sizes))}"
    return PointChart(bars, lines, label)


@dataclass(frozen=True)
class Reign:
    """One stretch of time with one primary."""

    x: float
    width: float
    holder: str
    shade: int
    title: str


@dataclass(frozen=True)
class Tick:
    x: float
    tone: str
    title: str


@dataclass(frozen=True)
class Timeline:
    """Who was primary when, and what happened, on one axis; positions in percent of its width."""

    reigns: tuple[Reign, ...]
    ticks: tuple[Tick, ...]
    start: str
    label: str


BAD_EVENTS = frozenset({"trouble", "divergence saved"})


def timeline(epochs: Sequence[LeaseSeen], events: Sequence[Event], now: datetime) -> Timeline:
    """The last day, or the time since the first epoch when that is shorter."""
    begun = [epoch.taken_at for epoch in epochs if epoch.taken_at]
    start = max(now - LONGEST_SPAN, min(begun, default=now))
    start = min(start, now - SMALLEST_SPAN)
    holders = sorted({epoch.holder for epoch in epochs})

    def x(moment: datetime) -> float:
        return round(max(0.0, min(1.0, (moment - start) / (now - start))) * 100, 2)

    reigns = []
    for epoch, later in zip_longest(epochs, epochs[1:]):
        end = later.taken_at if later and later.taken_at else now
        if epoch.taken_at is None or end <= start:
            continue
        left = x(epoch.taken_at)
        title = f"{epoch.holder} from {short_time(epoch.taken_at, now)}, epoch {epoch.epoch}: {epoch.reason}"
        reigns.append(Reign(left, max(0.3, x(end) - left), epoch.holder, holders.index(epoch.holder) % 4, title))
    ticks = tuple(
        Tick(x(event.at), _tone(event), f"{short_time(event.at, now)} {event.host}: {event.text}")
        for event in events
        if event.at >= start
    )
    label = "primary over time: " + ", ".join(f"{reign.holder}" for reign in reigns)
    return Timeline(tuple(reigns), ticks, short_time(start, now), label)


def _tone(event: Event) -> str:
    died = event.event == "unit" and ("died" in event.text or "failed" in event.text)
    return "bad" if died or event.event in BAD_EVENTS else "calm"
