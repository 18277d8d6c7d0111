"""Is the camera's view the one it had: covered, moved, dark, or the same under another light? Pure."""

import functools
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from pivision.vision import light

Grey = npt.NDArray[np.uint8]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]

DARK_MEAN = 22.0  # grey levels; and no detail
COVERED = 0.55  # of the parts of the picture that had edges have lost them
SAME_VIEW = 0.62  # of all edges are where they were: whatever else differs is light
_FITS = 0.75  # correlation of all details
_FITS_BETTER = 0.15  # when the picture is moved back
_BETTER = 0.1  # more edges are where they were when the picture is moved back
_DAY_MEAN, _LIT = 40.0, 0.6  # grey levels, and share of the usual picture
CAP_TAKES_S = 2.0  # from light to black: no night comes so fast
_PARTS = (6, 8)
_EDGES = 15.0  # per cent of all pixels that are called edges
_LEAST_EDGE = 10.0  # grey levels; less is noise
_PART_LOST = 0.65  # of a part's edges
_PART_ALIKE = 0.3  # correlation of its texture
_ENDS_AFTER_S = 4.0
_SURE = 0.12  # phase correlation's response
_LEAST_SHAKE, _MOST_SHAKE = 0.25, 3.0  # pixels of the detector's picture
_ANGLES = (0.0, -1.5, 1.5, -3.0, 3.0, -5.0, 5.0, -7.5, 7.5, -10.0, 10.0)


@dataclass(frozen=True)
class View:
    """The view that a camera should have: its edges, and how much detail it shows."""

    picture: Grey
    edges: Bools
    flat: Floats
    detail: float


@dataclass(frozen=True)
class Look:
    """How a picture compares. `kept`: share of the edges that are still there; `lost`: of the parts without theirs.

    `alike`: how well all details fit upon each other, 1 at best; a few pixels aside, it falls before `kept` does.
    """

    kept: float
    lost: float
    detail: float  # times the view's own
    mean: float
    alike: float = 1.0

    @property
    def is_dark(self) -> bool:
        return self.mean < DARK_MEAN and self.detail < 0.5

    @property
    def is_covered(self) -> bool:
        return not self.is_dark and (self.lost >= COVERED or self.detail < 0.25)

    @property
    def is_same_view(self) -> bool:
        return self.kept >= SAME_VIEW

    @property
    def fits(self) -> bool:
        """Whether there is no reason to ask if it has moved."""
        return self.is_same_view and self.alike >= _FITS


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
    return View(picture, _edges(detail), flattened(picture), float(detail.mean()) + 0.1)


