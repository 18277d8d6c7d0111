"""The camera itself: a push of a few pixels, a view that stays moved, and pictures that did not come for a while."""

from dataclasses import replace

import pytest
from vision_stand import REACH, SHELF, Stand, Watcher, begun, stock

from pivision.config import Tuning
from pivision.vision import health, watching
from pivision.vision.detector import Detector
from pivision.vision.findings import Finding, Kind, Moment


def _kinds(found: list[Finding]) -> list[tuple[Kind, Moment]]:
    return [(each.kind, each.moment) for each in found]


@pytest.mark.parametrize("moved", [(0, 4), (1, 5), (-2, 4), (0, 6)])
def test_a_push_of_a_few_pixels_is_told_and_is_no_cover(watcher: Watcher, moved: tuple[int, int]) -> None:
    watcher.stand.moved = moved
    assert _kinds(watcher.look(60)) == [(Kind.SHIFTED, Moment.BEGUN)]
    watcher.stand.moved = (0, 0)
    assert _kinds(watcher.look(20)) == [(Kind.SHIFTED, Moment.ENDED)]


@pytest.mark.parametrize(("moved", "light"), [((0, 12), 1.0), ((0, 0), 0.02)], ids=["moved", "capped"])
def test_what_ends_is_what_began(watcher: Watcher, moved: tuple[int, int], light: float) -> None:
    watcher.stand.moved, watcher.stand.light = moved, light
    found = watcher.look(40)
    watcher.stand.moved, watcher.stand.light = (0, 0), 1.0
    found += watcher.look(20)
    first, last = [each for each in found if each.kind in (Kind.SHIFTED, Kind.OBSTRUCTED)]
    assert (first.moment, last.moment) == (Moment.BEGUN, Moment.ENDED)
    assert (first.started_frame, first.started_s) == (last.started_frame, last.started_s)
    assert last.details["how"] == "ended"


def test_a_camera_that_stays_moved_keeps_its_view_and_counts_goods_there(
    watcher: Watcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "NEW_HOME_S", 60.0)
    watcher.stand.moved = (0, 9)
    found = watcher.look(40)
    watcher.stand.items[1] = False
    found += watcher.look(20)
    assert _kinds(found) == [(Kind.SHIFTED, Moment.BEGUN)]  # its goods are not judged while it is news
    (kept,) = watcher.look(60)
    assert (kept.kind, kept.moment, kept.details["how"]) == (Kind.SHIFTED, Moment.ENDED, "kept")
    assert kept.started_frame == found[0].started_frame
    assert kept.details["moved_x"] == pytest.approx(9 / 160, abs=0.005)
    (change,) = stock(watcher.visit(deed=lambda stand: stand.items.__setitem__(2, False)))
    assert change.details["direction"] == "disappeared"
    watcher.stand.moved = (0, 0)
    assert _kinds(watcher.look(40)) == [(Kind.SHIFTED, Moment.BEGUN)]


def test_a_camera_that_is_moved_again_is_given_its_time_again(
    watcher: Watcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "NEW_HOME_S", 60.0)
    watcher.stand.moved = (0, 9)
    watcher.look(60)
    watcher.stand.moved = (3, 16)
    assert [each for each in watcher.look(70) if each.kind is Kind.SHIFTED] == []
    assert [each.details["how"] for each in watcher.look(60) if each.kind is Kind.SHIFTED] == ["kept"]


def test_what_was_taken_while_no_picture_came_is_told_though_little_differs() -> None:
    shelf = replace(SHELF, min_area=0.01)
    stand = Stand()
    stand.goods[3] = 0.6 * (stand.goods[3] - stand.goods[3].mean()) + 140
    watcher = Watcher(stand, Detector(Tuning(), (REACH, shelf)))
    watcher.look(15)
    watcher.at_s += 8
    stand.items[3] = False
    found = watcher.look(20)
    assert begun(found, Kind.INTERACTION) == []
    (change,) = stock(found)
    assert change.observed_interaction is False


@pytest.mark.parametrize("gap_s", [20, 300, 3600])
def test_pictures_that_did_not_come_for_a_while_raise_nothing(watcher: Watcher, gap_s: float) -> None:
    watcher.at_s += gap_s
    watcher.stand.light = 0.8
    assert watcher.look(30) == []


@pytest.mark.parametrize(("alike", "is_told"), [(0.5, True), (0.9, False)])
def test_details_that_fit_better_elsewhere_tell_a_push_though_edges_fall_upon_others(
    alike: float, is_told: bool
) -> None:
    stand = Stand()
    view = health.view_of(stand.picture())
    stand.moved = (0, 9)
    now = stand.picture()
    found = health.moved(now, view)
    assert found is not None
    look = replace(health.look(now, view), kept=found.kept - 0.05, alike=alike)
    assert (health.shifted(now, view, look) is not None) is is_told
