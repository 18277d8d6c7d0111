"""A hand is somebody: in a region as wide as the picture, before the goods, and in a shadow."""

from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from vision_stand import HEIGHT, REGIONS, SHELF, WIDTH, Grey, Stand, Watcher, begun, rough, stock

from pivision.config import Region, RegionKind, Tuning
from pivision.vision.detector import Detector
from pivision.vision.findings import Kind

EVERYWHERE = Region("all", RegionKind.INTERACTION, ((0, 0), (1, 0), (1, 1), (0, 1)))


@dataclass
class Reached(Stand):
    """A stand into which an arm comes from below: its `hand` is at (x, y)."""

    hand: tuple[int, int] | None = None
    thick: int = 6
    sleeve: np.ndarray = field(default_factory=lambda: 60 + rough(np.random.default_rng(5), HEIGHT, WIDTH, 3, 14))  # type: ignore[type-arg]  # floats

    def picture(self) -> Grey:
        empty = super().picture()
        if self.hand is None:
            return empty
        x, y = self.hand
        empty[y:, x : x + self.thick] = np.clip(self.sleeve[y:, x : x + self.thick] * _part(self.light, x, y), 0, 255)
        return empty


def _part(light: object, x: int, y: int) -> float:
    return float(light[y, x]) if isinstance(light, np.ndarray) else 1.0


def _watcher(*regions: Region) -> Watcher:
    watcher = Watcher(Reached(), Detector(Tuning(), regions))
    watcher.look(15)
    return watcher


def _reach(watcher: Watcher, x: int, top: int) -> int:
    """A hand comes from below, is there for two seconds, and goes; how many visits were told."""
    stand = watcher.stand
    assert isinstance(stand, Reached)
    found = []
    for step, y in enumerate((105, top + 10, top, top + 1, top, top + 1, top + 12)):
        stand.hand = x + step % 2, y
        found += watcher.look(0.5)
    stand.hand = None
    return len(begun(found + watcher.look(15), Kind.INTERACTION))


@pytest.mark.parametrize("x", [20, 75, 140])
def test_a_hand_is_a_visit_however_wide_the_region_is(x: int) -> None:
    assert _reach(_watcher(EVERYWHERE, SHELF), x, 82) == 1


def test_a_hand_that_lies_in_the_shelf_is_a_visit_and_no_goods() -> None:
    wide = replace(SHELF, points=((0.1, 0.4), (0.9, 0.4), (0.9, 0.98), (0.1, 0.98)))
    watcher = _watcher(EVERYWHERE, wide)
    assert _reach(watcher, 70, 72) == 1
    assert stock(watcher.look(20)) == []


def test_a_hand_in_a_shadow_that_came_with_it_is_a_visit() -> None:
    watcher = _watcher(*REGIONS)
    stand = watcher.stand
    assert isinstance(stand, Reached)
    stand.thick = 12
    found = []
    for index in range(10):
        shadow = np.ones((HEIGHT, WIDTH), np.float32)
        shadow[44 + index % 3 :, 34 : 114 + 2 * (index % 4)] = 0.6
        stand.light, stand.hand = shadow, (64 + 2 * (index % 3), 70 + index % 2)
        found += watcher.look(0.5)
    stand.light, stand.hand = 1.0, None
    assert len(begun(found + watcher.look(15), Kind.INTERACTION)) == 1


def test_a_shadow_that_wanders_over_the_shelf_is_no_visit() -> None:
    watcher = _watcher(*REGIONS)
    found = []
    for index in range(40):
        shadow = np.ones((HEIGHT, WIDTH), np.float32)
        shadow[:, 4 * index - 20 : 4 * index + 15] = 0.6
        watcher.stand.light = shadow
        found += watcher.look(0.5)
    assert found == []


def test_a_thing_that_is_there_at_once_and_never_moves_is_no_visit() -> None:
    watcher = _watcher(EVERYWHERE, SHELF)
    stand = watcher.stand
    assert isinstance(stand, Reached)
    stand.hand, stand.thick = (8, 60), 24
    assert begun(watcher.look(60), Kind.INTERACTION) == []
