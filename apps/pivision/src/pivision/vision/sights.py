"""What one frame shows, put together: who is there, what lies there differently, and how quiet it is. Pure."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pivision.vision import motion
from pivision.vision.machine import SLOW_S
from pivision.vision.masks import Masks
from pivision.vision.memory import Memory
from pivision.vision.motion import Blob, Grid

Grey = npt.NDArray[np.uint8]

STILL_SOMEBODY_S = 20.0  # without the slightest movement: then it is a thing
_GOODS_INSIDE = 0.75  # of a blob lies in or at slots: it may be goods
_GOODS_MOST = 0.06  # of the picture
_PRESENT = 0.25  # a score
_ALIVE = 0.04  # of a blob's cells moved
_QUIET_SHARE = 0.02  # of the slots moves


@dataclass(frozen=True)
class Sight:
    """`onset` and `stay` as the machine takes them; `whole`: the share of the picture that differs."""

    against_background: Grid
    onset: float
    stay: float
    moves: bool
    whole: float
    is_quiet: bool
    is_present: bool
    differs: bool
    scores: dict[str, float]


def sight_of(memory: Memory, grey: Grey, masks: Masks, since_s: float) -> Sight:
    """What the frame shows against the background and against the frame before. Notes in `memory` where it moved."""
    noise = float(np.median(memory.noise))
    slow = motion.changed_cells(grey, memory.shown, memory.allowed, noise, masks)
    fast = motion.changed_cells(grey, memory.previous, memory.allowed, noise, masks)
    steady = since_s <= SLOW_S
    there = motion.blobs(slow, masks)
    moved = _nowhere(masks)
    for blob in motion.blobs(fast, masks):
        moved |= blob.cells
    memory.moved_s[moved] = memory.last_s
    begin = _nowhere(masks)
    for blob in there:
        moves = bool((blob.cells & moved).any()) and steady
        if (moves or not _may_be_goods(blob, masks)) and (not steady or _is_alive(blob, memory)):
            begin |= blob.cells
    against, frames = motion.score(begin, masks), motion.score(moved & slow, masks) if steady else 0.0
    return Sight(
        slow,
        onset=max(against, frames),
        stay=max(against, frames),
        moves=bool((moved & (masks.reach > 0)).any()),
        whole=float((slow & (masks.looked_cells > 0.5)).mean()),
        is_quiet=not steady or float(np.sum(masks.goods[moved])) < _QUIET_SHARE * float(masks.goods.sum()),
        is_present=against >= _PRESENT,
        differs=bool(there) or float(masks.goods[slow].sum()) >= 2,
        scores={"motion": max(against, frames), "background": against, "frame": frames},
    )


def _nowhere(masks: Masks) -> Grid:
    return np.zeros(masks.grid, np.bool_)


def _may_be_goods(blob: Blob, masks: Masks) -> bool:
    return blob.in_goods >= _GOODS_INSIDE and blob.size <= _GOODS_MOST * masks.reach.size


def _is_alive(blob: Blob, memory: Memory) -> bool:
    recent = memory.moved_s[blob.cells] > memory.last_s - STILL_SOMEBODY_S
    return float(recent.mean()) >= _ALIVE
