"""Whether the goods differ between two quiet pictures: where, how much, and which way. Pure.

The stock score of a slot is 0..1: `1 - 0.7 ** (area / min_area)`, so that 0.30 means the smallest area that is a change.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from pivision.vision import light
from pivision.vision.masks import Masks, Slot

Grey = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.uint8]

_FLOOR = 3.0
_NOISE_TIMES = 2.5
_EDGE_SHARE = 0.30
_FLAT = 0.10  # of the light around: a plain thing before a plain wall differs by more
_STRUCTURE = 0.22  # of a changed area that no light explains; a shadow has less
_IN_SLOT = 0.6  # of a changed area lies where goods stand; a shadow's band goes beyond
_MOST = 0.75  # of a slot: when all of it differs it was the light, or the camera


@dataclass(frozen=True)
class Change:
    """One slot's goods differ. `box` is x, y, width, height, each 0..1 of the picture."""

    slot: str
    score: float
    area: float  # of the slot
    structure: float
    direction: str  # appeared, disappeared or changed
    box: tuple[float, float, float, float]
    moved: bool = False


def typical(frames: Sequence[Grey]) -> Grey:
    """The pixel-wise median of quiet frames: what was there, without the noise."""
    if len(frames) == 1:
        return frames[0]
    return np.median(np.stack(frames), axis=0).astype(np.uint8)


def score_of_area(area: float, min_area: float) -> float:
    """The score of a changed share of a slot."""
    return float(1 - 0.7 ** (area / min_area))


def compare(pre: Grey, post: Grey, noise: float, masks: Masks) -> tuple[Change, ...]:
    """How each slot differs, slots without any difference left out."""
    structure, flat = _unexplained_both_ways(pre, post, noise), _flat_things(pre, post)
    either = cv2.morphologyEx(cv2.bitwise_or(structure, flat), cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    whole = cv2.bitwise_and(cv2.morphologyEx(either, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)), masks.looked)
    things = _things(np.asarray(whole, np.uint8), structure, masks)
    return tuple(found for slot in masks.slots if (found := _in(slot, things, pre, post)) is not None)


@dataclass(frozen=True)
class _Thing:
    mask: npt.NDArray[np.bool_]
    structure: float


def _unexplained_both_ways(pre: Grey, post: Grey, noise: float) -> Mask:
    one, _ = light.unexplained(post, pre)
    other, _ = light.unexplained(pre, post)
    edges = cv2.max(light.with_details(pre), light.with_details(post)).astype(np.float32)
    allowed = edges * _EDGE_SHARE + (_FLOOR + _NOISE_TIMES * noise)
    return np.asarray((np.maximum(one, other) > allowed) * np.uint8(255), np.uint8)


def _flat_things(pre: Grey, post: Grey) -> Mask:
    """Where the light seems another than all around it."""
    lit = light.ratio(post, pre)
    small = cv2.resize(lit, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    around = cv2.resize(cv2.medianBlur(small, 15), (pre.shape[1], pre.shape[0]), interpolation=cv2.INTER_LINEAR)
    off = np.abs(lit.astype(np.float32) / np.maximum(around.astype(np.float32), 1) - 1)
    enough = np.maximum(pre, post) > 2 * light.LIFT
    return np.asarray(((off > _FLAT) & enough) * np.uint8(255), np.uint8)


def _things(whole: Mask, structure: Mask, masks: Masks) -> list[_Thing]:
    goods = np.zeros(whole.shape, np.bool_)
    for slot in masks.slots:
        goods |= slot.mask > 0
    count, labels, stats, _ = cv2.connectedComponentsWithStats(whole, connectivity=8)
    found = []
    for label in range(1, count):
        size = int(stats[label, cv2.CC_STAT_AREA])
        if size < 6:
            continue
        mask = labels == label
        share = float(np.count_nonzero(structure[mask])) / size
        inside = float(np.count_nonzero(goods[mask])) / size
        if share >= _STRUCTURE and inside >= _IN_SLOT:
            found.append(_Thing(mask, share))
    return found


def _in(slot: Slot, things: list[_Thing], pre: Grey, post: Grey) -> Change | None:
    together = np.zeros(pre.shape, np.bool_)
    structure = 0.0
    for thing in things:
        if np.count_nonzero(slot.mask[thing.mask]) * 2 >= np.count_nonzero(thing.mask):
            together |= thing.mask
            structure = max(structure, thing.structure)
    area = float(np.count_nonzero(together & (slot.mask > 0))) / slot.pixels
    if area == 0:
        return None
    y, x = np.nonzero(together)
    height, width = pre.shape
    box = (x.min() / width, y.min() / height, (np.ptp(x) + 1) / width, (np.ptp(y) + 1) / height)
    return Change(
        slot.name,
        score_of_area(area, slot.min_area) if area <= _MOST else 0.0,
        area,
        structure,
        _direction(together, pre, post),
        (float(box[0]), float(box[1]), float(box[2]), float(box[3])),
    )


def _direction(mask: npt.NDArray[np.bool_], pre: Grey, post: Grey) -> str:
    wide = cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    before, now = (float(light.with_details(each)[wide].mean()) + 1.0 for each in (pre, post))
    if now > 1.12 * before:
        return "appeared"
    return "disappeared" if before > 1.12 * now else "changed"
