"""Whether the goods differ between two quiet pictures: where, how much, and which way. Pure.

The stock score of a slot is 0..1: `1 - 0.7 ** (area / min_area)`, so that 0.30 is the smallest area that counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from pivision.vision import light, structure
from pivision.vision.masks import Masks, Slot

Grey = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.uint8]

_FLOOR = 3.0  # grey levels that JPEG makes of nothing
_NOISE_TIMES = 2.0
_EDGE_SHARE = 0.30
_ALIKE = 0.6  # correlation of the textures: it is a shadow, or light
_VERY_ALIKE, _RICH = 0.68, 50.0  # where there is much texture, a shadow leaves more of it
_PLAIN = 3.0  # times the noise's variance: less texture tells nothing
_SHARP = (
    0.35  # of a difference's height comes within three pixels at its border: a thing has a border, a shade has none
)
_IN_SLOT = 0.6  # of a changed area lies where goods stand; a shadow's band goes beyond
_MOST = 0.75  # of a slot: when all of it differs it was the light, or the camera
_LEAST_PIXELS = 8
_SPOTS, _SPOTTED = 5, 0.02  # parts beyond the slots that differ, and their share of what is there
_MOST_MOVED = 2  # pixels of the detector's picture
_FITS = 0.3  # of the squared difference is left when it is put back
_DIM = 30.0  # grey levels, the mean of a picture that is too dark to count goods in
_LEAST_GAIN = 0.4  # of the light; with less, one of the two is a night
_TEXTURE_TIMES = 2.5  # of the smallest change, where structure alone tells: shadows make some, too
_WEAK = 0.85  # a score; a change that a visit left, and that is so small, needs another structure, too
_COUNTS = 0.4  # of the smallest change: smaller parts are not added up to one


@dataclass(frozen=True)
class Change:
    """One slot's goods differ. `box` is x, y, width, height, each 0..1 of the picture."""

    slot: str
    score: float
    area: float  # of the slot
    structure: float
    direction: str  # appeared, disappeared or changed
    box: tuple[float, float, float, float]


def typical(frames: Sequence[Grey]) -> Grey:
    """The pixel-wise median of quiet frames: what was there, without the noise."""
    if len(frames) == 1:
        return frames[0]
    return np.asarray(np.median(np.stack(frames), axis=0), np.uint8)


def score_of_area(area: float, min_area: float) -> float:
    """The score of a changed share of a slot."""
    return float(1 - 0.7 ** (area / min_area))


