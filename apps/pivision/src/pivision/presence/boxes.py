"""What a detector of persons is, whatever it works with. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from pivision.config import Region, RegionKind
from pivision.errors import PiVisionError

Colour = npt.NDArray[np.uint8]


class PresenceBroken(PiVisionError):
    """The model cannot be asked; everything else goes on."""


@dataclass(frozen=True)
class Box:
    """Somebody: left, top, right, bottom as parts (0..1) of the picture, and how sure that is (0..1)."""

    left: float
    top: float
    right: float
    bottom: float
    score: float


class PresenceDetector(Protocol):
    """Tells who is in a picture. PresenceBroken when it cannot."""

    def detect(self, picture: Colour, regions: Sequence[Region]) -> list[Box]:
        """The persons at the regions; `picture` is blue, green, red."""
        ...


class Nobody:
    """Where no model is: sees nobody, ever."""

    def detect(self, picture: Colour, regions: Sequence[Region]) -> list[Box]:
        return []


def at_regions(boxes: Sequence[Box], regions: Sequence[Region]) -> list[Box]:
    """Those that touch the bounds of an interaction or inventory region; all of them where none is drawn."""
    wanted = [each for each in regions if each.kind is not RegionKind.IGNORE]
    return [box for box in boxes if not wanted or any(_touch(box, each) for each in wanted)]


def _touch(box: Box, region: Region) -> bool:
    xs, ys = [x for x, _ in region.points], [y for _, y in region.points]
    return box.left < max(xs) and box.right > min(xs) and box.top < max(ys) and box.bottom > min(ys)
