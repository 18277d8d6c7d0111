"""Thresholds from a drawn box and a few frames: what an operator would else have to guess. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from pivision.config import Region
from pivision.vision import motion, stock
from pivision.vision.masks import masks_of

Grey = npt.NDArray[np.uint8]

_PART_OF_ITEM = 0.4  # of a taught item's area is a change: its outline shrinks in bad light
_LEAST_AREA, _MOST_AREA = 0.002, 0.5
_ABOVE = 1.5  # times the highest score of the quiet frames
_USUAL, _HIGHEST = 0.30, 0.60


@dataclass(frozen=True)
class Taught:
    """What to set. `noise`: a quiet pixel's mean absolute difference in grey levels; `highest`: the best score."""

    noise: float
    min_area: float | None
    interaction_threshold: float
    highest: float


def teach(
    frames: Sequence[Grey], regions: tuple[Region, ...], slot: str = "", item: Sequence[tuple[float, float]] = ()
) -> Taught:
    """What these frames of the empty stand, and one item drawn as a polygon in `slot`, suggest.

    Frames are at least two and of one size; without an item there is no `min_area`. ValueError when they are not so.
    """
    if len(frames) < 2 or any(each.shape != frames[0].shape for each in frames):
        raise ValueError("teaching takes two or more pictures of one size")
    masks = masks_of(regions, (frames[0].shape[0], frames[0].shape[1]))
    usual = stock.typical(frames)
    off = np.mean([cv2.absdiff(each, usual) for each in frames], axis=0).astype(np.float32)
    noise = max(0.5, float(off[masks.looked > 0].mean()))
    allowed = motion.tolerance(usual, np.full(usual.shape, noise, np.float32))
    scores = [motion.score(motion.changed_cells(each, usual, allowed, noise, masks), masks) for each in frames]
    threshold = min(_HIGHEST, max(_USUAL, _ABOVE * max(scores)))
    return Taught(noise, _share(item, slot, regions) if item else None, round(threshold, 2), max(scores))


def _share(item: Sequence[tuple[float, float]], slot: str, regions: tuple[Region, ...]) -> float:
    """The part of the slot (of the picture, where it has no such slot) that counts as a change of this item."""
    found = next((each for each in regions if each.name == slot), None)
    whole = _area(found.points) if found is not None else 1.0
    return float(min(_MOST_AREA, max(_LEAST_AREA, _PART_OF_ITEM * _area(item) / whole)))


def _area(points: Sequence[tuple[float, float]]) -> float:
    closed = [*points, points[0]]
    twice = sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairwise(closed))
    return abs(twice) / 2
