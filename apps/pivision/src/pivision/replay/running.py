"""The detector over pictures that lie there: what each measured, and all that was found. Nothing is written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pivision.config import Config
from pivision.replay.shots import Shot
from pivision.vision.decode import UnreadablePicture, grey
from pivision.vision.detector import Detector
from pivision.vision.findings import Finding, Kind, Moment, Phase

_LEAST_STEP_S = 0.001  # moments never go back, nor stand still


@dataclass(frozen=True)
class Point:
    """One picture as the detector saw it."""

    number: int
    at_s: float
    phase: Phase
    scores: Mapping[str, float]
    comparable: bool


@dataclass(frozen=True)
class Event:
    """Something found, with its beginning and its end. `ended_s` None: it had not ended with the last picture."""

    kind: Kind
    slot: str
    started_s: float
    told_s: float
    ended_s: float | None
    confidence: float
    summary: str = ""
    pre: int | None = None
    during: int | None = None
    post: int | None = None
    observed_interaction: bool | None = None


@dataclass(frozen=True)
class Run:
    """All of a replay. `unreadable`: pictures that could not be decoded."""

    points: tuple[Point, ...]
    findings: tuple[Finding, ...]
    unreadable: int = 0

    @property
    def events(self) -> tuple[Event, ...]:
        return events_of(self.findings)

    @property
    def length_s(self) -> float:
        return self.points[-1].at_s - self.points[0].at_s if self.points else 0.0


def replay(shots: Iterable[Shot], config: Config) -> Run:
    """What a new detector with that configuration finds in the pictures."""
    detector = Detector(config.tuning, config.regions)
    points: list[Point] = []
    findings: list[Finding] = []
    unreadable, last_s = 0, -1.0
    for shot in shots:
        try:
            picture = grey(shot.jpeg, shot.width, shot.height)
        except UnreadablePicture:
            unreadable += 1
            continue
        last_s = max(shot.at_s, last_s + _LEAST_STEP_S)
        step = detector.step(picture, shot.number, last_s)
        points.append(Point(shot.number, last_s, step.phase, step.scores, step.comparable))
        findings += step.findings
    return Run(tuple(points), tuple(findings), unreadable)


def events_of(findings: Iterable[Finding]) -> tuple[Event, ...]:
    """Each thing once, beginning and end together, in the order in which they were told."""
    found: dict[tuple[Kind, str, int], Event] = {}
    for each in findings:
        key = each.kind, each.slot, each.started_frame
        before = found.get(key)
        found[key] = Event(
            kind=each.kind,
            slot=each.slot,
            started_s=each.started_s,
            told_s=before.told_s if before else each.at_s,
            ended_s=each.at_s if each.moment is Moment.ENDED else None,
            confidence=each.confidence,
            summary=each.summary or (before.summary if before else ""),
            pre=each.pre,
            during=each.during,
            post=each.post,
            observed_interaction=each.observed_interaction,
        )
    return tuple(found.values())
