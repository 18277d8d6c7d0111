"""The whole set or a part of it: families and seeds, run beside each other, each with a score for each detector."""

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context

import cv2

from pivision.scenes.families import FAMILIES, family
from pivision.scenes.gate import Line
from pivision.scenes.ours import OURS
from pivision.scenes.peer import DOCUMENTED, TUNED
from pivision.scenes.running import Cadence, Contender, watch_all
from pivision.scenes.scoring import Mistake, Result, judge, total
from pivision.scenes.troubles import Difference, Trouble, compare, pictures

SEEDS = 3
EMPTY_HOURS = 6  # the empty stand's sequences are an hour long
TROUBLED = ("plain", "company", "clouds")
CONTENDERS = {each.name: each for each in (OURS, DOCUMENTED, TUNED)}


@dataclass(frozen=True)
class Case:
    """One sequence, for these detectors (by name)."""

    family: str
    seed: int
    detectors: tuple[str, ...] = (OURS.name,)


@dataclass(frozen=True)
class Outcome:
    """What each detector got for one sequence."""

    case: Case
    results: dict[str, Result]
    mistakes: dict[str, tuple[Mistake, ...]]


def cases(
    names: Iterable[str], seeds: Iterable[int], detectors: tuple[str, ...], hours: int = EMPTY_HOURS
) -> list[Case]:
    """Each family with each seed, the longest first; all families when no name is given. `hours` of the empty stand."""
    wanted = list(names) or [each.name for each in FAMILIES]
    found = [Case(name, seed, detectors) for seed in seeds for name in wanted if name != "empty"]
    if "empty" in wanted:
        found += [Case("empty", hour, detectors) for hour in range(hours)]
    return sorted(found, key=lambda each: (each.family != "empty", each.family != "burst", each.family, each.seed))


def run(case: Case) -> Outcome:
    """Make the sequence, let the detectors look at it, judge them."""
    cv2.setNumThreads(1)
    kind = family(case.family)
    contenders = tuple(CONTENDERS[name] for name in case.detectors)
    groups: list[tuple[Contender, ...]] = [contenders]
    if kind.cadence is Cadence.BURST:
        groups = [(each,) for each in contenders]
    results, mistakes = {}, {}
    for group in groups:
        film = kind.make(case.seed)
        for name, told in watch_all(film, kind.cadence, group).items():
            results[name], mistakes[name] = judge(film.truth, told)
    return Outcome(case, results, mistakes)


def run_all(wanted: list[Case], processes: int) -> Iterator[Outcome]:
    """Each outcome as soon as it is there."""
    if processes <= 1:
        yield from map(run, wanted)
        return
    with ProcessPoolExecutor(min(processes, os.cpu_count() or 1), mp_context=get_context("spawn")) as pool:
        waiting = [pool.submit(run, each) for each in wanted]
        for done in as_completed(waiting):
            yield done.result()


def differences(seeds: Iterable[int], processes: int) -> list[Line]:
    """A line of the gate for each trouble: how many events it made more or fewer, over some families."""
    wanted = [(name, seed) for name in TROUBLED for seed in seeds]
    if processes <= 1:
        found = [each for one in wanted for each in _troubled(one)]
    else:
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            found = [each for some in pool.map(_troubled, wanted) for each in some]
    return [
        Line(
            f"{trouble.value}: events more or fewer",
            0,
            sum(e.many for e in found if e.trouble is trouble),
            at_most=True,
        )
        for trouble in Trouble
    ]


def _troubled(wanted: tuple[str, int]) -> list[Difference]:
    cv2.setNumThreads(1)
    film = family(wanted[0]).make(wanted[1])
    seen = pictures(film)
    return [compare(film, seen, trouble, wanted[1]) for trouble in Trouble]


def by_family(outcomes: Iterable[Outcome], detector: str) -> dict[str, Result]:
    """Each family's result, in the order of the families."""
    found = list(outcomes)
    gathered = {
        each.name: total(one.results[detector] for one in found if one.case.family == each.name) for each in FAMILIES
    }
    return {name: result for name, result in gathered.items() if result.length_s}
