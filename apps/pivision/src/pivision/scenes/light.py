"""The light on a place: sun and sky, clouds, the hour, lamps, shadows that move. A map of it at each moment. Pure."""

import math
from dataclasses import dataclass, field

import cv2
import numpy as np

from pivision.scenes.textures import Pixels, chance, smooth

_COARSE = 4  # the map is made so many times smaller than the picture
GAMMA = 2.2


@dataclass(frozen=True)
class Lamp:
    """A lamp at (x, y), 0..1, on in those spans of seconds."""

    x: float
    y: float
    strength: float
    on_s: tuple[tuple[float, float], ...]
    flicker: float = 0.0


@dataclass(frozen=True)
class Weather:
    """The light of a sequence. 1.0 is a bright cloudy day.

    `sun`: how much direct sun comes on top; `clouds`: 0..1, how deep they cut it, `cloud_s` their length.
    `dims`: the share of light that is left after an hour. `roof`: a shadow's edge lies across the place, 0..1 of
    its height, and wanders by `roof_drift` an hour. `dapples`: shadows of leaves that move. `ambient`: the sky's light.
    """

    seed: object = 0
    ambient: float = 1.0
    sun: float = 0.0
    clouds: float = 0.0
    cloud_s: float = 40.0
    dims: float = 1.0
    roof: float | None = None
    roof_drift: float = 0.0
    dapples: float = 0.0
    flicker: float = 0.0
    lamps: tuple[Lamp, ...] = ()
    course: tuple[tuple[float, float], ...] = ()  # (second, share of the light), evenly in between: a day's course


@dataclass(frozen=True)
class Shade:
    """A shadow that somebody throws: from foot to top, so wide, hard or soft (`soft` in pixels), 0..1 dark."""

    foot: tuple[float, float]
    top: tuple[float, float]
    wide: float
    soft: float
    dark: float


@dataclass
class Light:
    """The light of that weather on a picture of that size."""

    weather: Weather
    width: int
    height: int
    _leaves: Pixels = field(init=False)
    _clouds: Pixels = field(init=False)

    def __post_init__(self) -> None:
        rng = chance("light", self.weather.seed)
        rows, columns = self.height // _COARSE, self.width // _COARSE
        self._leaves = np.clip(smooth(rng, rows + 24, columns + 24, 9) * 3, -1, 1)
        self._clouds = rng.uniform(-1, 1, 4096)

    def level(self, at_s: float) -> tuple[float, float]:
        """The sky's light and the sun's, over all."""
        weather = self.weather
        hour = weather.dims ** (at_s / 3600)
        if weather.course:
            seconds, shares = zip(*weather.course, strict=True)
            hour *= float(np.exp(np.interp(at_s, seconds, np.log(shares))))
        cover = 0.0
        if weather.clouds:
            cover = weather.clouds * min(1.0, max(0.0, 0.5 + 1.4 * self._drift(at_s / weather.cloud_s)))
        flicker = 1 + weather.flicker * math.sin(at_s * 61.7) if weather.flicker else 1.0
        return weather.ambient * hour * flicker * (1 - 0.35 * cover), weather.sun * hour * (1 - cover)

    def map(self, at_s: float, shades: tuple[Shade, ...]) -> Pixels:
        """How much lighter each point of the picture is drawn, as a factor on colours as a camera shows them."""
        sky, sun = self.level(at_s)
        rows, columns = self.height // _COARSE, self.width // _COARSE
        direct = np.full((rows, columns), sun, np.float32)
        if sun > 0:
            self._cut(direct, at_s)
        total = direct + np.float32(sky)
        for each in shades:
            _throw(total, each, sky, sun)
        for lamp in self.weather.lamps:
            self._shine(total, lamp, at_s)
        factor = np.power(np.maximum(total, 1e-4), 1 / GAMMA, dtype=np.float32)
        return np.asarray(cv2.resize(factor, (self.width, self.height), interpolation=cv2.INTER_LINEAR))

    def is_even(self, shades: tuple[Shade, ...]) -> bool:
        """Whether the light is the same everywhere, so that no map is needed."""
        weather = self.weather
        return not shades and not weather.lamps and (weather.sun <= 0 or (weather.roof is None and not weather.dapples))

    def _drift(self, at: float) -> float:
        whole = math.floor(at)
        part = at - whole
        part = part * part * (3 - 2 * part)
        first, second = self._clouds[whole % 4096], self._clouds[(whole + 1) % 4096]
        return float(first + (second - first) * part)

    def _cut(self, direct: Pixels, at_s: float) -> None:
        rows, columns = direct.shape
        if self.weather.roof is not None:
            edge = (self.weather.roof + self.weather.roof_drift * at_s / 3600) * rows
            slope = np.linspace(-0.06, 0.06, columns, dtype=np.float32) * rows
            y = np.arange(rows, dtype=np.float32)[:, None]
            direct *= np.clip((y - edge - slope[None, :]) / 2.0, 0.0, 1.0)
        if self.weather.dapples:
            x = 12 + 5 * math.sin(at_s * 0.9) + 3 * math.sin(at_s * 2.3)
            y0 = 12 + 3 * math.sin(at_s * 1.1 + 1)
            shift = np.array([[1, 0, -x], [0, 1, -y0]], np.float32)
            moved = np.asarray(cv2.warpAffine(self._leaves, shift, (columns, rows), borderMode=cv2.BORDER_REFLECT))
            direct *= np.clip(1 - self.weather.dapples * (0.5 + 0.5 * moved), 0, 1)

    def _shine(self, total: Pixels, lamp: Lamp, at_s: float) -> None:
        if not any(begin <= at_s < end for begin, end in lamp.on_s):
            return
        rows, columns = total.shape
        y, x = np.ogrid[0:rows, 0:columns]
        far = ((x / columns - lamp.x) ** 2 + ((y / rows - lamp.y) * rows / columns) ** 2).astype(np.float32)
        strength = lamp.strength * (1 + lamp.flicker * math.sin(at_s * 97.3))
        total += strength / (1 + 6 * far)


def _throw(total: Pixels, shade: Shade, sky: float, sun: float) -> None:
    mask = np.zeros_like(total)
    ends = [(round(x / _COARSE), round(y / _COARSE)) for x, y in (shade.foot, shade.top)]
    cv2.line(mask, ends[0], ends[1], (1.0,), max(1, round(shade.wide / _COARSE)), cv2.LINE_AA)
    size = max(1, round(shade.soft / _COARSE)) * 2 + 1
    mask = np.asarray(cv2.blur(mask, (size, size)))
    whole = sky + sun
    loss = shade.dark * (sun + 0.25 * sky) / max(whole, 1e-6)
    total *= 1 - loss * mask
