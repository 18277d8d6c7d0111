"""The sequences: the same for the same seed, true to their labels, quick enough to make."""

from itertools import islice, pairwise

import cv2
import numpy as np
import pytest

from pivision.config import Region, RegionKind, Tuning
from pivision.scenes.families import FAMILIES, family
from pivision.scenes.film import Film
from pivision.scenes.making import Recipe
from pivision.scenes.making import film as short_film
from pivision.scenes.peer import TUNED
from pivision.scenes.planning import Habit
from pivision.scenes.running import Cadence, Camera, Contender, Grey, Looks, plain_grey, watch
from pivision.scenes.scoring import score
from pivision.scenes.script import Deed
from pivision.scenes.stand import View
from pivision.scenes.truth import Topic
from pivision.vision.findings import Finding, Kind, Moment, Phase, Step

NAMES = [each.name for each in FAMILIES]


def _grey(film: Film, at_s: float) -> Grey:
    return plain_grey(film.shoot(at_s), *film.size)


def _box(film: Film, name: str, grey: Grey) -> Grey:
    region = next(each for each in film.regions if each.name == name)
    height, width = grey.shape
    xs, ys = [x for x, _y in region.points], [y for _x, y in region.points]
    return grey[int(min(ys) * height) : int(max(ys) * height), int(min(xs) * width) : int(max(xs) * width)]


def _differs(first: Grey, second: Grey) -> float:
    soft = [cv2.GaussianBlur(each, (5, 5), 0) for each in (first, second)]
    return float((cv2.absdiff(*soft) > 20).mean())


@pytest.mark.parametrize("name", NAMES)
def test_a_family_makes_pictures_and_the_same_ones_again(name: str) -> None:
    first, second = family(name).make(0), family(name).make(0)
    for at_s in (0.0, 61.0):
        assert first.shoot(at_s) == second.shoot(at_s)
    assert first.truth == second.truth


def test_another_seed_is_another_place() -> None:
    assert family("plain").make(0).shoot(0.0) != family("plain").make(3).shoot(0.0)


def test_pictures_have_the_size_they_say() -> None:
    for seed in (0, 3):
        film = family("pushed").make(seed)
        assert _grey(film, 0.0).shape == film.size[::-1]
    assert film.size == (1280, 720)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_slot_looks_different_after_a_change_and_only_then(seed: int) -> None:
    film = family("plain").make(seed)
    visits = [each for each in film.truth.expected if each.topic is Topic.INTERACTION]
    first = visits[0]
    before = _grey(film, first.opens_s - 3)
    after = _grey(film, film.cast.visits[0].end_s + 2)
    changed = {each.slot for each in film.truth.of(Topic.STOCK) if each.begin_s < first.end_s}
    for slot in (each.name for each in film.stand.slots):
        seen = _differs(_box(film, slot, before), _box(film, slot, after))
        assert (seen > 0.03) == (slot in changed), (slot, seen)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_somebody_is_in_the_reach_while_a_visit_is_labelled(seed: int) -> None:
    film = family("plain").make(seed)
    empty = _box(film, "reach", _grey(film, 20.0))
    first = film.truth.of(Topic.INTERACTION)[0]
    assert _differs(empty, _box(film, "reach", _grey(film, first.opens_s - 1))) < 0.003
    assert _differs(empty, _box(film, "reach", _grey(film, (first.begin_s + first.end_s) / 2))) > 0.01


def test_visits_that_are_told_apart_are_far_apart() -> None:
    for name in ("plain", "company", "still", "covered"):
        film = family(name).make(1)
        visits = film.truth.of(Topic.INTERACTION)
        for one, next_one in pairwise(visits):
            assert next_one.begin_s - one.end_s > 25


def test_goods_that_are_only_moved_are_no_change() -> None:
    film = family("nudged").make(0)
    moved = [each.deed for visit in film.cast.visits for each in visit.reaches]
    assert Deed.NUDGE in moved
    assert len(film.truth.of(Topic.STOCK)) < len(moved)


