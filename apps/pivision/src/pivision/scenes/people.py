"""People as a camera sees them: heads, clothes, legs that walk, arms that reach. Pure."""

import math
from dataclasses import dataclass

import cv2
import numpy as np

from pivision.scenes import textures
from pivision.scenes.goods import Sprite
from pivision.scenes.stand import paint
from pivision.scenes.textures import Colour, Pixels, between, chance

Point = tuple[float, float]
_SKINS: tuple[Colour, ...] = ((0.58, 0.68, 0.86), (0.45, 0.56, 0.76), (0.30, 0.40, 0.58), (0.18, 0.25, 0.38))
_HAIRS: tuple[Colour, ...] = ((0.08, 0.09, 0.11), (0.12, 0.2, 0.32), (0.35, 0.55, 0.7), (0.62, 0.62, 0.63))
_TOPS: tuple[Colour, ...] = (
    (0.55, 0.25, 0.15),
    (0.15, 0.15, 0.60),
    (0.18, 0.45, 0.20),
    (0.85, 0.86, 0.86),
    (0.10, 0.10, 0.11),
    (0.15, 0.65, 0.85),
    (0.45, 0.46, 0.48),
)


@dataclass(frozen=True)
class Person:
    """Who: what they wear and look like."""

    skin: Colour
    hair: Colour
    top: Colour
    legs: Colour
    fabric: Pixels  # lighter and darker, about 1
    build: float
    short_sleeves: bool
    hat: bool


@dataclass(frozen=True)
class Pose:
    """How they stand. `foot`: the ground between the feet; `tall`: pixels from foot to crown; `stride` in radians.

    `hands`: where each hand is (left, right of the picture), None: it hangs.
    `turned`: -1 left, 0 to us, 1 right, 2 away.
    """

    foot: Point
    tall: float
    stride: float | None = None
    hands: tuple[Point | None, Point | None] = (None, None)
    turned: int = 0
    lean: float = 0.0
    carried: Sprite | None = None


@dataclass(frozen=True)
class Drawn:
    """Two pictures with masks: the body, and the arms, which may lie in front of what the body is behind."""

    body: Sprite
    arms: Sprite | None
    at: tuple[int, int]


def person(seed: object, like: Colour | None = None) -> Person:
    """Somebody. `like`: they happen to wear the colour of what is behind them."""
    rng = chance("person", seed)
    top = like or _TOPS[int(rng.integers(0, len(_TOPS)))]
    fabric = textures.cloth(rng, 160, 160, (0.5, 0.5, 0.5))[:, :, 0] * 2
    dark = between(rng, 0.1, 0.4)
    return Person(
        skin=_SKINS[int(rng.integers(0, len(_SKINS)))],
        hair=_HAIRS[int(rng.integers(0, len(_HAIRS)))],
        top=top,
        legs=(top[0] * 0.9, top[1] * 0.9, top[2] * 0.9) if like else (dark * 1.3, dark, dark * 0.9),
        fabric=np.asarray(fabric, np.float32),
        build=between(rng, 0.85, 1.2),
        short_sleeves=bool(rng.random() < 0.4),
        hat=bool(rng.random() < 0.25),
    )


def draw(who: Person, pose: Pose, frame: tuple[int, int]) -> Drawn | None:
    """The person in that pose, as pictures as small as they can be; None when out of a picture of that size."""
    tall = pose.tall
    points = [each for each in pose.hands if each is not None]
    pad = 0.14 * tall
    xs = [pose.foot[0] - 0.30 * tall, pose.foot[0] + 0.30 * tall, *(each[0] - pad for each in points)]
    xs += [each[0] + pad for each in points]
    ys = [pose.foot[1] - 1.06 * tall, pose.foot[1] + 0.02 * tall, *(each[1] + pad for each in points)]
    left, top = max(-8, math.floor(min(xs))), max(-8, math.floor(min(ys)))
    size = (min(frame[0] + 8, math.ceil(max(xs))) - left, min(frame[1] + 8, math.ceil(max(ys))) - top)
    if size[0] <= 8 or size[1] <= 8:
        return None
    body = _Canvas((left, top), size)
    _legs(body, who, pose)
    _torso(body, who, pose)
    arms = body if not points else _Canvas((left, top), size)
    for side, hand in zip((-1, 1), pose.hands, strict=True):
        _arm(arms if hand else body, who, pose, side, hand)
    _head(body, who, pose)
    if pose.carried is not None and points:
        width, height = pose.carried.size
        corner = (round(points[0][0] - left - width / 2), round(points[0][1] - top - height * 0.3))
        paint(arms.colour, pose.carried.colour, pose.carried.cover, corner)
        paint(arms.cover[:, :, None], np.ones((height, width, 1), np.float32), pose.carried.cover, corner)
    return Drawn(body.sprite(), arms.sprite() if points else None, (left, top))


