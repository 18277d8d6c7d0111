"""What must change nothing: a restart, settings that are saved, a picture twice, a gap, a clock that jumps."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from io import BytesIO
from typing import Protocol

import numpy as np

from pivision.config import Region, Tuning
from pivision.scenes.film import Film
from pivision.scenes.ours import OURS
from pivision.scenes.running import BURST_S, Grey, Looks, Told, heard
from pivision.scenes.textures import Chance, chance
from pivision.scenes.truth import Topic
from pivision.vision.detector import Detector, Saved

_EACH = 25  # frames between two troubles, on average
_QUIET_S = 20.0  # so far from any visit a gap or a jump of the clock may come


class Trouble(StrEnum):
    """What befalls the worker, or the pictures on their way."""

    RESTART = "restart"
    SETTINGS = "settings saved"
    DUPLICATES = "pictures twice"
    GAPS = "gaps"
    CLOCK_FORWARD = "clock put forward"
    CLOCK_BACK = "clock put back"


@dataclass(frozen=True)
class Seen:
    """A picture on its way to the detector."""

    number: int
    at_s: float
    grey: Grey


@dataclass(frozen=True)
class Difference:
    """What was told with the trouble and not without it, and the other way round."""

    trouble: Trouble
    more: tuple[str, ...]
    fewer: tuple[str, ...]

    @property
    def many(self) -> int:
        return len(self.more) + len(self.fewer)


class Keeps(Looks, Protocol):
    """A detector that can be put away and told other settings."""

    def retune(self, tuning: Tuning, regions: tuple[Region, ...]) -> None: ...
    def save(self) -> Saved: ...


Make = Callable[[Tuning, tuple[Region, ...], Saved | None], Keeps]


@dataclass(frozen=True)
class _Show:
    """The film's pictures, chance, and who looks at them."""

    film: Film
    seen: list[Seen]
    rng: Chance
    make: Make

    def new(self, saved: Saved | None = None) -> Keeps:
        return self.make(Tuning(), self.film.regions, saved)

    def plain(self, seen: Iterable[Seen]) -> Iterator[Told]:
        detector = self.new()
        for each in seen:
            yield from heard(detector.step(each.grey, each.number, each.at_s).findings)


def pictures(film: Film) -> list[Seen]:
    """All pictures of the film as the detector gets them, two a second."""
    size = film.size
    frames = film.frames(BURST_S)
    return [Seen(number, at_s, OURS.decode(jpeg, *size)) for number, (at_s, jpeg) in enumerate(frames, start=1)]


def compare(film: Film, seen: list[Seen], trouble: Trouble, seed: int, make: Make = Detector) -> Difference:
    """The film without the trouble and with it."""
    show = _Show(film, seen, chance("trouble", trouble, seed), make)
    plain = _counted(show.plain(seen))
    troubled = _counted(_TOLD[trouble](show))
    return Difference(trouble, tuple((troubled - plain).elements()), tuple((plain - troubled).elements()))


def _counted(told: Iterable[Told]) -> Counter[str]:
    return Counter(f"{each.kind} {each.slot}".strip() for each in told)


def _restarted(show: _Show) -> Iterator[Told]:
    """Put away and taken up again at any moment, by way of the disk's formats."""
    detector = show.new()
    for each in show.seen:
        yield from heard(detector.step(each.grey, each.number, each.at_s).findings)
        if show.rng.random() < 1 / _EACH:
            detector = show.new(_through_disk(detector.save()))


def _through_disk(saved: Saved) -> Saved:
    file = BytesIO()
    np.savez(file, **saved.arrays)  # type: ignore[arg-type]  # its stubs mistake names of arrays for its own options
    file.seek(0)
    with np.load(file) as arrays:
        held = {name: arrays[name] for name in arrays.files}
    return Saved(saved.phase, json.loads(json.dumps(saved.body)), held)


def _retuned(show: _Show) -> Iterator[Told]:
    """Settings are saved at any moment, with nothing in them that would see other things."""
    detector = show.new()
    for each in show.seen:
        yield from heard(detector.step(each.grey, each.number, each.at_s).findings)
        if show.rng.random() < 1 / _EACH:
            named = tuple(replace(region) for region in show.film.regions)
            detector.retune(Tuning(longest_interaction_s=600.0 + float(show.rng.integers(0, 5))), named)


def _doubled(show: _Show) -> Iterator[Told]:
    """A picture comes again, at once or some pictures later."""
    again: list[Seen] = []
    for at, each in enumerate(show.seen):
        again.append(each)
        if show.rng.random() < 4 / _EACH:
            again.append(show.seen[max(0, at - int(show.rng.integers(0, 6)))])
    return show.plain(again)


def _gapped(show: _Show) -> Iterator[Told]:
    """Pictures are missing for up to 20 s while nobody is there."""
    gone: set[int] = set()
    for at, each in enumerate(show.seen):
        if each.number not in gone and show.rng.random() < 1 / _EACH:
            span = show.seen[at : at + int(show.rng.integers(3, 40))]
            if all(_is_quiet(show.film, one.at_s) for one in span):
                gone |= {one.number for one in span}
    return show.plain([each for each in show.seen if each.number not in gone])


def _forward(show: _Show) -> Iterator[Told]:
    """The clock is put forward by minutes to hours, several times."""
    ahead_s, moved = 0.0, []
    for each in show.seen:
        if _is_quiet(show.film, each.at_s) and show.rng.random() < 1 / (2 * _EACH):
            ahead_s += float(show.rng.choice((60.0, 600.0, 7200.0)))
        moved.append(replace(each, at_s=each.at_s + ahead_s))
    return show.plain(moved)


def _back(show: _Show) -> Iterator[Told]:
    """The clock is put back by seconds: until it has caught up, moments hardly pass, as the worker gives them."""
    behind_s, last_s, moved = 0.0, -1.0, []
    for each in show.seen:
        if _is_quiet(show.film, each.at_s) and behind_s < 10 and show.rng.random() < 1 / _EACH:
            behind_s += float(show.rng.integers(1, 4))
        last_s = max(each.at_s - behind_s, last_s + 0.001)
        moved.append(replace(each, at_s=last_s))
    return show.plain(moved)


def _is_quiet(film: Film, at_s: float) -> bool:
    visits = film.truth.of(Topic.INTERACTION)
    return at_s > 15 and all(not each.opens_s - _QUIET_S < at_s < each.closes_s + _QUIET_S for each in visits)


_TOLD = {
    Trouble.RESTART: _restarted,
    Trouble.SETTINGS: _retuned,
    Trouble.DUPLICATES: _doubled,
    Trouble.GAPS: _gapped,
    Trouble.CLOCK_FORWARD: _forward,
    Trouble.CLOCK_BACK: _back,
}