def look(now: Grey, view: View) -> Look:
    """How this picture compares with the view."""
    detail = light.with_details(now)
    found = cv2.dilate(_edges(detail).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    had = float(np.count_nonzero(view.edges))
    kept = float(np.count_nonzero(found & view.edges)) / had if had else 1.0
    flat = flattened(now)
    return Look(
        kept,
        _lost(found, view.edges, flat, view.flat),
        float(detail.mean() + 0.1) / view.detail,
        float(now.mean()),
        _alike(flat, view.flat),
    )


def is_lit(now: Grey, usual: Grey) -> bool:
    """Whether there is day in this picture, as much as usual."""
    before = cv2.mean(usual)[0]
    return before >= _DAY_MEAN and cv2.mean(now)[0] >= _LIT * before


def _alike(one: Floats, other: Floats) -> float:
    return float(np.sum(one * other) / np.sqrt(np.sum(one * one) * np.sum(other * other) + 1.0))


def shifted(now: Grey, view: View, look: Look) -> Moved | None:
    """How the view has moved, where that explains the picture better than that it has not."""
    found = moved(now, view)
    if found is None or found.kept > look.kept + _BETTER:
        return found
    height, width = now.shape  # along boards and bricks, edges fall upon others of their kind
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), found.degrees, 1.0)
    placed = turn + np.array([[0, 0, found.x * width], [0, 0, found.y * width]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    back = np.asarray(cv2.warpAffine(now, placed, (width, height), flags=flags), np.uint8)
    there = np.asarray(cv2.warpAffine(np.ones_like(now), placed, (width, height), flags=flags), np.float32)
    return found if _alike(flattened(back) * there, view.flat * there) > look.alike + _FITS_BETTER else None


def moved(now: Grey, view: View) -> Moved | None:
    """How the view has moved so that its edges fit again; None when no movement explains the picture."""
    height, width = now.shape
    target = flattened(now)
    best: Moved | None = None
    for degrees in _ANGLES:
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
        turned = cv2.warpAffine(view.picture, turn, (width, height), borderMode=cv2.BORDER_REFLECT)
        (x, y), _ = _displaced(flattened(np.asarray(turned, np.uint8)), target)
        kept = _kept_when(now, view, turn + np.array([[0, 0, x], [0, 0, y]]))
        if best is None or kept > best.kept:
            best = Moved(x / width, y / width, degrees, kept)
    far = best is not None and (float(np.hypot(best.x, best.y)) > 0.007 or abs(best.degrees) > 1)
    return best if best is not None and far and best.kept >= SAME_VIEW else None


def steadied(now: Grey, before: Floats) -> Grey:
    """The picture moved back by what a shaking camera moved it, where that is no more than a few pixels.

    `before` is the `flattened` picture that it should lie upon.
    """
    (x, y), sure = _displaced(before, flattened(now))
    far = float(np.hypot(x, y))
    if sure < _SURE or not _LEAST_SHAKE < far < _MOST_SHAKE:
        return now
    back = np.array([[1, 0, -x], [0, 1, -y]], np.float64)
    size = (now.shape[1], now.shape[0])
    return cv2.warpAffine(now, back, size, borderMode=cv2.BORDER_REPLICATE)  # type: ignore[return-value]


def _displaced(before: Floats, now: Floats) -> tuple[tuple[float, float], float]:
    """How far `now` lies from `before`, and how sure that is. Copies: OpenCV multiplies the window into its own."""
    (x, y), sure = cv2.phaseCorrelate(before.copy(), now.copy(), _window((before.shape[0], before.shape[1])))
    return (float(x), float(y)), float(sure)


@functools.cache
def _window(shape: tuple[int, int]) -> Floats:
    return np.asarray(cv2.createHanningWindow((shape[1], shape[0]), cv2.CV_32F), np.float32)


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


def _lost(found: Bools, edges: Bools, now: Floats, before: Floats) -> float:
    """The share of the picture's parts, of those that had enough edges, that show nothing of what they had.

    Edges alone may fall together by chance, and infrared turns dark into bright: both have to be gone.
    """
    size = (_PARTS[1], _PARTS[0])
    had, has, new, old, both = (
        np.asarray(cv2.resize(each.astype(np.float32), size, interpolation=cv2.INTER_AREA))
        for each in (edges, edges & found, now * now, before * before, now * before)
    )
    counts = had > 0.02
    if not counts.any():
        return 0.0
    alike = both / np.sqrt((new + 1) * (old + 1))
    gone = (has < _PART_LOST * had) & (alike < _PART_ALIKE)
    return float(np.mean(gone[counts]))


def flattened(picture: Grey) -> Floats:
    """Its details alone, limited, so that neither light nor one strong edge decides."""
    plain = picture.astype(np.float32)
    return np.asarray(np.clip(plain - cv2.blur(plain, (9, 9)), -30, 30), np.float32)


def _kept_when(now: Grey, view: View, placed: npt.NDArray[np.float64]) -> float:
    size = (now.shape[1], now.shape[0])
    edges = cv2.warpAffine(view.edges.astype(np.uint8), placed, size)
    there = cv2.warpAffine(np.ones_like(now), placed, size)
    had = np.count_nonzero(edges)
    if np.count_nonzero(there) < 0.35 * now.size or had == 0:
        return 0.0
    found = cv2.dilate(_edges(light.with_details(now)).astype(np.uint8), np.ones((3, 3), np.uint8))
    return float(np.count_nonzero((edges > 0) & (found > 0))) / float(had)