class _Canvas:
    def __init__(self, origin: tuple[int, int], size: tuple[int, int]) -> None:
        self.origin = origin
        self.colour = np.zeros((size[1], size[0], 3), np.float32)
        self.cover = np.zeros((size[1], size[0]), np.float32)

    def spot(self, point: Point) -> tuple[int, int]:
        return round(point[0] - self.origin[0]), round(point[1] - self.origin[1])

    def limb(self, ends: tuple[Point, Point], thick: float, colour: Colour) -> None:
        """A round-ended limb, its upper left side in the light."""
        start, stop = (self.spot(each) for each in ends)
        wide = max(1, round(thick))
        cv2.line(self.cover, start, stop, (1.0,), wide)
        cv2.line(self.colour, start, stop, tuple(0.72 * each for each in colour), wide)
        off = max(1, wide // 8)
        first, last = (start[0] - off, start[1] - off), (stop[0] - off, stop[1] - off)
        cv2.line(self.colour, first, last, colour, max(1, round(wide * 0.6)))

    def ellipse(self, centre: Point, radii: Point, colour: Colour) -> None:
        size = (max(1, round(radii[0])), max(1, round(radii[1])))
        cv2.ellipse(self.cover, self.spot(centre), size, 0, 0, 360, (1.0,), -1)
        cv2.ellipse(self.colour, self.spot(centre), size, 0, 0, 360, colour, -1)

    def polygon(self, points: list[Point], colour: Colour) -> None:
        corners = np.asarray([self.spot(each) for each in points], np.int32)
        cv2.fillPoly(self.cover, [corners], (1.0,))
        cv2.fillPoly(self.colour, [corners], colour)

    def sprite(self) -> Sprite:
        """With the edges a lens gives."""
        return Sprite(np.asarray(cv2.blur(self.colour, (2, 2))), np.asarray(cv2.blur(self.cover, (3, 3))))


def _joints(pose: Pose) -> tuple[Point, Point, float]:
    """Neck, hip, and half the width of the shoulders."""
    x, y = pose.foot
    wide = 0.115 if pose.turned in (0, 2) else 0.085
    neck = (x + pose.lean * pose.tall, y - (0.83 - 0.25 * abs(pose.lean)) * pose.tall)
    return neck, (x, y - 0.47 * pose.tall), wide * pose.tall


def _legs(canvas: _Canvas, who: Person, pose: Pose) -> None:
    _neck, hip, half = _joints(pose)
    swing = 0.0 if pose.stride is None else math.sin(pose.stride) * 0.13 * pose.tall
    apart = 0.055 * pose.tall if pose.stride is None else 0.02 * pose.tall
    for side in (-1, 1):
        foot = (pose.foot[0] + side * (apart + swing), pose.foot[1])
        knee = ((hip[0] + foot[0]) / 2 + side * swing * 0.2, (hip[1] + foot[1]) / 2)
        start = (hip[0] + side * half * 0.4, hip[1])
        canvas.limb((start, knee), 0.10 * pose.tall * who.build, who.legs)
        canvas.limb((knee, foot), 0.075 * pose.tall * who.build, who.legs)
        canvas.ellipse(foot, (0.055 * pose.tall, 0.02 * pose.tall), (0.1, 0.1, 0.12))


def _torso(canvas: _Canvas, who: Person, pose: Pose) -> None:
    neck, hip, half = _joints(pose)
    half *= who.build
    low, shoulder = half * 0.86, 0.028 * pose.tall
    corners = [
        (neck[0] - half * 0.45, neck[1]),
        (neck[0] + half * 0.45, neck[1]),
        (neck[0] + half, neck[1] + shoulder),
        (hip[0] + low, hip[1] + 0.03 * pose.tall),
        (hip[0] - low, hip[1] + 0.03 * pose.tall),
        (neck[0] - half, neck[1] + shoulder),
    ]
    canvas.polygon(corners, who.top)
    left, top = canvas.spot((min(neck[0], hip[0]) - half, neck[1]))
    right, bottom = canvas.spot((max(neck[0], hip[0]) + half, hip[1] + 0.03 * pose.tall))
    left, top = max(0, left), max(0, top)
    part = canvas.colour[top:bottom, left:right]
    if part.size == 0:
        return
    fabric = np.asarray(cv2.resize(who.fabric, (part.shape[1], part.shape[0])))
    round_off = 1.06 - 0.45 * np.linspace(-0.8, 1.0, part.shape[1], dtype=np.float32) ** 2
    part *= (fabric * round_off[None, :])[:, :, None]


def _arm(canvas: _Canvas, who: Person, pose: Pose, side: int, hand: Point | None) -> None:
    neck, _hip, half = _joints(pose)
    thick = 0.070 * pose.tall * who.build
    shoulder = (neck[0] + side * half * 0.95 * who.build, neck[1] + 0.045 * pose.tall)
    if hand is None:
        swing = 0.0 if pose.stride is None else -side * math.sin(pose.stride) * 0.09 * pose.tall
        hand = (shoulder[0] + swing + side * 0.02 * pose.tall, shoulder[1] + 0.36 * pose.tall)
    away = math.dist(shoulder, hand)
    bend = max(0.0, 0.36 * pose.tall - away) * 0.6 + 0.02 * pose.tall
    elbow = ((shoulder[0] + hand[0]) / 2 + side * bend, (shoulder[1] + hand[1]) / 2 + bend * 0.3)
    canvas.limb((shoulder, elbow), thick, who.top)
    canvas.limb((elbow, hand), thick * 0.82, who.skin if who.short_sleeves else who.top)
    palm = (hand[0] + (hand[0] - elbow[0]) * 0.06, hand[1] + (hand[1] - elbow[1]) * 0.06)
    canvas.ellipse(palm, (thick * 0.48, thick * 0.52), who.skin)
    for finger in (-0.3, 0.0, 0.3):
        tip = (palm[0] + finger * thick + (palm[0] - elbow[0]) * 0.12, palm[1] + (palm[1] - elbow[1]) * 0.15)
        canvas.limb((palm, tip), thick * 0.22, who.skin)


def _head(canvas: _Canvas, who: Person, pose: Pose) -> None:
    neck, _hip, _half = _joints(pose)
    tall = pose.tall
    centre = (neck[0] + pose.lean * 0.1 * tall, neck[1] - 0.085 * tall)
    canvas.limb((neck, centre), 0.06 * tall, who.skin)
    canvas.ellipse((centre[0], centre[1] - 0.008 * tall), (0.058 * tall, 0.075 * tall), who.hair)
    if pose.turned != 2:
        look = {-1: -0.018, 0: 0.0, 1: 0.018}[pose.turned] * tall
        canvas.ellipse((centre[0] + look, centre[1] + 0.018 * tall), (0.046 * tall, 0.056 * tall), who.skin)
        for eye in (-0.018, 0.018):
            canvas.ellipse(
                (centre[0] + look + eye * tall, centre[1] + 0.008 * tall), (0.006 * tall, 0.005 * tall), (0.1, 0.1, 0.1)
            )
    if who.hat:
        canvas.ellipse((centre[0], centre[1] - 0.045 * tall), (0.085 * tall, 0.018 * tall), who.top)
        canvas.ellipse((centre[0], centre[1] - 0.062 * tall), (0.055 * tall, 0.035 * tall), who.top)
