"""The plain rule to be held against: difference to the last frame over a threshold, K frames, then SSIM. Pure."""

from dataclasses import dataclass, field

import cv2
import numpy as np

from pivision.config import Region, RegionKind, Tuning
from pivision.scenes.running import Contender, Grey, plain_grey
from pivision.scenes.textures import Pixels
from pivision.vision.findings import Finding, Kind, Moment, Phase, Step

CHANGED_LEVELS = 25  # a pixel that differs by more has changed
INTERACTION_THRESHOLD = 0.18  # of the region's pixels
STOCK_THRESHOLD = 0.22  # 1 - SSIM
FRAMES_K = 2
END_S = 5.0
STABLE_FRAMES = 3


@dataclass
class PlainRule:
    """A detector as one would write it first. `threshold` and `stock` as the documents have them, or tuned."""

    regions: tuple[Region, ...]
    threshold: float = INTERACTION_THRESHOLD
    stock: float = STOCK_THRESHOLD
    _last: Pixels | None = None
    _pre: Pixels | None = None
    _over: int = 0
    _calm: int = 0
    _phase: Phase = Phase.IDLE
    _begun: tuple[int, float] = (0, 0.0)
    _quiet_since_s: float = 0.0
    _masks: dict[str, Pixels] = field(default_factory=dict)

    def step(self, grey: Grey, frame: int, at_s: float) -> Step:
        small = np.asarray(cv2.GaussianBlur(grey, (5, 5), 0))
        if self._last is None or self._last.shape != small.shape:
            self._last, self._pre = small, small
            self._masks = {each.name: _mask(each, small.shape) for each in self.regions}
            return Step(Phase.IDLE, {})
        score = self._score(small)
        found = self._follow(small, score > self.threshold, (frame, at_s))
        self._last = small
        return Step(self._phase, {"motion": score}, found, burst=self._phase is not Phase.IDLE)

    def _score(self, small: Pixels) -> float:
        assert self._last is not None
        changed = np.asarray(cv2.absdiff(small, self._last)) > CHANGED_LEVELS
        shares = [
            float(changed[self._masks[each.name] > 0].mean())
            for each in self.regions
            if each.kind is RegionKind.INTERACTION
        ]
        return max(shares, default=float(changed.mean()))

    def _follow(self, small: Pixels, over: bool, now: tuple[int, float]) -> tuple[Finding, ...]:
        frame, at_s = now
        self._over = self._over + 1 if over else 0
        if self._phase is Phase.IDLE:
            if not over:
                self._pre = small
            elif self._over >= FRAMES_K:
                self._phase, self._begun = Phase.ACTIVE, now
                return (Finding(Kind.INTERACTION, Moment.BEGUN, frame, at_s, at_s, 0.5),)
            return ()
        if over:
            self._phase, self._quiet_since_s, self._calm = Phase.ACTIVE, at_s, 0
            return ()
        if self._phase is Phase.ACTIVE:
            self._phase, self._quiet_since_s = Phase.SETTLING, at_s
        self._calm += 1
        if at_s - self._quiet_since_s < END_S or self._calm < STABLE_FRAMES:
            return ()
        return self._end(small, at_s)

    def _end(self, small: Pixels, at_s: float) -> tuple[Finding, ...]:
        frame, started_s = self._begun
        self._phase, self._calm = Phase.IDLE, 0
        found = [Finding(Kind.INTERACTION, Moment.ENDED, frame, started_s, at_s, 0.5)]
        for each in self.regions:
            if each.kind is RegionKind.INVENTORY and 1 - self._alike(small, each) > self.stock:
                found.append(Finding(Kind.STOCK_CHANGED, Moment.ENDED, frame, started_s, at_s, 0.5, each.name))
        self._pre = small
        return tuple(found)

    def _alike(self, small: Pixels, region: Region) -> float:
        assert self._pre is not None
        x, y, w, h = cv2.boundingRect(self._masks[region.name])
        return similarity(self._pre[y : y + h, x : x + w], small[y : y + h, x : x + w])


def documented(_tuning: Tuning, regions: tuple[Region, ...]) -> PlainRule:
    """With the thresholds of the documents' example."""
    return PlainRule(regions)


def tuned(_tuning: Tuning, regions: tuple[Region, ...]) -> PlainRule:
    """With thresholds that do better on these sequences than the documents'."""
    return PlainRule(regions, threshold=0.015, stock=0.12)


DOCUMENTED = Contender("documents", documented, plain_grey)
TUNED = Contender("documents, tuned", tuned, plain_grey)


def similarity(first: Pixels, second: Pixels) -> float:
    """The mean SSIM of two grey pictures of one size."""
    a, b = first.astype(np.float32), second.astype(np.float32)
    mean_a, mean_b = _blur(a), _blur(b)
    spread_a, spread_b = _blur(a * a) - mean_a**2, _blur(b * b) - mean_b**2
    both = _blur(a * b) - mean_a * mean_b
    low, high = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    share = (2 * mean_a * mean_b + low) * (2 * both + high)
    return float((share / ((mean_a**2 + mean_b**2 + low) * (spread_a + spread_b + high))).mean())


def _blur(picture: Pixels) -> Pixels:
    return np.asarray(cv2.GaussianBlur(picture, (7, 7), 1.5))


def _mask(region: Region, shape: tuple[int, ...]) -> Pixels:
    mask = np.zeros(shape[:2], np.uint8)
    corners = [(round(x * shape[1]), round(y * shape[0])) for x, y in region.points]
    cv2.fillPoly(mask, [np.asarray(corners, np.int32)], (1.0,))
    return mask
