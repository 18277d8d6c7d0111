"""A made day sent to a real appliance, and what its database tells of it held against what happened."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pivision.config import Config, Tuning
from pivision.moments import moment_of
from pivision.scenes.day import Day
from pivision.scenes.running import BURST_S, Told, heard
from pivision.scenes.scoring import Mistake, Result, judge
from pivision.scenes.truth import Topic, Truth
from pivision.testing.live import make_live
from pivision.testing.lockstep import Appliance, appliance
from pivision.vision.decode import grey
from pivision.vision.detector import Detector

BEGAN = datetime(2026, 11, 21, tzinfo=UTC)
CAMERA = "stand"
_TOPICS = {
    "interaction_detected": Topic.INTERACTION,
    "stock_changed": Topic.STOCK,
    "restocked": Topic.STOCK,
    "camera_obstructed": Topic.OBSTRUCTED,
    "scene_shifted": Topic.SHIFTED,
}


@dataclass(frozen=True)
class Lived:
    """How the appliance did on one day. `waits`: jobs left; `files`: pictures of events on the disk."""

    told: tuple[Told, ...]
    result: Result
    mistakes: tuple[Mistake, ...]
    pictures: int
    events: int
    files: int
    waits: int


@dataclass(frozen=True)
class Plan:
    """Which part of the day is sent, two pictures a second, and when the worker is killed."""

    begin_s: float = 0.0
    end_s: float = float("inf")
    kills_s: tuple[float, ...] = ()


def live_through(day: Day, folder: Path, plan: Plan | None = None) -> Lived:
    """Send the day over HTTP to the server's process, looked at by the worker's."""
    plan = plan or Plan()
    config = replace(Config(), regions=day.film.regions)
    live = make_live(folder)
    with appliance(live, {CAMERA: config}, BEGAN) as running:
        sent = _send(running, day, plan)
        told = tuple(_told(running))
        waits = running.db.execute("SELECT count(*) FROM job").fetchone()[0]
        events = running.db.execute("SELECT count(*) FROM event").fetchone()[0]
    result, mistakes = judge(part_of(day.truth, plan), told)
    files = sum(1 for _ in (folder / "events").rglob("*.jpg"))
    return Lived(told, result, mistakes, sent, events, files, waits)


def look_at(day: Day, plan: Plan) -> tuple[Told, ...]:
    """What the same detector tells of the same pictures in this very process: nothing is sent, stored, or read."""
    detector = Detector(Tuning(), day.film.regions)
    told: list[Told] = []
    at_s, number = plan.begin_s, 0
    while at_s < min(plan.end_s, day.length_s):
        number += 1
        picture = grey(day.film.shoot(at_s), *day.film.size)
        told += heard(detector.step(picture, number, BEGAN.timestamp() + at_s).findings)
        at_s += BURST_S
    return tuple(replace(each, at_s=round(each.at_s - BEGAN.timestamp(), 3)) for each in told)


def part_of(truth: Truth, plan: Plan) -> Truth:
    """What was to be told of that part."""
    expected = tuple(each for each in truth.expected if plan.begin_s <= each.opens_s and each.closes_s <= plan.end_s)
    return replace(truth, expected=expected)


def _send(running: Appliance, day: Day, plan: Plan) -> int:
    """How many pictures."""
    at_s, sent, kills = plan.begin_s, 0, sorted(plan.kills_s)
    while at_s < min(plan.end_s, day.length_s):
        running.send(CAMERA, BEGAN + timedelta(seconds=at_s), day.film.shoot(at_s))
        sent += 1
        at_s += BURST_S
        if kills and at_s >= kills[0]:
            kills.pop(0)
            running.kill_worker()
            running.start_worker()
    return sent


def _told(running: Appliance) -> list[Told]:
    """The events as somebody would have heard of them: visits when they began, changes when they were sure."""
    rows = running.db.execute(
        "SELECT kind, slot, start_capture_id, started_at, created_at FROM event ORDER BY id"
    ).fetchall()
    changed = {(row["slot"], row["created_at"]) for row in rows if row["kind"] == "stock_changed"}
    told = []
    for row in rows:
        if row["kind"] == "restocked" and (row["slot"], row["created_at"]) in changed:
            continue  # the same change in other words
        at_s = (moment_of(row["created_at"]) - BEGAN).total_seconds()
        told.append(Told(_TOPICS.get(row["kind"]), row["kind"], at_s, row["slot"], row["start_capture_id"]))
    return told
