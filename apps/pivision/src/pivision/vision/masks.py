"""Regions as masks on the detector's picture and on its grid of cells. Pure."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from pivision.config import Region, RegionKind

Mask = npt.NDArray[np.uint8]
Weights = npt.NDArray[np.float32]

CELLS_ACROSS = 40  # a cell is a 40th of the picture's width, whatever the camera's size
DEFAULT_MIN_AREA = 0.02  # of a slot
_WIDE = 0.28  # of a square as wide as the picture: a larger region asks for no more than this one, a hand is a hand
_FULL_DEPTH = 0.10  # of the reach region's mean side: what is deeper inside counts in full, what only touches hardly


@dataclass(frozen=True)
class Slot:
    """Where goods stand: `mask` is 255 inside, `pixels` of them; a change is at least `min_area` of it."""

    name: str
    mask: Mask
    pixels: int
    min_area: float


@dataclass(frozen=True)
class Masks:
    """What counts where. `reach` weighs the interaction region's cells (sum 1), `looked` is 255 where not ignored."""

    shape: tuple[int, int]
    grid: tuple[int, int]
    looked: Mask
    looked_cells: Weights
    reach: Weights
    goods: Weights  # per cell, the share of it that lies in a slot
    near_goods: Weights  # the same, and the cells beside
    slots: tuple[Slot, ...]
    is_untuned: bool


def masks_of(regions: tuple[Region, ...], shape: tuple[int, int]) -> Masks:
    """The masks for pictures of this (height, width). A kind that no region has is the whole picture."""
    looked = np.full(shape, 255, np.uint8)
    for each in regions:
        if each.kind is RegionKind.IGNORE:
            looked[_filled(each, shape) > 0] = 0
    reach = _union([each for each in regions if each.kind is RegionKind.INTERACTION], shape) & looked
    slots = tuple(_slot(each, looked) for each in regions if each.kind is RegionKind.INVENTORY)
    if not slots:
        slots = (Slot("", looked.copy(), max(1, int(np.count_nonzero(looked))), DEFAULT_MIN_AREA / 4),)
    grid = grid_of(shape)
    goods = np.zeros(shape, np.uint8)
    for slot in slots:
        goods |= slot.mask
    on_shelf = np.asarray(cells(goods, grid) / np.float32(255), np.float32)
    return Masks(
        shape=shape,
        grid=grid,
        looked=looked,
        looked_cells=cells(looked, grid) / np.float32(255),
        reach=_weights(reach, grid),
        goods=on_shelf,
        near_goods=np.asarray(cv2.dilate(on_shelf, np.ones((3, 3), np.uint8)), np.float32),
        slots=slots,
        is_untuned=not any(each.kind is not RegionKind.IGNORE for each in regions),
    )


def grid_of(shape: tuple[int, int]) -> tuple[int, int]:
    """(rows, columns) of the grid of about square cells."""
    height, width = shape
    side = max(1.0, max(height, width) / CELLS_ACROSS)
    return max(1, round(height / side)), max(1, round(width / side))


def cells(picture: npt.NDArray[np.uint8], grid: tuple[int, int]) -> Weights:
    """The mean of each cell."""
    small = cv2.resize(picture.astype(np.float32), (grid[1], grid[0]), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)


def _slot(region: Region, looked: Mask) -> Slot:
    shape = (looked.shape[0], looked.shape[1])
    mask = _filled(region, shape) & looked
    return Slot(region.name, mask, max(1, int(np.count_nonzero(mask))), region.min_area or DEFAULT_MIN_AREA)


def _union(regions: list[Region], shape: tuple[int, int]) -> Mask:
    if not regions:
        return np.full(shape, 255, np.uint8)
    together = np.zeros(shape, np.uint8)
    for each in regions:
        together |= _filled(each, shape)
    return together


def _filled(region: Region, shape: tuple[int, int]) -> Mask:
    height, width = shape
    corners = np.array([(round(x * (width - 1)), round(y * (height - 1))) for x, y in region.points], np.int32)
    mask = np.zeros(shape, np.uint8)
    cv2.fillPoly(mask, [corners], (255,))
    return mask


def _weights(mask: Mask, grid: tuple[int, int]) -> Weights:
    depth = _FULL_DEPTH * max(1.0, float(np.count_nonzero(mask))) ** 0.5
    # the picture's own border is no border of the region: somebody may come in there
    padded = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    inside = np.asarray(cv2.distanceTransform(padded, cv2.DIST_L2, 3))[1:-1, 1:-1]
    weights = cv2.resize(
        np.minimum(inside / depth, 1).astype(np.float32), (grid[1], grid[0]), interpolation=cv2.INTER_AREA
    )
    total = min(float(weights.sum()), _WIDE * grid[1] * grid[1])
    return np.asarray(weights / total if total > 0 else weights, np.float32)
