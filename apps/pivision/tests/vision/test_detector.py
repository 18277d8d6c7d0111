"""The detector as a whole, on drawn pictures: what it must notice, and each thing that must raise nothing."""

import json
from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from vision_stand import HEIGHT, REACH, REGIONS, SHELF, WIDTH, Stand, Watcher, begun, rough, stock

from pivision.config import Region, RegionKind, Tuning
from pivision.vision.detector import Detector, Saved
from pivision.vision.findings import Finding, Kind, Moment, Phase


def test_a_visit_is_told_when_it_begins_and_when_it_ended(watcher: Watcher) -> None:
    found = watcher.visit()
    (first,) = begun(found, Kind.INTERACTION)
    (last,) = [each for each in found if each.kind is Kind.INTERACTION and each.moment is Moment.ENDED]
    assert last.started_frame == first.started_frame
    assert first.at_s - first.started_s <= 1.0
    assert 5 < last.details["last_seen_s"] - first.started_s < 14


def test_a_visit_that_takes_nothing_changes_no_stock(watcher: Watcher) -> None:
    assert stock(watcher.visit()) == []


@pytest.mark.parametrize("index", [0, 2, 3])
def test_an_item_that_was_taken_is_told_once_with_its_frames(watcher: Watcher, index: int) -> None:
    (change,) = stock(watcher.visit(deed=lambda stand: stand.items.__setitem__(index, False)))
    assert change.slot == "shelf"
    assert change.observed_interaction is True
    assert change.pre is not None
    assert change.post is not None
    assert change.pre < change.started_frame < change.post
    assert change.details["direction"] == "disappeared"
    left = change.details["box"][0] * WIDTH
    assert abs(left - (38 + 23 * index)) < 6


def test_an_item_that_was_put_there_appeared(stand: Stand) -> None:
    stand.items[1] = False
    watcher = Watcher(stand, Detector(Tuning(), REGIONS))
    watcher.look(15)
    (change,) = stock(watcher.visit(deed=lambda stand: stand.items.__setitem__(1, True)))
    assert change.details["direction"] == "appeared"


def test_an_item_that_nobody_was_seen_to_take_is_told_without_a_visit(watcher: Watcher) -> None:
    watcher.stand.items[2] = False
    found = watcher.look(20)
    (change,) = stock(found)
    assert change.observed_interaction is False
    assert begun(found, Kind.INTERACTION) == []


def test_a_visitor_who_stands_still_for_half_a_minute_is_one_visit(watcher: Watcher) -> None:
    watcher.stand.visitor_x = 20
    found = watcher.look(1)
    watcher.stand.visitor_x = 50
    found += watcher.look(30)
    watcher.stand.visitor_x = None
    found += watcher.look(15)
    assert len(begun(found, Kind.INTERACTION)) == 1
    last = [each for each in found if each.moment is Moment.ENDED and each.kind is Kind.INTERACTION]
    assert last[0].details["last_seen_s"] - last[0].started_s > 28


def test_one_frame_in_thirty_seconds_is_enough_to_see_somebody(stand: Stand) -> None:
    watcher = Watcher(stand, Detector(Tuning(), REGIONS))
    watcher.look(300, every_s=30)
    stand.visitor_x = 50
    found = watcher.look(30, every_s=30)
    assert len(begun(found, Kind.INTERACTION)) == 1


def test_stock_is_told_at_one_frame_in_thirty_seconds(stand: Stand) -> None:
    watcher = Watcher(stand, Detector(Tuning(), REGIONS))
    watcher.look(300, every_s=30)
    stand.items[0] = False
    found = watcher.look(180, every_s=30)
    assert len(stock(found)) == 1
    assert begun(found, Kind.INTERACTION) == []


# ------------------------------------------------------------------------------------- what must raise nothing


def _slope() -> np.ndarray:  # type: ignore[type-arg]  # a picture of floats
    return np.linspace(0.6, 1.3, WIDTH, dtype=np.float32)[None, :].repeat(HEIGHT, 0)


def _band() -> np.ndarray:  # type: ignore[type-arg]  # a picture of floats
    dark = np.ones((HEIGHT, WIDTH), np.float32)
    dark[:, 40:85] = 0.55
    return dark


