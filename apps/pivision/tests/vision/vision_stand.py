"""A small stand drawn with numpy: wall, shelf, goods, a visitor. Pictures are 160 by 120, as after decoding."""

from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from pivision.config import Region, RegionKind
from pivision.vision.detector import Detector
from pivision.vision.findings import Finding, Kind, Moment, Step

Grey = npt.NDArray[np.uint8]
Plain = npt.NDArray[np.float32]

WIDTH, HEIGHT = 160, 120
REACH = Region("reach", RegionKind.INTERACTION, ((0.1, 0.25), (0.9, 0.25), (0.9, 0.9), (0.1, 0.9)))
SHELF = Region("shelf", RegionKind.INVENTORY, ((0.2, 0.4), (0.8, 0.4), (0.8, 0.72), (0.2, 0.72)))
REGIONS = (REACH, SHELF)


def rough(rng: np.random.Generator, height: int, width: int, coarse: int, strength: float) -> Plain:
    """A texture whose grains are `coarse` pixels wide."""
    grains = rng.standard_normal((height // coarse + 2, width // coarse + 2)).astype(np.float32)
    return np.asarray(cv2.resize(grains, (width, height), interpolation=cv2.INTER_CUBIC) * strength, np.float32)


@dataclass
class Stand:
    """`light` multiplies the picture, `over` replaces all of it, `items` are shown by their index."""

    seed: int = 1
    items: list[bool] = field(default_factory=lambda: [True, True, True, True])
    visitor_x: float | None = None
    light: float | Plain = 1.0
    over: Plain | None = None
    moved: tuple[int, int] = (0, 0)
    noise: float = 1.0

    def __post_init__(self) -> None:
        made = np.random.default_rng(self.seed)
        self.rng = np.random.default_rng(self.seed + 1)
        wall = 120 + rough(made, HEIGHT, WIDTH, 3, 7) + rough(made, HEIGHT, WIDTH, 20, 14)
        wall[46:88, 30:130] = 150 + rough(made, 42, 100, 2, 5)
        wall[86:90, 25:135] = 60
        self.wall = wall
        self.goods = [90 - 12 * index + rough(made, 22, 13, 3, 9) for index in range(4)]
        self.person = 70 + rough(made, 100, 40, 4, 16)

    def picture(self) -> Grey:
        plain = self.wall.copy()
        for index, shown in enumerate(self.items):
            if shown:
                plain[63:85, 38 + index * 23 : 51 + index * 23] = self.goods[index]
        if self.visitor_x is not None:
            left = round(self.visitor_x)
            first, last = max(0, left), min(WIDTH, left + 40)
            if first < last:
                plain[20:120, first:last] = self.person[:, first - left : last - left]
        plain = plain * self.light if self.over is None else self.over
        plain = np.roll(plain, self.moved, axis=(0, 1))
        noisy = plain + self.rng.normal(0, self.noise, plain.shape)
        return np.clip(noisy, 0, 255).astype(np.uint8)


@dataclass
class Watcher:
    """A detector at a stand, two pictures a second unless told otherwise."""

    stand: Stand
    detector: Detector
    frame: int = 0
    at_s: float = 0.0
    steps: list[Step] = field(default_factory=list)

    def look(self, seconds: float, every_s: float = 0.5) -> list[Finding]:
        """Let that time go by; what was found in it."""
        found: list[Finding] = []
        for _ in range(max(1, round(seconds / every_s))):
            self.frame += 1
            self.at_s += every_s
            self.steps.append(self.detector.step(self.stand.picture(), self.frame, self.at_s))
            found += self.steps[-1].findings
        return found

    def visit(self, stays_s: float = 6.0, deed: Callable[[Stand], None] = lambda _stand: None) -> list[Finding]:
        """Somebody comes from the left, stands before the shelf, does something, and goes again."""
        found: list[Finding] = []
        for x in (-25.0, 5.0, 35.0, 55.0):
            self.stand.visitor_x = x
            found += self.look(0.5)
        for half in range(round(stays_s * 2)):
            self.stand.visitor_x = 55.0 + (half % 3)
            if half == round(stays_s):
                deed(self.stand)
            found += self.look(0.5)
        for x in (30.0, 0.0, -30.0):
            self.stand.visitor_x = x
            found += self.look(0.5)
        self.stand.visitor_x = None
        return found + self.look(20)


def begun(found: list[Finding], kind: Kind) -> list[Finding]:
    """The beginnings of that kind."""
    return [each for each in found if each.kind is kind and each.moment is Moment.BEGUN]


def stock(found: list[Finding]) -> list[Finding]:
    """The changes of goods."""
    return [each for each in found if each.kind is Kind.STOCK_CHANGED]
