"""Goods of a farm stand, as small pictures with a mask: jars, bottles, eggs, pumpkins, bread, flowers. Pure."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from pivision.scenes.textures import Chance, Colour, Pixels, between, rough

_FINER = 3  # drawn so many times larger, then shrunk: edges as a lens gives them


@dataclass(frozen=True)
class Sprite:
    """A picture (height, width, 3; 0..1) and where it covers (height, width; 0..1)."""

    colour: Pixels
    cover: Pixels

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.cover.shape[1], self.cover.shape[0]


class _Sheet:
    """A canvas to draw one thing on, in units of its own size."""

    def __init__(self, width: int, height: int) -> None:
        self.w, self.h = width * _FINER, height * _FINER
        self.colour = np.zeros((self.h, self.w, 3), np.float32)
        self.cover = np.zeros((self.h, self.w), np.float32)

    def at(self, x: float, y: float) -> tuple[int, int]:
        return round(x * self.w), round(y * self.h)

    def ellipse(self, centre: tuple[float, float], radii: tuple[float, float], colour: Colour) -> None:
        size = (max(1, round(radii[0] * self.w)), max(1, round(radii[1] * self.h)))
        cv2.ellipse(self.colour, self.at(*centre), size, 0, 0, 360, colour, -1)
        cv2.ellipse(self.cover, self.at(*centre), size, 0, 0, 360, (1.0,), -1)

    def box(self, x: tuple[float, float], y: tuple[float, float], colour: Colour) -> None:
        cv2.rectangle(self.colour, self.at(x[0], y[0]), self.at(x[1], y[1]), colour, -1)
        cv2.rectangle(self.cover, self.at(x[0], y[0]), self.at(x[1], y[1]), (1.0,), -1)

    def round_off(self, across: float) -> None:
        """Shade the sides as on a cylinder; `across` 0 (flat) to 1."""
        x = np.linspace(-1, 1, self.w, dtype=np.float32)[None, :, None]
        self.colour *= 1 - across * 0.55 * (x + 0.25) ** 2

    def sprite(self, width: int, height: int) -> Sprite:
        colour = cv2.resize(self.colour * self.cover[:, :, None], (width, height), interpolation=cv2.INTER_AREA)
        cover = cv2.resize(self.cover, (width, height), interpolation=cv2.INTER_AREA)
        bare = np.asarray(colour) / np.maximum(np.asarray(cover), 1e-3)[:, :, None]
        return Sprite(np.clip(bare, 0, 1).astype(np.float32), np.asarray(cover, np.float32))


def _jar(sheet: _Sheet, rng: Chance) -> None:
    inside: Colour = _of(rng, ((0.10, 0.45, 0.85), (0.12, 0.10, 0.55), (0.20, 0.60, 0.30), (0.35, 0.75, 0.90)))
    sheet.box((0.10, 0.90), (0.22, 0.97), inside)
    sheet.box((0.16, 0.84), (0.04, 0.20), _of(rng, ((0.75, 0.75, 0.75), (0.2, 0.2, 0.7), (0.5, 0.7, 0.8))))
    sheet.box((0.14, 0.86), (0.42, 0.80), (0.86, 0.90, 0.92))
    for line in range(3):
        sheet.box((0.22, between(rng, 0.6, 0.8)), (0.48 + line * 0.1, 0.52 + line * 0.1), (0.25, 0.25, 0.3))
    sheet.round_off(0.8)
    sheet.box((0.16, 0.21), (0.26, 0.92), (0.95, 0.97, 0.97))


def _bottle(sheet: _Sheet, rng: Chance) -> None:
    glass: Colour = _of(rng, ((0.15, 0.30, 0.12), (0.30, 0.65, 0.85), (0.08, 0.15, 0.30), (0.85, 0.87, 0.88)))
    sheet.box((0.12, 0.88), (0.36, 0.98), glass)
    sheet.ellipse((0.5, 0.38), (0.38, 0.14), glass)
    sheet.box((0.36, 0.64), (0.08, 0.34), glass)
    sheet.box((0.33, 0.67), (0.01, 0.09), (0.2, 0.2, 0.2))
    sheet.box((0.13, 0.87), (0.52, 0.82), _of(rng, ((0.9, 0.93, 0.95), (0.3, 0.75, 0.9), (0.3, 0.3, 0.75))))
    sheet.round_off(0.9)
    sheet.box((0.20, 0.26), (0.40, 0.94), (0.93, 0.95, 0.95))


def _eggs(sheet: _Sheet, rng: Chance) -> None:
    board: Colour = _of(rng, ((0.52, 0.58, 0.62), (0.45, 0.62, 0.70), (0.60, 0.55, 0.42)))
    sheet.box((0.02, 0.98), (0.45, 0.97), board)
    for egg in range(5):
        tone = between(rng, 0.8, 1.0)
        sheet.ellipse((0.12 + egg * 0.19, 0.42), (0.085, 0.30), (0.62 * tone, 0.78 * tone, 0.92 * tone))
    for egg in range(6):
        sheet.ellipse((0.02 + egg * 0.19, 0.60), (0.07, 0.20), (board[0] * 0.8, board[1] * 0.8, board[2] * 0.8))


def _pumpkin(sheet: _Sheet, rng: Chance) -> None:
    skin: Colour = _of(rng, ((0.08, 0.45, 0.92), (0.15, 0.55, 0.35), (0.25, 0.62, 0.85)))
    sheet.ellipse((0.5, 0.58), (0.48, 0.40), skin)
    for rib in (0.42, 0.28, 0.12):
        sheet.ellipse((0.5, 0.58), (rib + 0.02, 0.395), (skin[0] * 0.72, skin[1] * 0.72, skin[2] * 0.72))
        sheet.ellipse((0.5, 0.58), (rib, 0.39), skin)
    sheet.box((0.46, 0.55), (0.03, 0.24), (0.15, 0.35, 0.30))
    sheet.round_off(0.7)


def _bread(sheet: _Sheet, rng: Chance) -> None:
    crust: Colour = _of(rng, ((0.22, 0.42, 0.66), (0.15, 0.30, 0.50)))
    sheet.ellipse((0.5, 0.62), (0.49, 0.36), crust)
    for cut in range(4):
        sheet.ellipse((0.22 + cut * 0.19, 0.52), (0.035, 0.17), (0.55, 0.75, 0.90))
    sheet.round_off(0.6)


def _carton(sheet: _Sheet, rng: Chance) -> None:
    sheet.box((0.03, 0.97), (0.10, 0.98), _of(rng, ((0.40, 0.58, 0.72), (0.85, 0.86, 0.86), (0.25, 0.3, 0.35))))
    sheet.box((0.03, 0.97), (0.10, 0.22), _of(rng, ((0.50, 0.68, 0.82), (0.6, 0.4, 0.3))))
    sheet.box((0.30, 0.72), (0.40, 0.75), _of(rng, ((0.2, 0.2, 0.7), (0.2, 0.6, 0.25), (0.7, 0.4, 0.15))))


def _flowers(sheet: _Sheet, rng: Chance) -> None:
    sheet.box((0.32, 0.68), (0.62, 0.98), _of(rng, ((0.75, 0.75, 0.7), (0.35, 0.3, 0.3))))
    for _ in range(26):
        sheet.ellipse((between(rng, 0.15, 0.85), between(rng, 0.18, 0.68)), (0.09, 0.06), (0.12, 0.42, 0.22))
    petal: Colour = _of(rng, ((0.25, 0.25, 0.90), (0.15, 0.80, 0.95), (0.80, 0.45, 0.75), (0.92, 0.92, 0.95)))
    for _ in range(14):
        tone = between(rng, 0.75, 1.0)
        bloom = (petal[0] * tone, petal[1] * tone, petal[2] * tone)
        sheet.ellipse((between(rng, 0.12, 0.88), between(rng, 0.08, 0.50)), (0.085, 0.065), bloom)


def _apples(sheet: _Sheet, rng: Chance) -> None:
    for row, many in enumerate((3, 4)):
        for one in range(many):
            skin = _of(rng, ((0.15, 0.20, 0.80), (0.20, 0.55, 0.75), (0.25, 0.70, 0.60)))
            sheet.ellipse((0.5 + (one - (many - 1) / 2) * 0.24, 0.28 + 0.22 * row), (0.125, 0.17), skin)
    sheet.box((0.02, 0.98), (0.58, 0.98), (0.35, 0.52, 0.66))
    sheet.box((0.02, 0.98), (0.76, 0.79), (0.18, 0.28, 0.38))


@dataclass(frozen=True)
class Ware:
    """A kind of goods; `width` and `height` against a jar's width of 1."""

    name: str
    draw: Callable[[_Sheet, Chance], None]
    width: float
    height: float


