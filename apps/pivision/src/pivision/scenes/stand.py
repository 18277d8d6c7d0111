"""The place: what lies behind, the stand itself, the goods in their slots, and the regions an operator would draw."""

from dataclasses import dataclass, field
from enum import StrEnum

import cv2
import numpy as np

from pivision.config import Region, RegionKind
from pivision.scenes import textures
from pivision.scenes.goods import WARES, Sprite, Ware, sprite
from pivision.scenes.textures import Chance, Colour, Pixels, between, chance


class View(StrEnum):
    """Where the camera hangs."""

    ACROSS = "across"  # behind the goods, looking at who comes
    FRONT = "front"  # across the way: who comes turns the back to it
    SHELF = "shelf"  # close to a shelf: arms come in


@dataclass(frozen=True)
class Spot:
    """Where one piece stands: the middle of its foot, in pixels."""

    x: int
    y: int


@dataclass(frozen=True)
class Slot:
    """A place for one kind of goods, `box` being left, top, right, bottom in pixels."""

    name: str
    ware: Ware
    unit: float
    spots: tuple[Spot, ...]
    box: tuple[int, int, int, int]


@dataclass(frozen=True)
class Piece:
    """One piece of goods on its spot, moved by so many pixels."""

    sprite: Sprite
    moved: tuple[int, int] = (0, 0)


@dataclass
class Stand:
    """A place as it is built; the goods on it are a `Display`'s."""

    view: View
    width: int
    height: int
    far: Pixels
    near: Pixels
    near_cover: Pixels
    slots: tuple[Slot, ...]
    pale: tuple[Colour, float] | None
    reach: tuple[tuple[float, float], ...]  # the interaction region's corners, 0..1
    ground_y: float  # where the feet of those who pass behind stand
    foliage: tuple[int, int, int, int] | None = None

    def regions(self) -> tuple[Region, ...]:
        """What an operator would draw here."""
        w, h = float(self.width), float(self.height)
        found = [Region("reach", RegionKind.INTERACTION, self.reach)]
        for each in self.slots:
            left, top, right, bottom = each.box[0] / w, each.box[1] / h, each.box[2] / w, each.box[3] / h
            corners = ((left, top), (right, top), (right, bottom), (left, bottom))
            found.append(Region(each.name, RegionKind.INVENTORY, corners))
        return tuple(found)


def build(seed: object, view: View, size: tuple[int, int], *, pale: float = 0.0) -> Stand:
    """A stand; the same for the same seed. `pale` 0..1: how little the goods differ from what they stand on."""
    rng = chance("stand", seed)
    stand = {View.ACROSS: _across, View.FRONT: _front, View.SHELF: _shelf}[view](rng, *size)
    table = stand.near[stand.slots[0].spots[0].y - 2, stand.slots[0].spots[0].x]
    if pale:
        stand.pale = ((float(table[0]), float(table[1]), float(table[2])), pale)
    return stand


@dataclass
class Display:
    """The goods as they stand now, and the whole place as a picture, painted anew when a piece changes."""

    stand: Stand
    rng: Chance
    pieces: dict[tuple[str, int], Piece] = field(default_factory=dict)
    picture: Pixels = field(init=False)
    cover: Pixels = field(init=False)

    def __post_init__(self) -> None:
        self.paint()

    def new(self, slot: Slot) -> Piece:
        return Piece(sprite(slot.ware, slot.unit, self.rng, self.stand.pale))

    def fill(self, share: float = 1.0) -> None:
        """Put pieces on that share of the spots, at least one in each slot."""
        for slot in self.stand.slots:
            for index in range(len(slot.spots)):
                if index == 0 or self.rng.random() < share:
                    self.pieces[slot.name, index] = self.new(slot)
        self.paint()

    def paint(self) -> None:
        near, cover = self.stand.near.copy(), self.stand.near_cover.copy()
        standing = [(slot, index) for slot in self.stand.slots for index in range(len(slot.spots))]
        for slot, index in sorted(standing, key=lambda each: each[0].spots[each[1]].y):
            piece = self.pieces.get((slot.name, index))
            if piece is not None:
                _put(near, cover, piece, slot.spots[index])
        share = cover[:, :, None]
        self.picture = np.asarray(self.stand.far * (1 - share) + near * share, np.float32)
        self.cover = cover


