"""Is the camera's view the one it had: covered, moved, dark, or the same under another light? Pure."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from pivision.vision import light

Grey = npt.NDArray[np.uint8]
Bools = npt.NDArray[np.bool_]

DARK_MEAN = 22.0  # grey levels; and no detail
COVERED = 0.55  # of the parts of the picture that had edges have lost them
SAME_VIEW = 0.62  # of all edges are where they were: whatever else differs is light
_PARTS = (6, 8)
_EDGES = 15.0  # per cent of all pixels that are called edges
_LEAST_EDGE = 10.0  # grey levels; less is noise
_PART_LOST = 0.5  # of a part's edges
_ENDS_AFTER_S = 4.0
_ANGLES = (0.0, -1.5, 1.5, -3.0, 3.0, -5.0, 5.0, -7.5, 7.5, -10.0, 10.0)


@dataclass(frozen=True)
class View:
    """The view that a camera should have: its edges, and how much detail it shows."""

    picture: Grey
    edges: Bools
    detail: float


@dataclass(frozen=True)
class Look:
    """How a picture compares. `kept`: share of the edges that are still there; `lost`: of the parts without theirs."""

    kept: float
    lost: float
    detail: float  # times the view's own
    mean: float

    @property
    def is_dark(self) -> bool:
        return self.mean < DARK_MEAN and self.detail < 0.5

    @property
    def is_covered(self) -> bool:
        return not self.is_dark and (self.lost >= COVERED or self.detail < 0.25)

    @property
    def is_same_view(self) -> bool:
        return self.kept >= SAME_VIEW


@dataclass(frozen=True)
class Moved:
    """How far the view has moved, in shares of the picture's width, and by how many degrees; `kept` when moved back."""

    x: float
    y: float
    degrees: float
    kept: float


@dataclass(frozen=True)
class Watch:
    """One thing that may be wrong with the camera, and since when."""

    since_s: float = -1.0
    frame: int = 0
    told: bool = False
    good_since_s: float = -1.0


def view_of(picture: Grey) -> View:
    """The view that later pictures are held against."""
    detail = light.with_details(picture)
    return View(picture, _edges(detail), float(detail.mean()) + 0.1)


def look(now: Grey, view: View) -> Look:
    """How this picture compares with the view."""
    detail = light.with_details(now)
    found = cv2.dilate(_edges(detail).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    had = float(np.count_nonzero(view.edges))
    kept = float(np.count_nonzero(found & view.edges)) / had if had else 1.0
    return Look(kept, _lost(found, view.edges), float(detail.mean() + 0.1) / view.detail, float(now.mean()))


def moved(now: Grey, view: View) -> Moved | None:
    """How the view has moved so that its edges fit again; None when no movement explains the picture."""
    height, width = now.shape
    target = _flattened(now)
    window = cv2.createHanningWindow((width, height), cv2.CV_32F)
    best: Moved | None = None
    for degrees in _ANGLES:
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
        turned = cv2.warpAffine(view.picture, turn, (width, height), borderMode=cv2.BORDER_REFLECT)
        (x, y), _ = cv2.phaseCorrelate(_flattened(np.asarray(turned, np.uint8)), target, window)
        kept = _kept_when(now, view, turn + np.array([[0, 0, x], [0, 0, y]]))
        if best is None or kept > best.kept:
            best = Moved(x / width, y / width, degrees, kept)
    far = best is not None and (float(np.hypot(best.x, best.y)) > 0.007 or abs(best.degrees) > 1)
    return best if best is not None and far and best.kept >= SAME_VIEW else None


def watched(watch: Watch, is_wrong: bool, frame: int, at_s: float, after_s: float) -> tuple[Watch, str]:
    """The watch after a picture, and `begun` or `ended` when that is to be told."""
    if is_wrong:
        if watch.since_s < 0:
            watch = Watch(since_s=at_s, frame=frame)
        watch = replace(watch, good_since_s=-1.0)
        if not watch.told and at_s - watch.since_s >= after_s:
            return replace(watch, told=True), "begun"
        return watch, ""
    if not watch.told:
        return Watch(), ""
    if watch.good_since_s < 0:
        return replace(watch, good_since_s=at_s), ""
    if at_s - watch.good_since_s >= _ENDS_AFTER_S:
        return Watch(), "ended"
    return watch, ""


def _edges(detail: Grey) -> Bools:
    least = max(_LEAST_EDGE, float(np.percentile(detail[::2, ::2], 100 - _EDGES)))
    return np.asarray(detail >= least, np.bool_)


def _lost(found: Bools, edges: Bools) -> float:
    """The share of the picture's parts, of those that had enough edges, that have lost most of them."""
    size = (_PARTS[1], _PARTS[0])
    had = np.asarray(cv2.resize(edges.astype(np.float32), size, interpolation=cv2.INTER_AREA))
    has = np.asarray(cv2.resize((edges & found).astype(np.float32), size, interpolation=cv2.INTER_AREA))
    counts = had > 0.02
    if not counts.any():
        return 0.0
    return float(np.mean(has[counts] < _PART_LOST * had[counts]))


def _flattened(picture: Grey) -> npt.NDArray[np.float32]:
    """Its details alone, limited, so that neither light nor one strong edge decides."""
    plain = picture.astype(np.float32)
    return np.clip(plain - cv2.blur(plain, (9, 9)), -30, 30)


def _kept_when(now: Grey, view: View, placed: npt.NDArray[np.float64]) -> float:
    size = (now.shape[1], now.shape[0])
    edges = cv2.warpAffine(view.edges.astype(np.uint8), placed, size)
    there = cv2.warpAffine(np.ones_like(now), placed, size)
    had = np.count_nonzero(edges)
    if np.count_nonzero(there) < 0.35 * now.size or had == 0:
        return 0.0
    found = cv2.dilate(_edges(light.with_details(now)).astype(np.uint8), np.ones((3, 3), np.uint8))
    return float(np.count_nonzero((edges > 0) & (found > 0))) / float(had)