def test_an_empty_stand_expects_nothing_and_is_an_hour_long() -> None:
    truth = family("empty").make(0).truth
    assert truth.expected == ()
    assert truth.length_s == 3600


def test_a_covered_lens_shows_nothing_of_the_place() -> None:
    film = family("covered").make(0)
    begin = film.truth.of(Topic.OBSTRUCTED)[0].begin_s
    before = _grey(film, begin - 5)
    assert _differs(before, _grey(film, begin + 10)) > 0.6


def test_a_pushed_camera_stays_where_it_was_pushed() -> None:
    film = family("pushed").make(1)
    at_s = film.truth.of(Topic.SHIFTED)[0].begin_s
    before, after, later = (_grey(film, at_s + each).astype(np.float32) for each in (-20.0, 12.0, 20.0))
    (x, y), _sure = cv2.phaseCorrelate(before, after)
    assert np.hypot(x, y) > 8
    (x, y), _sure = cv2.phaseCorrelate(after, later)
    assert np.hypot(x, y) < 1


def test_every_view_and_both_sizes_are_there() -> None:
    made = [family("plain").make(seed) for seed in range(4)]
    assert {each.stand.view for each in made} == set(View)
    assert {each.size for each in made} == {(640, 480), (1280, 720)}


def test_the_camera_is_off_line_in_a_gap() -> None:
    film = family("unseen").make(0)
    begin, end = film.gaps[0]
    times = [at_s for at_s, _jpeg in islice(Camera(film, Cadence.STEADY).frames(), 250)]
    assert not any(begin <= at_s < end for at_s in times)
    assert any(at_s >= end for at_s in times)


class _Counts:
    """Asks for a burst at its first frame, and tells the interval of all."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def step(self, grey: Grey, frame: int, at_s: float) -> Step:
        self.times.append(at_s)
        return Step(Phase.IDLE, {}, burst=len(self.times) == 2)


def test_in_bursts_more_comes_only_while_it_is_wanted() -> None:
    counts = _Counts()
    film = family("burst").make(0)
    watch(
        film, Cadence.BURST, Contender("counts", lambda _t, _r: counts, lambda _j, _w, _h: np.zeros((2, 2), np.uint8))
    )
    assert counts.times[:4] == [0.0, 30.0, 30.5, 31.0]
    assert counts.times[30:34] == [44.5, 45.0, 75.0, 105.0]


class _Late:
    """A detector that knows, but says it half a minute later."""

    def __init__(self, film: Film) -> None:
        self.waiting = sorted(each.begin_s + 25 for each in film.truth.of(Topic.INTERACTION))

    def step(self, grey: Grey, frame: int, at_s: float) -> Step:
        if self.waiting and at_s >= self.waiting[0]:
            self.waiting.pop(0)
            return Step(Phase.ACTIVE, {}, (Finding(Kind.INTERACTION, Moment.BEGUN, frame, at_s, at_s, 1.0),))
        return Step(Phase.IDLE, {})


def test_a_detector_that_is_late_on_a_real_sequence_is_seen_as_such() -> None:
    film = short_film("late", 0, Recipe(length_s=240.0))
    made = _Late(film)

    def make(_tuning: Tuning, _regions: tuple[Region, ...]) -> Looks:
        return made

    late = Contender("late", make, lambda _jpeg, _width, _height: np.zeros((2, 2), np.uint8))
    found = score(film.truth, watch(film, Cadence.STEADY, late)).of(Topic.INTERACTION)
    assert found.right == 0
    assert found.wrong == found.missed >= 2


def test_the_plain_rule_finds_some_visits_and_shows_that_they_can_be_seen() -> None:
    film = short_film("plain", 1, Recipe(length_s=200.0, habit=Habit(rests=1.0, stands_s=(5.0, 10.0))))
    found = score(film.truth, watch(film, Cadence.STEADY, TUNED)).of(Topic.INTERACTION)
    assert found.recall >= 0.5


def test_regions_lie_within_the_picture() -> None:
    for name in NAMES[::4]:
        for region in family(name).make(2).regions:
            assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in region.points)
            assert region.kind in (RegionKind.INTERACTION, RegionKind.INVENTORY)
