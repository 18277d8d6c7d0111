"""The page's drawings: nothing leaves the frame, nothing is left out."""

from datetime import UTC, datetime, timedelta

from station.points.point import Point
from station.watch.events import Event
from station.watch.statuses import LeaseSeen
from station.web.charts import BARS, HEIGHT, WIDTH, point_chart, timeline

NOW = datetime(2026, 11, 21, 9, 12, tzinfo=UTC)


def _points(*sizes: int) -> list[Point]:
    return [
        Point("a", "main", "c", seq, 1, "pi2", NOW, 4096, 10, 2, "d", stored, "s") for seq, stored in enumerate(sizes)
    ]


def test_bars_stay_in_the_frame_and_a_bigger_point_is_never_lower() -> None:
    bars = point_chart(_points(2_000_000, 1, 300, 300_000, 5_000), NOW).bars
    assert all(bar.x >= 0 and bar.x + bar.width <= WIDTH and 0 <= bar.y <= HEIGHT for bar in bars)
    by_size = sorted(zip((2_000_000, 1, 300, 300_000, 5_000), bars, strict=True), key=lambda each: each[0])
    heights = [bar.height for _, bar in by_size]
    assert heights == sorted(heights)
    assert [bar.full for bar in bars] == [True, False, False, False, False]


def test_only_the_newest_points_are_drawn() -> None:
    assert len(point_chart(_points(*range(1, 500)), NOW).bars) == BARS


def test_no_points_is_no_chart() -> None:
    assert point_chart([], NOW).bars == ()


def _epoch(number: int, holder: str, hours: float) -> LeaseSeen:
    return LeaseSeen(number, holder, NOW - timedelta(hours=hours), "r")


def test_reigns_follow_each_other_and_end_now() -> None:
    line = timeline([_epoch(1, "pi-ctv", 4), _epoch(2, "pi2", 1)], [], NOW)
    assert [(reign.holder, reign.x, reign.width) for reign in line.reigns] == [("pi-ctv", 0, 75), ("pi2", 75, 25)]
    assert line.reigns[0].shade != line.reigns[1].shade


def test_what_is_older_than_a_day_is_cut_off() -> None:
    line = timeline([_epoch(1, "pi-ctv", 100), _epoch(2, "pi2", 50), _epoch(3, "pi-ctv", 12)], [], NOW)
    assert [(reign.holder, reign.x, reign.width) for reign in line.reigns] == [("pi2", 0, 50), ("pi-ctv", 50, 50)]


def test_events_are_ticks_where_they_happened() -> None:
    events = [
        Event(NOW - timedelta(hours=hours), "pi2", "a", name, "text")
        for hours, name in ((1, "promoted"), (2, "trouble"), (30, "promoted"))
    ]
    line = timeline([_epoch(1, "pi2", 4)], events, NOW)
    assert [(tick.x, tick.tone) for tick in line.ticks] == [(75, "calm"), (50, "bad")]


def test_without_a_known_primary_the_events_are_shown_all_the_same() -> None:
    line = timeline([], [Event(NOW - timedelta(minutes=5), "pi2", "a", "trouble", "text")], NOW)
    assert (line.reigns, len(line.ticks)) == ((), 1)
