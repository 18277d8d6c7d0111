"""What covers or soils the lens: hands, cloth, a cap, paint, fog, webs, dirt that grows."""

import math
from enum import StrEnum

import cv2
import numpy as np

from pivision.scenes import textures
from pivision.scenes.effects import Effect
from pivision.scenes.textures import Pixels, between, chance


class CoverKind(StrEnum):
    """What is held or hung before the lens."""

    HAND = "hand"
    CLOTH = "cloth"
    CAP = "cap"
    PAINT = "paint"
    BOX = "box"  # put before the camera: 80 % of the view is gone
    FOG = "fog"


class Cover(Effect):
    """The lens is covered from `begin_s` to `end_s`; it slides on within a second, fog comes over half a minute."""

    def __init__(self, seed: object, kind: CoverKind, span: tuple[float, float]) -> None:
        self.kind, self.span, self.seed = kind, span, seed
        self.face: Pixels | None = None
        rng = chance("cover", seed)
        self.side = int(rng.integers(0, 4))
        self.tremble = 3.0 if kind is CoverKind.HAND else 0.0
        self.reach = 0.80 if kind is CoverKind.BOX else 1.0

    def on_glass(self, picture: Pixels, at_s: float) -> Pixels:
        begin, end = self.span
        if not begin <= at_s < end:
            return picture
        height, width = picture.shape[:2]
        if self.kind is CoverKind.FOG:
            return _fogged(picture, min(1.0, (at_s - begin) / 30, (end - at_s) / 30))
        face = self._face(width, height)
        share = min(1.0, (at_s - begin) / 1.0, (end - at_s) / 1.0) * self.reach
        wide, tall = (round(width * share), height) if self.side < 2 else (width, round(height * share))
        if wide < 1 or tall < 1:
            return picture
        x = width - wide if self.side == 1 else 0
        y = height - tall if self.side == 3 else 0
        jitter = round(4 + self.tremble * (1 + math.sin(at_s * 3.3)))
        covered = picture.copy()
        covered[y : y + tall, x : x + wide] = face[jitter : jitter + tall, jitter : jitter + wide]
        return covered

    def _face(self, width: int, height: int) -> Pixels:
        if self.face is not None and self.face.shape[1] == width + 16:
            return self.face
        rng = chance("face", self.seed)
        size = (height + 16, width + 16)
        if self.kind is CoverKind.HAND:
            made = textures.tinted(textures.smooth(rng, *size, width / 3), (0.14, 0.20, 0.42), 0.35)
            made = np.asarray(cv2.GaussianBlur(made, (0, 0), width / 40))
        elif self.kind is CoverKind.CLOTH:
            tone = between(rng, 0.2, 0.6)
            made = textures.tinted(textures.smooth(rng, *size, width / 6), (tone, tone * 0.9, tone * 0.8), 0.3)
            made = np.asarray(cv2.GaussianBlur(made, (0, 0), width / 110))
        elif self.kind is CoverKind.CAP:
            made = np.full((*size, 3), 0.012, np.float32)
        elif self.kind is CoverKind.BOX:
            made = textures.tinted(0.3 * textures.rough(rng, *size, 60), (0.40, 0.56, 0.70), 0.2)
            made = np.asarray(cv2.GaussianBlur(made, (0, 0), width / 130))
        else:
            colour = tuple(between(rng, 0.15, 0.8) for _ in range(3))
            made = textures.tinted(0.2 * textures.smooth(rng, *size, width / 2), (colour[0], colour[1], colour[2]), 0.2)
        self.face = np.clip(made * 255, 0, 255).astype(np.uint8)
        return self.face


class Dirt(Effect):
    """Spots and dust that gather; at the end they take `most` of the light where they are."""

    def __init__(self, seed: object, most: float, full_s: float) -> None:
        self.most, self.full_s, self.seed = most, full_s, seed
        self.mask: Pixels | None = None

    def on_glass(self, picture: Pixels, at_s: float) -> Pixels:
        height, width = picture.shape[:2]
        if self.mask is None:
            rng = chance("dirt", self.seed)
            mask = np.clip(textures.smooth(rng, height, width, width / 7) - 0.15, 0, 1) * 0.6
            for _ in range(14):
                spot = (int(rng.integers(0, width)), int(rng.integers(0, height)))
                cv2.circle(mask, spot, int(rng.integers(3, max(4, width // 28))), (between(rng, 0.4, 1.0),), -1)
            self.mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), width / 90))
        share = (self.mask * np.float32(self.most * min(1.0, at_s / self.full_s)))[:, :, None]
        return np.asarray(picture * (1 - share) + 105 * share, np.uint8)


class Web(Effect):
    """A spider's web before the lens that moves in the wind, brightly lit now and then. No reason for any event."""

    def __init__(self, seed: object, bright: float) -> None:
        self.seed, self.bright = seed, bright
        self.strands: Pixels | None = None

    def on_glass(self, picture: Pixels, at_s: float) -> Pixels:
        height, width = picture.shape[:2]
        if self.strands is None:
            self.strands = _web(chance("web", self.seed), width + 40, height + 40)
        x = round(20 + 7 * math.sin(at_s * 1.9) * abs(math.sin(at_s * 0.17)))
        y = round(20 + 5 * math.sin(at_s * 2.3 + 1))
        shine = self.bright * (0.6 + 0.4 * math.sin(at_s * 0.9))
        strands = self.strands[y : y + height, x : x + width]
        return np.asarray(cv2.addWeighted(picture, 1.0, strands, shine, 0))


def _web(rng: textures.Chance, width: int, height: int) -> Pixels:
    sheet = np.zeros((height, width, 3), np.uint8)
    middle = (round(width * between(rng, 0.0, 0.3)), round(height * between(rng, 0.0, 0.3)))
    spokes = [between(rng, 0, 0.16) + 0.16 * math.pi * each / 2 for each in range(8)]
    for turn in spokes:
        end = (round(middle[0] + width * 0.5 * math.cos(turn)), round(middle[1] + width * 0.5 * math.sin(turn)))
        cv2.line(sheet, middle, end, (190, 190, 190), 1, cv2.LINE_AA)
    for ring in range(1, 9):
        far = width * 0.055 * ring
        points = [(round(middle[0] + far * math.cos(turn)), round(middle[1] + far * math.sin(turn))) for turn in spokes]
        cv2.polylines(sheet, [np.asarray(points, np.int32)], False, (150, 150, 150), 1, cv2.LINE_AA)
    return np.asarray(cv2.GaussianBlur(sheet, (0, 0), 1.2))


def _fogged(picture: Pixels, much: float) -> Pixels:
    """Condensed water: everything grey and soft."""
    if much <= 0.02:
        return picture
    width = picture.shape[1]
    soft = np.asarray(
        cv2.GaussianBlur(np.asarray(cv2.resize(picture, None, fx=0.25, fy=0.25)), (0, 0), 0.5 + much * width / 130)
    )
    soft = np.asarray(cv2.resize(soft, (width, picture.shape[0])))
    return np.asarray(cv2.addWeighted(soft, 1 - 0.88 * much, np.full_like(soft, 165), 0.88 * much, 0))