def compare(
    pre: Grey, post: Grey, restless: npt.NDArray[np.float32], masks: Masks, *, visited: bool = False
) -> tuple[Change, ...]:
    """How each slot differs, slots without any difference left out. `restless`: each pixel's noise, grey levels.

    `visited`: somebody was there between the two. Then another structure is a change whatever shadows lie over it.
    """
    before, now = cv2.mean(pre)[0], cv2.mean(post)[0]
    if min(before, now) < _DIM or not _LEAST_GAIN < now / before < 1 / _LEAST_GAIN:
        return ()
    even = light.smoothly_matched(post, pre)
    edges = cv2.max(light.with_details(pre), light.with_details(even)).astype(np.float32)
    off = even.astype(np.float32) - pre
    noise = float(np.median(restless))
    over = np.abs(off) > np.minimum(edges, 40) * _EDGE_SHARE + (_FLOOR + _NOISE_TIMES * restless)
    whole = cv2.bitwise_and((over * np.uint8(255)).astype(np.uint8), masks.looked)
    whole = cv2.morphologyEx(whole, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    whole = cv2.morphologyEx(whole, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    whole = cv2.morphologyEx(whole, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    plain: tuple[Change, ...] = ()
    if not _is_dappled(np.asarray(whole, np.uint8), masks):
        things = _things(np.asarray(whole, np.uint8), (pre, even), np.asarray(off, np.float32), noise, masks)
        plain = tuple(found for slot in masks.slots if (found := _in(slot, things, pre, even)) is not None)
    return _with_structure(plain, pre, even, noise, masks) if visited else plain


def _with_structure(plain: tuple[Change, ...], pre: Grey, post: Grey, noise: float, masks: Masks) -> tuple[Change, ...]:
    """The changes, and those that only the structure shows; small ones without another structure are shade."""
    unlike = structure.unlike(pre, post, noise)
    count, labels, _, _ = cv2.connectedComponentsWithStats(unlike, connectivity=8)
    known = {each.slot: each for each in plain}
    found = []
    for slot in masks.slots:
        sizes = np.bincount(np.asarray(labels)[slot.mask > 0], minlength=count)
        sizes[0] = 0
        mask = np.asarray(labels == int(sizes.argmax()), np.bool_) & (slot.mask > 0)
        area = float(sizes.max()) / slot.pixels
        change = known.get(slot.name)
        if change is not None and (change.score >= _WEAK or area > 0):
            found.append(change)
        elif change is None and 0 < area <= _MOST:
            score = score_of_area(area, _TEXTURE_TIMES * slot.min_area)
            found.append(Change(slot.name, score, area, 1.0, _direction(mask, pre, post), _box(mask)))
    return tuple(found)


def _is_dappled(whole: Mask, masks: Masks) -> bool:
    """Whether much differs all over the picture, where no goods stand, too: shadows of leaves, another light."""
    beyond = masks.looked.copy()
    for slot in masks.slots:
        beyond[slot.mask > 0] = 0
    there = cv2.bitwise_and(whole, beyond)
    count, _, stats, _ = cv2.connectedComponentsWithStats(there, connectivity=8)
    spots = int(np.count_nonzero(stats[1:count, cv2.CC_STAT_AREA] >= _LEAST_PIXELS))
    return spots >= _SPOTS and cv2.countNonZero(there) > _SPOTTED * max(1, cv2.countNonZero(beyond))


@dataclass(frozen=True)
class _Thing:
    mask: npt.NDArray[np.bool_]
    structure: float
    moved: bool


def _things(
    whole: Mask, pictures: tuple[Grey, Grey], off: npt.NDArray[np.float32], noise: float, masks: Masks
) -> list[_Thing]:
    goods = np.zeros(whole.shape, np.bool_)
    for slot in masks.slots:
        goods |= slot.mask > 0
    inside = (cv2.erode(whole, np.ones((3, 3), np.uint8)) > 0).astype(np.float32)
    textures = (light.texture(pictures[0], inside), light.texture(pictures[1], inside))
    steps = cv2.morphologyEx(off, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(whole, connectivity=8)
    found = []
    for label in range(1, count):
        size = int(stats[label, cv2.CC_STAT_AREA])
        mask = np.asarray(labels == label, np.bool_)
        if size < _LEAST_PIXELS or float(np.count_nonzero(goods[mask])) / size < _IN_SLOT:
            continue
        alike, much = _likeness(mask, textures, noise)
        if alike >= (_VERY_ALIKE if much > _RICH else _ALIKE) or (
            much < _PLAIN and _sharpness(mask, off, np.asarray(steps)) < _SHARP
        ):
            continue
        box = tuple(int(each) for each in stats[label, :4])
        found.append(_Thing(mask, 1 - max(0.0, alike), _has_moved(pictures, (box[0], box[1], box[2], box[3]))))
    return found


def _likeness(
    mask: npt.NDArray[np.bool_], textures: tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]], noise: float
) -> tuple[float, float]:
    """The correlation of the textures inside (a shadow's own border left out), and how much there is of them."""
    inside = cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    if np.count_nonzero(inside) < _LEAST_PIXELS:
        return 0.0, _PLAIN
    one, other = textures[0][inside], textures[1][inside]
    floor = (noise * 0.8 + 0.3) ** 2
    squares = float(np.mean(one * one)), float(np.mean(other * other))
    alike = float(np.mean(one * other)) / np.sqrt((squares[0] + floor) * (squares[1] + floor))
    return float(alike), max(squares) / floor


def _has_moved(pictures: tuple[Grey, Grey], box: tuple[int, int, int, int]) -> bool:
    """Whether what was there before lies there still, a few pixels aside: then all of it fits again when put back."""
    x, y, width, height = box
    pad = _MOST_MOVED
    first_x, first_y = max(pad, x - pad), max(pad, y - pad)
    last_y, last_x = min(pictures[0].shape[0] - pad, y + height + pad), min(pictures[0].shape[1] - pad, x + width + pad)
    if last_y - first_y < 3 or last_x - first_x < 3:
        return False
    now = pictures[1][first_y:last_y, first_x:last_x]
    wide = pictures[0][first_y - pad : last_y + pad, first_x - pad : last_x + pad]
    off = cv2.matchTemplate(wide, now, cv2.TM_SQDIFF)
    return float(off.min()) < _FITS * float(off[pad, pad])


def _sharpness(mask: npt.NDArray[np.bool_], off: npt.NDArray[np.float32], steps: npt.NDArray[np.float32]) -> float:
    border = (cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0) & ~(
        cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    )
    return float(np.median(steps[border])) / max(1.0, float(np.abs(off[mask]).mean()))


def _in(slot: Slot, things: list[_Thing], pre: Grey, post: Grey) -> Change | None:
    together = np.zeros(pre.shape, np.bool_)
    structure = 0.0
    least = _COUNTS * slot.min_area * slot.pixels
    for thing in things:
        size = np.count_nonzero(thing.mask)
        if not thing.moved and size >= least and np.count_nonzero(slot.mask[thing.mask]) * 2 >= size:
            together |= thing.mask
            structure = max(structure, thing.structure)
    area = float(np.count_nonzero(together & (slot.mask > 0))) / slot.pixels
    if area == 0:
        return None
    return Change(
        slot.name,
        score_of_area(area, slot.min_area) if area <= _MOST else 0.0,
        area,
        structure,
        _direction(together, pre, post),
        _box(together),
    )


def _box(mask: npt.NDArray[np.bool_]) -> tuple[float, float, float, float]:
    y, x = np.nonzero(mask)
    height, width = mask.shape
    box = (x.min() / width, y.min() / height, (np.ptp(x) + 1) / width, (np.ptp(y) + 1) / height)
    return float(box[0]), float(box[1]), float(box[2]), float(box[3])


def _direction(mask: npt.NDArray[np.bool_], pre: Grey, post: Grey) -> str:
    wide = cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    before, now = (float(light.with_details(each)[wide].mean()) + 1.0 for each in (pre, post))
    if now > 1.12 * before:
        return "appeared"
    return "disappeared" if before > 1.12 * now else "changed"