def paint(picture: Pixels, patch: Pixels, cover: Pixels, at: tuple[int, int]) -> None:
    """Lay `patch` on the picture where `cover` says, its upper left corner `at` (x, y); what lies outside is cut."""
    x, y = at
    height, width = cover.shape
    left, top = max(0, x), max(0, y)
    right, bottom = min(picture.shape[1], x + width), min(picture.shape[0], y + height)
    if left >= right or top >= bottom:
        return
    share = cover[top - y : bottom - y, left - x : right - x, None]
    under = picture[top:bottom, left:right]
    under += (patch[top - y : bottom - y, left - x : right - x] - under) * share


def _put(near: Pixels, cover: Pixels, piece: Piece, spot: Spot) -> None:
    width, height = piece.sprite.size
    x, y = spot.x - width // 2 + piece.moved[0], spot.y - height + piece.moved[1]
    shade = np.zeros((max(4, height // 4) * 2, width * 2), np.float32)
    radii = (round(width * 0.62), max(2, height // 9))
    cv2.ellipse(shade, (width, shade.shape[0] // 2), radii, 0, 0, 360, (0.55,), -1)
    shade = np.asarray(cv2.blur(shade, (max(3, width // 5), max(3, height // 9))))
    dark = np.zeros((*shade.shape, 3), np.float32)
    paint(near, dark, shade, (x - width // 2, y + height - shade.shape[0] // 2 - 1))
    paint(near, piece.sprite.colour, piece.sprite.cover, (x, y))
    ones = np.ones((*piece.sprite.cover.shape, 1), np.float32)
    paint(cover[:, :, None], ones, piece.sprite.cover, (x, y))


def _slots(rng: Chance, rows: tuple[tuple[float, float, float], ...], size: tuple[int, int]) -> tuple[Slot, ...]:
    """Two slots in each row (y, size of a jar, tallest ware), of different wares."""
    width, height = size
    order = [WARES[int(each)] for each in rng.permutation(len(WARES))]
    slots = []
    for row, (y, unit, tallest) in enumerate(rows):
        for column in (0, 1):
            ware = next(each for each in order if each.height <= tallest)
            order.remove(ware)
            many = int(rng.integers(2, 4)) if ware.width > 1.4 else int(rng.integers(3, 5))
            step = ware.width * unit * height * between(rng, 1.05, 1.2)
            step = min(step, 0.42 * width / many)
            middle = width * ((0.28, 0.73)[column] + between(rng, -0.02, 0.02))
            spots = [
                Spot(round(middle + (each - (many - 1) / 2) * step), round(height * (y + between(rng, -0.006, 0.006))))
                for each in range(many)
            ]
            half, tall = ware.width * unit * height / 2 + 5, ware.height * unit * height + 7
            box = (
                max(0, round(spots[0].x - half)),
                max(0, round(min(each.y for each in spots) - tall)),
                min(width, round(spots[-1].x + half)),
                min(height, max(each.y for each in spots) + 7),
            )
            slots.append(Slot(f"{ware.name}-{row}{column}", ware, unit * height, tuple(spots), box))
    return tuple(slots)


def _outdoors(rng: Chance, width: int, height: int, horizon: float) -> Pixels:
    """Sky, something on the horizon, and the ground."""
    line = round(height * horizon)
    far = np.empty((height, width, 3), np.float32)
    far[:line] = textures.sky(rng, line, width)
    ground = textures.asphalt if rng.random() < 0.5 else textures.grass
    colour = (0.48, 0.49, 0.50) if ground is textures.asphalt else (0.22, 0.46, 0.40)
    far[line:] = ground(rng, height - line, width, colour)
    top = round(line * between(rng, 0.35, 0.7))
    split = round(width * between(rng, 0.3, 0.7))
    wall = textures.brick(rng, line - top, split, (0.42, 0.50, 0.66))
    for window in range(2):
        x = round(split * (0.2 + 0.4 * window))
        wall[(line - top) // 4 : (line - top) * 3 // 4, x : x + split // 8] = (0.25, 0.22, 0.2)
    hedge = textures.leaves(rng, line - top // 2 - line // 4, width - split, (0.16, 0.38, 0.24))
    far[top:line, :split] = wall
    far[line - hedge.shape[0] : line, split:] = hedge
    far[line : line + max(3, height // 60)] *= 0.75
    return far


def _polygon(cover: Pixels, corners: tuple[tuple[float, float], ...]) -> None:
    height, width = cover.shape
    points = np.asarray([(round(x * width), round(y * height)) for x, y in corners], np.int32)
    cv2.fillPoly(cover, [points], (1.0,), cv2.LINE_AA)


def _board(rng: Chance) -> Colour:
    kinds: tuple[Colour, ...] = ((0.36, 0.50, 0.62), (0.62, 0.66, 0.68), (0.24, 0.34, 0.44), (0.50, 0.62, 0.72))
    return kinds[int(rng.integers(0, len(kinds)))]


def _across(rng: Chance, width: int, height: int) -> Stand:
    far = _outdoors(rng, width, height, between(rng, 0.26, 0.34))
    near, cover = np.zeros_like(far), np.zeros((height, width), np.float32)
    laid = rng.random() < 0.4
    top = textures.cloth if laid else textures.wood
    near[:] = top(rng, height, width, _board(rng))
    edge = 0.53
    _polygon(cover, ((0.04, edge), (0.96, edge), (1.10, 1.0), (-0.10, 1.0)))
    near[round(edge * height) : round(edge * height) + 4] *= 1.2
    post = round(width * 0.030)
    for left in (round(width * 0.02), width - round(width * 0.02) - post):
        near[: round(height * edge), left : left + post] = textures.wood(
            rng, round(height * edge), post, (0.3, 0.4, 0.5)
        )
        cover[: round(height * edge), left : left + post] = 1
    slots = _slots(rng, ((0.68, 0.080, 1.5), (0.90, 0.105, 1.5)), (width, height))
    reach = ((0.06, edge), (0.94, edge), (1.0, 0.97), (0.0, 0.97))
    return Stand(
        View.ACROSS, width, height, far, near, cover, slots, None, reach, 0.56, (0, 0, width // 4, round(0.3 * height))
    )


def _front(rng: Chance, width: int, height: int) -> Stand:
    far = _outdoors(rng, width, height, 0.34)
    near, cover = np.zeros_like(far), np.ones((height, width), np.float32)
    wall = textures.wood if rng.random() < 0.6 else textures.brick
    near[:] = wall(rng, height, width, (0.34, 0.42, 0.52))
    cover[: round(0.20 * height)] = 0
    roof = textures.cloth(rng, round(0.09 * height), width, (0.25, 0.28, 0.62))
    near[: roof.shape[0]], cover[: roof.shape[0]] = roof, 1
    for left in (0.02, 0.94):
        cover[: round(0.3 * height), round(left * width) : round((left + 0.04) * width)] = 1
    colour = _board(rng)
    for y, thick in ((0.445, 0.022), (0.70, 0.045)):
        row = round(y * height)
        near[row - round(0.05 * height) : row] = textures.wood(rng, round(0.05 * height), width, colour) * 1.1
        near[row : row + round(thick * height)] = textures.wood(rng, round(thick * height), width, colour) * 0.7
    near[round(0.745 * height) :] *= 0.8
    floor = round(0.93 * height)
    near[floor:] = textures.asphalt(rng, height - floor, width, (0.45, 0.46, 0.48))
    slots = _slots(rng, ((0.435, 0.072, 1.5), (0.69, 0.088, 2.1)), (width, height))
    reach = ((0.07, 0.27), (0.93, 0.27), (0.93, 0.74), (0.07, 0.74))
    return Stand(View.FRONT, width, height, far, near, cover, slots, None, reach, 0.42, None)


def _shelf(rng: Chance, width: int, height: int) -> Stand:
    near = textures.wood(rng, height, width, (0.30, 0.38, 0.46)) * 0.8
    colour = _board(rng)
    for y in (0.47, 0.90):
        row, deep = round(y * height), round(0.07 * height)
        near[row - deep : row] = textures.wood(rng, deep, width, colour)
        near[row : row + deep // 3] *= 0.55
    cover = np.ones((height, width), np.float32)
    slots = _slots(rng, ((0.455, 0.125, 2.1), (0.885, 0.140, 2.1)), (width, height))
    reach = ((0.04, 0.12), (0.96, 0.12), (0.96, 0.95), (0.04, 0.95))
    return Stand(View.SHELF, width, height, near.copy(), near.astype(np.float32), cover, slots, None, reach, 0.0, None)
