"""Surfaces made from chance: wood, grass, brick, cloth. Colours are blue, green, red, 0..1 as shown. Pure."""

import hashlib
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[Any]
Chance = np.random.Generator
Colour = tuple[float, float, float]


def chance(*parts: object) -> Chance:
    """The same numbers for the same parts, on every machine."""
    digest = hashlib.sha256("\0".join(map(str, parts)).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "big"))


def between(rng: Chance, low: float, high: float) -> float:
    return float(rng.uniform(low, high))


def smooth(rng: Chance, height: int, width: int, cell: float) -> Pixels:
    """Soft hills of about `cell` pixels, -1..1."""
    rows, columns = max(2, round(height / cell) + 1), max(2, round(width / cell) + 1)
    grid = rng.uniform(-1, 1, (rows, columns)).astype(np.float32)
    return np.asarray(cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC))


def rough(rng: Chance, height: int, width: int, cell: float) -> Pixels:
    """Hills upon hills, from `cell` pixels down to single ones, about -1..1."""
    found = np.zeros((height, width), np.float32)
    weight = 1.0
    while cell >= 1.5:
        found += weight * smooth(rng, height, width, cell)
        cell /= 2
        weight *= 0.6
    return found / 2


def tinted(shade: Pixels, colour: Colour, depth: float) -> Pixels:
    """`colour`, lighter and darker by `depth` as `shade` (-1..1) says."""
    factor = 1 + depth * shade
    return np.clip(np.dstack([factor * each for each in colour]), 0.02, 0.98).astype(np.float32)


def wood(rng: Chance, height: int, width: int, colour: Colour) -> Pixels:
    """Boards, one above the other, with grain and joints."""
    grain = cv2.resize(rough(rng, height, max(8, width // 10), 12), (width, height), interpolation=cv2.INTER_CUBIC)
    shade = 0.7 * np.asarray(grain) + 0.3 * rough(rng, height, width, 6)
    boards = max(2, int(rng.integers(3, 7)))
    for board in range(boards):
        top, bottom = height * board // boards, height * (board + 1) // boards
        shade[top:bottom] += between(rng, -0.4, 0.4)
        shade[top : top + max(1, height // 160)] -= 1.2
    return tinted(shade, colour, 0.22)


def brick(rng: Chance, height: int, width: int, colour: Colour) -> Pixels:
    """A wall of courses with mortar between."""
    course = max(8, height // int(rng.integers(12, 22)))
    shade = 0.5 * rough(rng, height, width, 8)
    for row in range(height // course + 1):
        top = row * course
        for left in range(-(row % 2) * course, width, 2 * course):
            shade[top : top + course, max(0, left) : max(0, left + 2 * course)] += between(rng, -0.5, 0.5)
            shade[top : top + course, max(0, left) : max(0, left) + 2] += 1.0
        shade[top : top + 2] = 1.0
    return tinted(shade, colour, 0.20)


def grass(rng: Chance, height: int, width: int, colour: Colour) -> Pixels:
    return tinted(rough(rng, height, width, 9) + 0.5 * rng.standard_normal((height, width)), colour, 0.28)


def asphalt(rng: Chance, height: int, width: int, colour: Colour) -> Pixels:
    return tinted(0.5 * rough(rng, height, width, 40) + 0.3 * rng.standard_normal((height, width)), colour, 0.12)


def leaves(rng: Chance, height: int, width: int, colour: Colour) -> Pixels:
    """Foliage: clumps that the light falls into."""
    shade = rough(rng, height, width, 22)
    clumps = np.where(shade > 0.1, 1.0, -0.6).astype(np.float32)
    return tinted(
        0.6 * shade + 0.4 * np.asarray(cv2.blur(clumps, (3, 3))) + 0.3 * rough(rng, height, width, 5), colour, 0.5
    )


def cloth(rng: Chance, height: int, width: int, colour: Colour) -> Pixels:
    """What people wear and tables are laid with: plain, striped or checked, with folds."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    step = between(rng, 6, 16)
    pattern = int(rng.integers(0, 4))
    shade = 0.5 * smooth(rng, height, width, max(12, width / 4))
    if pattern == 1:
        shade += 0.6 * np.sign(np.sin(2 * np.pi * y / step))
    if pattern == 2:
        shade += 0.4 * np.sign(np.sin(2 * np.pi * y / step)) + 0.4 * np.sign(np.sin(2 * np.pi * x / step))
    return tinted(shade + 0.15 * rough(rng, height, width, 4), colour, 0.25)


def sky(rng: Chance, height: int, width: int) -> Pixels:
    """Blue or grey, with clouds, lighter towards the horizon."""
    grey = rng.random() < 0.4
    low, high = ((0.86, 0.85, 0.84), (0.72, 0.71, 0.70)) if grey else ((0.92, 0.86, 0.78), (0.82, 0.62, 0.42))
    fall = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    plain = np.asarray(high, np.float32) * (1 - fall) + np.asarray(low, np.float32) * fall
    veil = np.clip(rough(rng, height, width, width / 4) * 0.9, 0, 0.9)[:, :, None]
    return np.asarray(plain * (1 - veil) + 0.93 * veil, np.float32)
