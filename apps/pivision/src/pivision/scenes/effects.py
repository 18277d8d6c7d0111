"""What disturbs a picture: leaves in the wind, insects, rain, dirt, fog, a covered lens, a camera that is pushed."""

import math

import cv2
import numpy as np

from pivision.scenes import textures
from pivision.scenes.textures import Pixels, between, chance

Move = tuple[float, float, float]  # pixels right, pixels down, degrees


class Effect:
    """One disturbance. Each of these may be left as it is."""

    def on_place(self, scene: Pixels, cover: Pixels, at_s: float) -> None:
        """Paint into the place before it is lit; `cover` is 1 where the stand is."""

    def on_lens(self, picture: Pixels, at_s: float) -> Pixels:
        """The lit picture, as seen through what is between."""
        return picture

    def move(self, at_s: float) -> Move:
        """How the camera sits."""
        return (0.0, 0.0, 0.0)

    def on_glass(self, picture: Pixels, at_s: float) -> Pixels:
        """The picture in its final size, with what sticks to the glass."""
        return picture


class Foliage(Effect):
    """Branches that hang into the picture from above, and sway. `wind` in pixels."""

    def __init__(self, seed: object, box: tuple[int, int, int, int], wind: float) -> None:
        rng = chance("foliage", seed)
        self.left, self.top, right, bottom = box
        height, width = bottom - self.top, right - self.left
        self.wind = wind
        self.colour = textures.leaves(rng, height, width, (0.14, 0.42, 0.26))
        y = np.linspace(0, 1, height, dtype=np.float32)[:, None]
        x = np.linspace(0, 1, width, dtype=np.float32)[None, :]
        cover = np.clip((textures.rough(rng, height, width, 26) + 1.0 - y * 0.9 - x * 0.7) * 4, 0, 1)
        self.cover = np.asarray(cv2.blur(cover, (2, 2)))
        self.rows, self.columns = (each.astype(np.float32) for each in np.mgrid[0:height, 0:width])
        self.phase = np.asarray(textures.smooth(rng, height, width, 60) * 3, np.float32)

    def on_place(self, scene: Pixels, cover: Pixels, at_s: float) -> None:
        gust = self.wind * (0.5 + 0.5 * math.sin(at_s * 0.13) ** 2)
        hang = self.rows / self.rows.shape[0]
        dx = self.columns + gust * hang * np.sin(np.float32(at_s * 3.1) + self.phase)
        dy = self.rows + 0.4 * gust * hang * np.cos(np.float32(at_s * 3.7) + self.phase)
        colour = np.asarray(cv2.remap(self.colour, dx, dy, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT))
        shape = np.asarray(cv2.remap(self.cover, dx, dy, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT))
        height, width = shape.shape
        under = scene[self.top : self.top + height, self.left : self.left + width]
        under += (colour - under) * shape[:, :, None]


