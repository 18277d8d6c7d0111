"""A restart, saved settings, doubled pictures, gaps and jumps of the clock change nothing; and it would be seen."""

from collections.abc import Iterator

import pytest

from pivision.config import Region, Tuning
from pivision.scenes.film import Film
from pivision.scenes.making import Recipe, film
from pivision.scenes.planning import Habit
from pivision.scenes.running import Grey
from pivision.scenes.stand import View
from pivision.scenes.troubles import Seen, Trouble, compare, pictures
from pivision.vision.detector import Detector, Saved
from pivision.vision.findings import Step

Shown = tuple[Film, list[Seen]]


@pytest.fixture(scope="module")
def shown() -> Iterator[Shown]:
    made = film(
        "troubled", 0, Recipe(length_s=240.0, habit=Habit(company=0.5, pause_s=(60.0, 70.0)), views=(View.FRONT,))
    )
    yield made, pictures(made)


@pytest.mark.parametrize("trouble", list(Trouble))
def test_it_changes_nothing(trouble: Trouble, shown: Shown) -> None:
    found = compare(*shown, trouble, seed=3)
    assert found.many == 0, found


class _Forgets(Detector):
    """One that begins anew after each restart."""

    def __init__(self, tuning: Tuning, regions: tuple[Region, ...], saved: Saved | None = None) -> None:
        super().__init__(tuning, regions)


class _Restarts(Detector):
    """One for which saved settings are a new beginning."""

    def retune(self, tuning: Tuning, regions: tuple[Region, ...]) -> None:
        self.__init__(tuning, regions)  # type: ignore[misc]  # that is what it does wrong


@pytest.mark.parametrize(("trouble", "broken"), [(Trouble.RESTART, _Forgets), (Trouble.SETTINGS, _Restarts)])
def test_a_detector_that_forgets_is_seen(trouble: Trouble, broken: type[Detector], shown: Shown) -> None:
    found = [compare(*shown, trouble, seed, broken) for seed in range(3)]
    assert sum(each.many for each in found) > 0


@pytest.mark.parametrize("trouble", list(Trouble))
def test_a_trouble_does_befall_the_detector(trouble: Trouble, shown: Shown) -> None:
    steps: list[tuple[int, float]] = []
    made = 0

    class Listens(Detector):
        def __init__(self, tuning: Tuning, regions: tuple[Region, ...], saved: Saved | None = None) -> None:
            nonlocal made
            made += 1
            super().__init__(tuning, regions, saved)

        def retune(self, tuning: Tuning, regions: tuple[Region, ...]) -> None:
            nonlocal made
            made += 1

        def step(self, grey: Grey, frame: int, at_s: float) -> Step:
            steps.append((frame, at_s))
            return super().step(grey, frame, at_s)

    compare(*shown, trouble, 3, Listens)
    plain = [(each.number, each.at_s) for each in shown[1]]
    assert steps[: len(plain)] == plain
    assert steps[len(plain) :] != plain or made > 4