@pytest.mark.parametrize(
    "light", [0.6, 1.5, _slope(), _band()], ids=["darker", "brighter", "lamp aside", "hard shadow"]
)
def test_light_that_changes_at_once_raises_nothing(watcher: Watcher, light: object) -> None:
    watcher.stand.light = light  # type: ignore[assignment]  # a number or a picture
    assert watcher.look(30) == []
    watcher.stand.light = 1.0
    assert watcher.look(30) == []


def test_a_lamp_that_flickers_raises_nothing(watcher: Watcher) -> None:
    found = []
    for index in range(40):
        watcher.stand.light = 0.7 if index % 3 else 1.0
        found += watcher.look(0.5)
    assert found == []


def test_light_that_drifts_raises_nothing(watcher: Watcher) -> None:
    found = []
    for index in range(120):
        watcher.stand.light = 1 + 0.4 * float(np.sin(index / 20))
        found += watcher.look(0.5)
    assert found == []


def test_a_night_that_falls_is_told_as_dark_and_as_nothing_else(watcher: Watcher) -> None:
    found = []
    for index in range(80):
        watcher.stand.light = max(0.03, 1 - index / 60)
        found += watcher.look(0.5)
    found += watcher.look(40)
    assert {each.kind for each in found} == {Kind.DARK}


def test_a_cap_by_day_is_told_as_covered_and_not_as_a_night(watcher: Watcher) -> None:
    watcher.stand.light = 0.02
    found = watcher.look(40)
    assert [each.kind for each in found if each.kind is not Kind.INTERACTION] == [Kind.OBSTRUCTED]


def test_a_shaking_camera_raises_nothing(watcher: Watcher) -> None:
    found = []
    for index in range(60):
        watcher.stand.moved = ((index * 7) % 3 - 1, (index * 5) % 3 - 1)
        found += watcher.look(0.5)
    assert found == []


def test_insects_raise_nothing(watcher: Watcher) -> None:
    found = []
    for index in range(60):
        spot = np.ones((HEIGHT, WIDTH), np.float32)
        x, y = (index * 37) % 150, (index * 23) % 110
        spot[y : y + 4, x : x + 6] = 0.3
        watcher.stand.light = spot
        found += watcher.look(0.5)
    assert found == []


def test_somebody_who_passes_outside_of_the_region_raises_nothing(watcher: Watcher) -> None:
    watcher.detector.retune(
        Tuning(), (replace(REACH, points=((0.6, 0.3), (0.95, 0.3), (0.95, 0.9), (0.6, 0.9))), SHELF)
    )
    found = []
    for x in (-30.0, -15.0, 0.0, 10.0, 20.0, 10.0, 0.0, -20.0):
        watcher.stand.visitor_x = x
        found += watcher.look(1)
    watcher.stand.visitor_x = None
    assert begun(found + watcher.look(10), Kind.INTERACTION) == []


def test_what_moves_in_an_ignored_region_raises_nothing(stand: Stand) -> None:
    ignored = Region("road", RegionKind.IGNORE, ((0, 0), (1, 0), (1, 1), (0, 1)))
    watcher = Watcher(stand, Detector(Tuning(), (*REGIONS, ignored)))
    watcher.look(10)
    assert watcher.visit() == []


def test_saved_settings_raise_nothing(watcher: Watcher) -> None:
    watcher.detector.retune(Tuning(interaction_threshold=0.05, inventory_change_threshold=0.05), (SHELF,))
    assert watcher.look(20) == []
    watcher.detector.retune(Tuning(), ())
    assert watcher.look(20) == []


def test_a_gap_raises_nothing_and_ends_a_visit_as_incomplete(watcher: Watcher) -> None:
    watcher.at_s += 3600
    assert watcher.look(20) == []
    watcher.stand.visitor_x = 50
    watcher.look(3)
    watcher.at_s += 3600
    watcher.stand.visitor_x = None
    found = watcher.look(20)
    assert [each.details["how"] for each in found if each.kind is Kind.INTERACTION] == ["incomplete"]


def test_a_duplicate_frame_changes_nothing(watcher: Watcher) -> None:
    before = watcher.detector.save()
    step = watcher.detector.step(np.zeros((HEIGHT, WIDTH), np.uint8), watcher.frame, watcher.at_s + 1)
    after = watcher.detector.save()
    assert step.findings == ()
    assert before.body == after.body
    assert all(np.array_equal(before.arrays[name], after.arrays[name]) for name in before.arrays)