WARES = (
    Ware("jam", _jar, 0.95, 1.25),
    Ware("juice", _bottle, 0.80, 2.0),
    Ware("eggs", _eggs, 1.9, 0.85),
    Ware("pumpkin", _pumpkin, 1.6, 1.45),
    Ware("bread", _bread, 1.8, 1.0),
    Ware("carton", _carton, 1.35, 1.25),
    Ware("flowers", _flowers, 1.3, 1.9),
    Ware("apples", _apples, 1.5, 1.1),
)


def sprite(ware: Ware, unit: float, rng: Chance, pale: tuple[Colour, float] | None = None) -> Sprite:
    """One piece of it, a jar being `unit` pixels wide. `pale` = (colour, 0..1): faded towards what it stands on."""
    width, height = max(6, round(ware.width * unit)), max(6, round(ware.height * unit))
    sheet = _Sheet(width, height)
    ware.draw(sheet, rng)
    sheet.colour *= 1 + 0.06 * rough(rng, sheet.h, sheet.w, 14)[:, :, None]
    found = sheet.sprite(width, height)
    if pale is None:
        return found
    towards, much = pale
    return Sprite(found.colour * (1 - much) + np.asarray(towards, np.float32) * much, found.cover)


def _of(rng: Chance, choices: tuple[Colour, ...]) -> Colour:
    return choices[int(rng.integers(0, len(choices)))]
