"""Where a picture shows something that light does not explain: on the grid of cells, against an older picture. Pure.

The motion score of a picture is 0..1: `1 - 0.7 ** (share / SHARE_AT_30)`, where `share` is the part of the interaction
region, weighed by depth, that shows something. So 0.30 means SHARE_AT_30 of it, 0.51 twice that, 0.76 four times. A
region wider than a hand's reach counts as no larger than one of that size: see `masks`.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from pivision.vision import light
from pivision.vision.masks import Masks

Grey = npt.NDArray[np.uint8]
Grid = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]

SHARE_AT_30 = 0.014
SMALLEST_BLOB = 4  # cells: an insect is less, a hand at 3 m is more
_DENSITY = 0.22 * 255  # of a cell's pixels that differ
_NOISE_TIMES = 4.4  # mean absolute noise; 3.5 standard deviations
_FLOOR = 3.0  # grey levels that JPEG makes of nothing
_EDGE_SHARE = 0.45  # of the local contrast: what half a pixel of shake makes
_ALIKE = 0.6  # correlation of textures: the same thing in another light
_UNLIKE = 0.4
_MUCH_IN_LIGHT = 8.0  # the same amid light: a shadow's border has some
_ISLAND, _ISLAND_SHARE = 8, 0.55  # cells of another texture amid light, and their share of what is left there
_MUCH = 1.5  # noises (as variances): texture enough to tell
_NOISY = 1.8  # mean absolute noise, from which pictures are smoothed first
_SMOOTHED = 0.5  # of the noise is left then
_FIRST_LOOK = 0.0015  # of all pixels; fewer that differ are noise


@dataclass(frozen=True)
class Blob:
    """Cells that hang together: a mask on the grid, their number, and how much of them lies in or at a slot."""

    cells: Grid
    size: int
    in_goods: float


def tolerance(background: Grey, noise: Floats) -> Grey:
    """How much each pixel may differ without showing anything."""
    edges = light.with_details(background).astype(np.float32)
    return np.asarray(cv2.convertScaleAbs(noise * _NOISE_TIMES + edges * _EDGE_SHARE + _FLOOR), np.uint8)


def first_guess_of_noise(picture: Grey) -> float:
    """The noise of a single picture, as a mean absolute difference: its finest detail, where it is least."""
    fine = np.abs(cv2.Laplacian(picture, cv2.CV_32F))
    return max(0.5, float(np.percentile(fine, 30)) * 0.3)


def differs(now: Grey, background: Grey, allowed: Grey) -> bool:
    """The first look, at every picture: is there anything that deserves the second? `now` is lit as the background."""
    over = cv2.subtract(cv2.absdiff(now, background), allowed)
    return cv2.countNonZero(over) > _FIRST_LOOK * now.size


def changed_cells(now: Grey, before: Grey, allowed: Grey, noise: float, masks: Masks) -> Grid:
    """The cells of `now` that show something which was not there before, whatever the light did.

    What differs in brightness counts, unless its texture is the one that was there: that is a shadow, or a lamp.
    """
    if noise > _NOISY:
        now, before = (np.asarray(cv2.blur(each, (3, 3)), np.uint8) for each in (now, before))
        allowed = np.asarray(cv2.convertScaleAbs(allowed, alpha=_SMOOTHED), np.uint8)
        noise *= _SMOOTHED
    if not differs(light.matched(now, before), before, allowed):
        return np.zeros(masks.grid, np.bool_)
    even = light.smoothly_matched(now, before)
    over = cv2.bitwise_and(cv2.subtract(cv2.absdiff(even, before), allowed), masks.looked)
    _, changed = cv2.threshold(over, 0, 255, cv2.THRESH_BINARY)
    dense = cv2.resize(changed, (masks.grid[1], masks.grid[0]), interpolation=cv2.INTER_AREA)
    _, dense_on = cv2.threshold(dense, _DENSITY, 1, cv2.THRESH_BINARY)
    if not cv2.countNonZero(dense_on):
        return np.zeros(masks.grid, np.bool_)
    on = np.asarray(cv2.morphologyEx(dense_on, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)), np.bool_)
    alike, much = light.likeness(now, before, np.asarray(changed, np.uint8), masks.grid, noise * 1.25 + 0.3)
    # apart: a person behind makes no thing of the shadow that falls on the goods
    reach = masks.reach > 0
    return _without_light(on & reach, alike, much) | _without_light(on & ~reach, alike, much)


def _without_light(on: Grid, alike: Floats, much: Floats) -> Grid:
    """Take out the parts whose texture was there before."""
    lit = on & (alike > _ALIKE) & (much > 0.5)
    other = on & (alike < _UNLIKE) & (much > _MUCH)
    left = on & ~lit
    in_light = _of_light(on, lit, other)
    return np.asarray((left & ~in_light) | _islands(left & in_light, other & (much > _MUCH_IN_LIGHT)), np.bool_)


def _of_light(on: Grid, lit: Grid, other: Grid) -> Grid:
    """The parts most of which was there before, in another light."""
    count, labels, _, _ = cv2.connectedComponentsWithStats(on.astype(np.uint8), connectivity=8)
    marks = np.asarray(labels)
    of_light = np.bincount(marks[lit], minlength=count)
    of_things = np.bincount(marks[other], minlength=count)
    is_light = of_light > 1.5 * of_things
    is_light[0] = True
    return np.asarray(is_light[marks], np.bool_)


def _islands(left: Grid, other: Grid) -> Grid:
    """Who stands in a shadow: what hangs together in it and has another texture nearly all over."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(left.astype(np.uint8), connectivity=4)
    marks = np.asarray(labels)
    of_things = np.bincount(marks[other], minlength=count)
    sizes = stats[:count, cv2.CC_STAT_AREA]
    stays = (of_things >= _ISLAND) & (of_things >= _ISLAND_SHARE * sizes)
    stays[0] = False
    return np.asarray(stays[marks], np.bool_)


def blobs(changed: Grid, masks: Masks) -> tuple[Blob, ...]:
    """The connected parts that are large enough to be somebody or something, largest first."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(changed.astype(np.uint8), connectivity=8)
    found = []
    for label in range(1, count):
        size = int(stats[label, cv2.CC_STAT_AREA])
        if size >= SMALLEST_BLOB:
            of_it = labels == label
            found.append(Blob(of_it, size, float(masks.near_goods[of_it].mean())))
    return tuple(sorted(found, key=lambda blob: -blob.size))


def score(cells: Grid, masks: Masks) -> float:
    """0..1, see the module: how much of the interaction region these cells are."""
    return score_of_share(float(masks.reach[cells].sum()))


def score_of_share(share: float) -> float:
    """The score that this share of a region has."""
    return float(1 - 0.7 ** (share / SHARE_AT_30))
