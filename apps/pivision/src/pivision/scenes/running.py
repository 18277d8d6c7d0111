"""A detector at work on a sequence: pictures in the camera's cadence, what it told, and when."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

import cv2
import numpy as np
import numpy.typing as npt

from pivision.config import Region, Tuning
from pivision.scenes.film import Film
from pivision.scenes.truth import Topic
from pivision.vision.findings import Finding, Kind, Moment, Step

Grey = npt.NDArray[np.uint8]
BASELINE_S = 30.0
BURST_S = 0.5
BURST_LASTS_S = 15.0


class Looks(Protocol):
    """What a detector has in common with those it is held against."""

    def step(self, grey: Grey, frame: int, at_s: float) -> Step: ...


Make = Callable[[Tuning, tuple[Region, ...]], Looks]
Decode = Callable[[bytes, int, int], Grey]


class Cadence(StrEnum):
    """How often the camera sends."""

    STEADY = "steady"  # two a second
    BURST = "burst"  # one in 30 s, two a second while the detector asks for it
    SPARSE = "sparse"  # one in 30 s


@dataclass(frozen=True)
class Told:
    """Something that a detector told at that moment. `topic` None: nothing that is scored."""

    topic: Topic | None
    kind: str
    at_s: float
    slot: str = ""
    frame: int = 0


@dataclass
class Camera:
    """Pictures of a film in a cadence; `burst` says that more are wanted."""

    film: Film
    cadence: Cadence
    burst_until_s: float = 0.0

    def ask(self, at_s: float, *, burst: bool) -> None:
        if burst:
            self.burst_until_s = max(self.burst_until_s, at_s + BURST_LASTS_S)

    def frames(self) -> Iterator[tuple[float, bytes]]:
        at_s = 0.0
        while at_s < self.film.truth.length_s:
            if not any(begin <= at_s < end for begin, end in self.film.gaps):
                yield at_s, self.film.shoot(at_s)
            quick = self.cadence is Cadence.STEADY or (self.cadence is Cadence.BURST and at_s < self.burst_until_s)
            at_s += BURST_S if quick else BASELINE_S


@dataclass(frozen=True)
class Contender:
    """A detector with a name, and how it wants its pictures: `decode(jpeg, width, height)`."""

    name: str
    make: Make
    decode: Decode


def watch(film: Film, cadence: Cadence, contender: Contender) -> list[Told]:
    """Everything that the detector tells of the whole film."""
    return watch_all(film, cadence, (contender,))[contender.name]


def watch_all(film: Film, cadence: Cadence, contenders: tuple[Contender, ...]) -> dict[str, list[Told]]:
    """The same for several at once, by name. In bursts each wants other pictures: then one alone."""
    assert cadence is not Cadence.BURST or len(contenders) == 1
    detectors = [(each, each.make(Tuning(), film.regions)) for each in contenders]
    camera = Camera(film, cadence)
    told: dict[str, list[Told]] = {each.name: [] for each in contenders}
    for number, (at_s, jpeg) in enumerate(camera.frames(), start=1):
        for contender, detector in detectors:
            step = detector.step(contender.decode(jpeg, *film.size), number, at_s)
            camera.ask(at_s, burst=step.burst)
            told[contender.name] += heard(step.findings)
    return told


def heard(findings: tuple[Finding, ...]) -> list[Told]:
    """What the findings of one frame say, each thing once."""
    changed = {each.slot for each in findings if each.kind is Kind.STOCK_CHANGED}
    told = []
    for each in findings:
        topic = _TOPICS.get(each.kind)
        if each.kind is Kind.RESTOCKED and each.slot in changed:
            continue  # the same change in other words
        if each.moment is (Moment.ENDED if topic is Topic.STOCK else Moment.BEGUN):
            told.append(Told(topic, each.kind.value, each.at_s, each.slot, each.started_frame))
    return told


def plain_grey(jpeg: bytes, _width: int, _height: int) -> Grey:
    """The picture in grey, in its own size."""
    found: Any = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
    return np.asarray(found, np.uint8)


_TOPICS = {
    Kind.INTERACTION: Topic.INTERACTION,
    Kind.STOCK_CHANGED: Topic.STOCK,
    Kind.RESTOCKED: Topic.STOCK,
    Kind.OBSTRUCTED: Topic.OBSTRUCTED,
    Kind.SHIFTED: Topic.SHIFTED,
}
