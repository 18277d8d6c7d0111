"""The camera's sensor: exposure that follows late, gain and its noise, infrared at night, the JPEG's quality."""

import functools
import math
from dataclasses import dataclass, field

import cv2
import numpy as np

from pivision.scenes.light import GAMMA
from pivision.scenes.textures import Pixels, chance

_GRAIN_ROOM = 64  # a tile is larger than a picture by this, so that no two frames have the same grain


@dataclass(frozen=True)
class Sensor:
    """`noise` in levels of 255 at full daylight; `target`: the mean brightness it strives for; `lag_s`: how late.

    `infrared_s`: spans in which its own lamp lights the place and it sees grey. `upscale`: pictures are made at
    this fraction of their size: 2 makes 640x360 into 1280x720.
    """

    noise: float = 1.4
    quality: int = 80
    target: float = 0.44
    lag_s: float = 1.2
    most_gain: float = 6.0
    automatic: bool = True
    upscale: int = 1
    infrared_s: tuple[tuple[float, float], ...] = ()


@dataclass
class Exposure:
    """What the automatic exposure does, from frame to frame."""

    sensor: Sensor
    _gain: float | None = field(default=None, init=False)
    _at_s: float = field(default=0.0, init=False)

    def gain(self, mean: float, at_s: float) -> float:
        """The factor for a scene of that mean brightness, as a camera shows it."""
        wanted = min(self.sensor.most_gain, max(0.3, self.sensor.target / max(mean, 1e-3)))
        if self._gain is None:
            self._gain = wanted
        elif self.sensor.automatic and abs(math.log(wanted / self._gain)) > 0.05:
            share = 1 - math.exp(-(at_s - self._at_s) / self.sensor.lag_s)
            self._gain *= float((wanted / self._gain) ** share)
        self._at_s = at_s
        return self._gain

    def noise(self) -> float:
        """Grows with the gain: photons are few at night."""
        return float(self.sensor.noise * max(0.6, (self._gain or 1.0)) ** (GAMMA / 2))

    def infrared_map(self, width: int, height: int) -> Pixels:
        return _spot(width, height)


@functools.lru_cache(maxsize=4)
def _spot(width: int, height: int) -> Pixels:
    """The light of a lamp at the camera: bright in the middle."""
    y, x = np.ogrid[0:height, 0:width]
    far = ((x / width - 0.5) ** 2 + (y / height - 0.6) ** 2).astype(np.float32)
    return np.asarray(0.75 / (1 + 3.5 * far), np.float32)


def grain(width: int, height: int, level: float) -> Pixels:
    """Noise of about that many levels, as a tile a little larger than the picture."""
    return _tile(width + _GRAIN_ROOM, height + _GRAIN_ROOM, min(28, max(1, round(level * 2))))


@functools.lru_cache(maxsize=24)
def _tile(width: int, height: int, halves: int) -> Pixels:
    rng = chance("grain", width, height)
    grey = rng.standard_normal((height, width, 1), dtype=np.float32)
    colour = rng.standard_normal((height, width, 3), dtype=np.float32)
    soft = np.asarray(cv2.GaussianBlur(grey, (3, 3), 0.6))[:, :, None] * 1.5
    mixed = (0.55 * grey + 0.55 * soft + 0.45 * colour) * (halves / 2)
    return np.asarray(np.clip(np.rint(mixed), -127, 127), np.int8)
