"""A sequence as a camera takes it: place, goods, people, light, lens and sensor, as a JPEG for each moment."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from pivision.config import Region
from pivision.scenes.effects import Effect
from pivision.scenes.light import Light, Shade, Weather
from pivision.scenes.people import Drawn, Pose, draw
from pivision.scenes.script import Pass, Visit, pose_of, pose_of_pass
from pivision.scenes.sensor import Exposure, Sensor, grain
from pivision.scenes.stand import Display, Piece, Stand, View, paint
from pivision.scenes.textures import Pixels, chance
from pivision.scenes.truth import Truth


@dataclass(frozen=True)
class Change:
    """From then on that is on a spot (None: nothing)."""

    at_s: float
    slot: str
    index: int
    piece: Piece | None


@dataclass(frozen=True)
class Cast:
    """Who is in it, and what changes on the table."""

    visits: tuple[Visit, ...] = ()
    passes: tuple[Pass, ...] = ()
    changes: tuple[Change, ...] = ()


@dataclass
class Film:
    """One sequence. `shoot` is asked for moments that never go back; the same moments give the same bytes.

    `size` is that of the pictures; the stand may be larger by `margin` on each side, for a camera that will be pushed.
    """

    seed: str
    display: Display
    cast: Cast
    truth: Truth
    weather: Weather = field(default_factory=Weather)
    sensor: Sensor = field(default_factory=Sensor)
    effects: tuple[Effect, ...] = ()
    margin: int = 0
    gaps: tuple[tuple[float, float], ...] = ()  # the camera is off line then
    _light: Light = field(init=False)
    _exposure: Exposure = field(init=False)
    _waiting: list[Change] = field(init=False)

    def __post_init__(self) -> None:
        stand = self.stand
        self._light = Light(self.weather, stand.width, stand.height)
        self._exposure = Exposure(self.sensor)
        changes = [*self.cast.changes]
        for visit in self.cast.visits:
            changes += [Change(each.done_s, each.slot, each.index, each.piece) for each in visit.reaches]
        self._waiting = sorted(changes, key=lambda each: -each.at_s)

    @property
    def stand(self) -> Stand:
        return self.display.stand

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of its pictures."""
        scale = self.sensor.upscale
        return (self.stand.width - 2 * self.margin) * scale, (self.stand.height - 2 * self.margin) * scale

    @property
    def regions(self) -> tuple[Region, ...]:
        """What an operator draws on its pictures."""
        margin, stand = self.margin, self.stand
        width, height = stand.width - 2 * margin, stand.height - 2 * margin

        def seen(x: float, y: float) -> tuple[float, float]:
            across, down = (x * stand.width - margin) / width, (y * stand.height - margin) / height
            return min(1.0, max(0.0, across)), min(1.0, max(0.0, down))

        return tuple(replace(each, points=tuple(seen(x, y) for x, y in each.points)) for each in stand.regions())

    def frames(self, every_s: float) -> Iterator[tuple[float, bytes]]:
        """All of it, a picture each `every_s` seconds."""
        for number in range(int(self.truth.length_s / every_s)):
            yield number * every_s, self.shoot(number * every_s)

    def shoot(self, at_s: float) -> bytes:
        """The picture of that moment as a JPEG."""
        quality = [cv2.IMWRITE_JPEG_QUALITY, self.sensor.quality]
        done, coded = cv2.imencode(".jpg", self.picture(at_s), quality)
        assert done
        return coded.tobytes()

    def picture(self, at_s: float) -> Pixels:
        """The picture before it is a JPEG: blue, green, red, 8 bits."""
        self._change(at_s)
        scene = self.display.picture.copy()
        for effect in self.effects:
            effect.on_place(scene, self.display.cover, at_s)
        shades = self._people(scene, at_s)
        lit = self._expose(scene, at_s, shades)
        for effect in self.effects:
            lit = effect.on_lens(lit, at_s)
        lit = self._move(lit, at_s)
        if self.sensor.upscale != 1:
            lit = np.asarray(
                cv2.resize(lit, None, fx=self.sensor.upscale, fy=self.sensor.upscale, interpolation=cv2.INTER_CUBIC)
            )
        for effect in self.effects:
            lit = effect.on_glass(lit, at_s)
        return self._grained(lit, at_s)

    def _change(self, at_s: float) -> None:
        changed = False
        while self._waiting and self._waiting[-1].at_s <= at_s:
            change = self._waiting.pop()
            here = change.slot, change.index
            changed = changed or self.display.pieces.get(here) is not change.piece
            if change.piece is None:
                self.display.pieces.pop(here, None)
            else:
                self.display.pieces[here] = change.piece
        if changed:
            self.display.paint()

    def _people(self, scene: Pixels, at_s: float) -> tuple[Shade, ...]:
        shades: list[Shade] = []
        frame = self.stand.width, self.stand.height
        for one in self.cast.passes:
            pose = pose_of_pass(one, self.stand, at_s)
            drawn = draw(one.who, pose, frame) if pose else None
            if drawn:
                _behind(scene, self.display.cover, drawn)
            if pose and one.shadow:
                x, low = pose.foot[0], 0.5 * self.stand.height
                shades.append(Shade((x, low), (x + 0.15 * self.stand.width, 2.0 * low), 0.16 * low, 4, one.shadow))
        for visit in self.cast.visits:
            pose = pose_of(visit, self.stand, at_s)
            drawn = draw(visit.who, pose, frame) if pose else None
            if pose and drawn:
                self._visitor(scene, drawn)
                shades.append(self._shade(pose))
        return tuple(shades)

    def _visitor(self, scene: Pixels, drawn: Drawn) -> None:
        if self.stand.view is View.ACROSS:
            _behind(scene, self.display.cover, drawn)
        if drawn.arms is not None:
            paint(scene, drawn.arms.colour, drawn.arms.cover, drawn.at)
        if self.stand.view is not View.ACROSS:
            paint(scene, drawn.body.colour, drawn.body.cover, drawn.at)

    def _shade(self, pose: Pose) -> Shade:
        """What a visitor darkens of the table: near and soft, for much of the sky is hidden too."""
        x, _y = pose.foot
        low = {View.ACROSS: 0.56, View.FRONT: 0.75, View.SHELF: 0.95}[self.stand.view] * self.stand.height
        lean = 0.10 * self.stand.width
        long = 0.22 if self.stand.view is View.ACROSS else -0.25
        return Shade((x, low), (x + lean, low + long * self.stand.height), 0.22 * pose.tall, 10, 0.7)

    def _expose(self, scene: Pixels, at_s: float, shades: tuple[Shade, ...]) -> Pixels:
        infrared = any(begin <= at_s < end for begin, end in self.sensor.infrared_s)
        if infrared:
            grey = np.asarray(cv2.cvtColor(scene, cv2.COLOR_BGR2GRAY)) * 0.75 + 0.12
            factor = self._exposure.infrared_map(grey.shape[1], grey.shape[0])
            scene = np.asarray(cv2.merge([grey, grey, grey]))
        elif self._light.is_even(shades):
            factor = np.asarray(max(sum(self._light.level(at_s)), 1e-4) ** (1 / 2.2), np.float32)
        else:
            factor = self._light.map(at_s, shades)
        thin = factor[::8, ::8] if factor.ndim else factor
        mean = float(np.mean(scene[::8, ::8, 1] * thin))
        gain = self._exposure.gain(mean, at_s)
        if factor.ndim:
            plane = factor * np.float32(255 * gain)
            scene = np.asarray(cv2.multiply(scene, cv2.merge([plane, plane, plane])))
            return np.asarray(cv2.convertScaleAbs(scene))
        return np.asarray(cv2.convertScaleAbs(scene, alpha=float(factor) * 255 * gain))

    def _move(self, picture: Pixels, at_s: float) -> Pixels:
        moves = [each.move(at_s) for each in self.effects]
        dx, dy, degrees = (sum(each[part] for each in moves) for part in range(3))
        height, width = picture.shape[:2]
        margin = self.margin
        if dx or dy or degrees:
            turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
            turn[:, 2] += np.asarray((dx, dy))
            picture = np.asarray(cv2.warpAffine(picture, turn, (width, height), borderMode=cv2.BORDER_REFLECT_101))
        if margin:
            picture = np.ascontiguousarray(picture[margin : height - margin, margin : width - margin])
        return picture

    def _grained(self, picture: Pixels, at_s: float) -> Pixels:
        height, width = picture.shape[:2]
        tile = grain(width, height, self._exposure.noise())
        rng = chance(self.seed, "noise", round(at_s * 1000))
        x, y = (int(each) for each in rng.integers(0, 64, 2))
        return np.asarray(cv2.add(picture, tile[y : y + height, x : x + width], dtype=cv2.CV_8U))


def _behind(scene: Pixels, cover: Pixels, drawn: Drawn) -> None:
    """Paint a body where nothing of the stand is before it."""
    x, y = drawn.at
    body = drawn.body.cover
    height, width = body.shape
    left, top = max(0, x), max(0, y)
    right, bottom = min(scene.shape[1], x + width), min(scene.shape[0], y + height)
    if left >= right or top >= bottom:
        return
    shown = body[top - y : bottom - y, left - x : right - x] * (1 - cover[top:bottom, left:right])
    paint(scene, drawn.body.colour[top - y : bottom - y, left - x : right - x], shown, (left, top))