def test_another_resolution_begins_anew_and_raises_nothing(watcher: Watcher) -> None:
    picture = cv2.resize(watcher.stand.picture(), (320, 180), interpolation=cv2.INTER_LINEAR)
    step = watcher.detector.step(np.asarray(picture, np.uint8), watcher.frame + 1, watcher.at_s + 0.5)
    assert step.findings == ()
    assert step.comparable is False


# ---------------------------------------------------------------------------------------------- the camera itself


def _cloth() -> np.ndarray:  # type: ignore[type-arg]  # a picture of floats
    return 90 + rough(np.random.default_rng(9), HEIGHT, WIDTH, 9, 20)


@pytest.mark.parametrize("over", [np.full((HEIGHT, WIDTH), 130, np.float32), _cloth()], ids=["one colour", "cloth"])
def test_a_covered_camera_is_told_within_a_minute_and_when_it_is_free_again(watcher: Watcher, over: np.ndarray) -> None:  # type: ignore[type-arg]  # floats
    watcher.stand.over = over
    found = watcher.look(60)
    assert [(each.kind, each.moment) for each in found] == [(Kind.OBSTRUCTED, Moment.BEGUN)]
    watcher.stand.over = None
    found = watcher.look(30)
    assert [(each.kind, each.moment) for each in found] == [(Kind.OBSTRUCTED, Moment.ENDED)]


@pytest.mark.parametrize("moved", [(0, 9), (-6, 14), (8, -5)])
def test_a_pushed_camera_is_told_within_a_minute_and_changes_no_stock(watcher: Watcher, moved: tuple[int, int]) -> None:
    watcher.stand.moved = moved
    found = watcher.look(60)
    assert [(each.kind, each.moment) for each in found] == [(Kind.SHIFTED, Moment.BEGUN)]
    watcher.stand.moved = (0, 0)
    assert [(each.kind, each.moment) for each in watcher.look(30)] == [(Kind.SHIFTED, Moment.ENDED)]


# -------------------------------------------------------------------------------------------- put away, taken up


def _story(watch: Callable[[Watcher], None] | None = None) -> list[Finding]:
    stand = Stand(seed=3)
    watcher = Watcher(stand, Detector(Tuning(), REGIONS))
    found: list[Finding] = []
    for index in range(110):
        if watch is not None:
            watch(watcher)
        stand.visitor_x = 50.0 + index % 2 if 24 <= index < 36 else None
        stand.items[1] = index < 30
        stand.light = 0.7 if index > 80 else 1.0
        found += watcher.look(0.5)
    return found


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sets(st.integers(0, 109), min_size=1, max_size=4))
def test_a_detector_taken_up_anywhere_goes_on_exactly_the_same(cuts: set[int]) -> None:
    def restart(watcher: Watcher) -> None:
        if watcher.frame in cuts:
            saved = watcher.detector.save()
            body = json.loads(json.dumps(saved.body))
            watcher.detector = Detector(Tuning(), REGIONS, Saved(saved.phase, body, dict(saved.arrays)))

    assert _story(restart) == _WHOLE


_WHOLE = _story()


def test_the_story_that_is_cut_has_a_visit_and_a_change_in_it() -> None:
    assert len(begun(_WHOLE, Kind.INTERACTION)) == 1
    assert len(stock(_WHOLE)) == 1


def test_a_state_of_another_release_begins_anew() -> None:
    detector = Detector(Tuning(), REGIONS, Saved("idle", {"version": 0}, {}))
    assert detector.step(Stand().picture(), 1, 0.0).phase is Phase.IDLE


def test_a_visit_wants_more_frames_and_keeps_those_of_before_and_of_its_peak(watcher: Watcher) -> None:
    watcher.stand.visitor_x = 50
    watcher.look(3)
    step = watcher.steps[-1]
    assert step.phase is Phase.ACTIVE
    assert step.burst is True
    assert len(step.keep) >= 2
    assert min(step.keep) < watcher.frame - 5


def test_an_idle_detector_keeps_one_frame(watcher: Watcher) -> None:
    assert len(watcher.steps[-1].keep) == 1