class Insects(Effect):
    """Flies on their way, and now and then one right before the lens."""

    def __init__(self, seed: object, many: int) -> None:
        self.seed, self.many = seed, many

    def on_lens(self, picture: Pixels, at_s: float) -> Pixels:
        height, width = picture.shape[:2]
        for one in range(self.many):
            speed = 0.6 + 0.23 * one
            x = width * (0.5 + 0.62 * math.sin(at_s * 0.37 * speed + one * 2.1) * math.cos(at_s * 0.11 + one))
            y = height * (0.5 + 0.55 * math.sin(at_s * 0.53 * speed + one * 1.3))
            cv2.ellipse(picture, (round(x), round(y)), (3, 2), at_s * 200 % 180, 0, 360, (30, 32, 35), -1, cv2.LINE_AA)
        rng = chance("insect", self.seed, int(at_s * 2))
        if rng.random() < 0.02:
            x, y = round(between(rng, 0.1, 0.9) * width), round(between(rng, 0.1, 0.9) * height)
            size = round(between(rng, 0.04, 0.10) * width)
            veil = np.zeros((height // 4, width // 4), np.float32)
            cv2.circle(veil, (x // 4, y // 4), size // 4, (0.6,), -1)
            share = cv2.resize(np.asarray(cv2.blur(veil, (size // 5 + 1, size // 5 + 1))), (width, height))
            return np.asarray(
                picture * (1 - np.asarray(share))[:, :, None] + 40 * np.asarray(share)[:, :, None], np.uint8
            )
        return picture


class Rain(Effect):
    """Streaks in the air, greyer behind, and drops that sit on the glass. `heavy` 0..1."""

    def __init__(
        self, seed: object, size: tuple[int, int], heavy: float, spans: tuple[tuple[float, float], ...]
    ) -> None:
        rng = chance("rain", seed)
        width, height = size
        self.heavy, self.spans, self.seed = heavy, spans, seed
        self.layers = [self._streaks(rng, width + 64, height + 64) for _ in range(5)]
        self.drops: Pixels = np.zeros((height, width), np.float32)
        for _ in range(round(10 * heavy)):
            spot = (int(rng.integers(0, width)), int(rng.integers(0, height)))
            cv2.circle(self.drops, spot, int(rng.integers(4, 15)), (1.0,), -1)
        self.drops = np.asarray(cv2.blur(self.drops, (5, 5)))[:, :, None]

    def _streaks(self, rng: textures.Chance, width: int, height: int) -> Pixels:
        layer = np.zeros((height, width), np.uint8)
        for _ in range(round(420 * self.heavy)):
            x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
            long = int(rng.integers(8, 30))
            cv2.line(layer, (x, y), (x + long // 6, y + long), int(rng.integers(14, 48)), 1, cv2.LINE_AA)
        return np.asarray(cv2.merge([layer, layer, layer]))

    def on_lens(self, picture: Pixels, at_s: float) -> Pixels:
        if not any(begin <= at_s < end for begin, end in self.spans):
            return picture
        rng = chance("rain", self.seed, round(at_s * 100))
        layer = self.layers[int(rng.integers(0, 5))]
        x, y = (int(each) for each in rng.integers(0, 64, 2))
        height, width = picture.shape[:2]
        wet = np.asarray(cv2.convertScaleAbs(picture, alpha=1 - 0.18 * self.heavy, beta=18 * self.heavy))
        wet = np.asarray(cv2.add(wet, layer[y : y + height, x : x + width]))
        blurred = np.asarray(cv2.blur(wet, (13, 13)))
        return np.asarray(wet + (blurred - wet.astype(np.float32)) * self.drops, np.uint8)


class Shake(Effect):
    """A pole in the wind: up to `pixels`, and a little turned."""

    def __init__(self, seed: object, pixels: float) -> None:
        self.pixels = pixels
        self.phase = between(chance("shake", seed), 0, 6)

    def move(self, at_s: float) -> Move:
        gust = self.pixels * (0.4 + 0.6 * abs(math.sin(at_s * 0.21 + self.phase)))
        dx = gust * (0.7 * math.sin(at_s * 9.1) + 0.3 * math.sin(at_s * 23.7))
        dy = gust * (0.6 * math.sin(at_s * 11.3 + 1) + 0.3 * math.cos(at_s * 19.9))
        return dx, dy, 0.05 * gust * math.sin(at_s * 7.7)


class Push(Effect):
    """Somebody knocks against the camera at that moment. It swings for a second, and stays as `rest` says."""

    def __init__(self, begin_s: float, rest: Move, swing: float = 14.0) -> None:
        self.begin_s, self.rest, self.swing = begin_s, rest, swing

    def move(self, at_s: float) -> Move:
        since = at_s - self.begin_s
        if since < 0:
            return (0.0, 0.0, 0.0)
        come = min(1.0, since / 0.8)
        wave = self.swing * math.exp(-since / 0.7) * math.sin(since * 12)
        return self.rest[0] * come + wave, self.rest[1] * come + 0.5 * wave, self.rest[2] * come


class Flash(Effect):
    """A car's headlights, or lightning: everything is brighter for a moment."""

    def __init__(self, spans: tuple[tuple[float, float], ...], strength: float) -> None:
        self.spans, self.strength = spans, strength

    def on_lens(self, picture: Pixels, at_s: float) -> Pixels:
        if not any(begin <= at_s < end for begin, end in self.spans):
            return picture
        return np.asarray(cv2.convertScaleAbs(picture, alpha=1 + self.strength, beta=20 * self.strength))
