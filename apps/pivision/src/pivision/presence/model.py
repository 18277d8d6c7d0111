"""An operator's ONNX file, asked through cv2.dnn: what it wants is said beside it in a JSON file of the same name."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from pivision.config import Region
from pivision.presence.boxes import Box, Colour, PresenceBroken, at_regions

Rows = npt.NDArray[np.float32]
_OVERLAP = 0.45  # boxes that share more than this are one person


class Layout(StrEnum):
    """What a row of the answer says.

    `ssd`: picture, label, score, left, top, right, bottom (parts of the picture). `yolo5`: middle, size, score, then a
    score for each label (pixels of the input). `yolo8`: middle, size, scores of the labels, in columns.
    """

    SSD = "ssd"
    YOLO5 = "yolo5"
    YOLO8 = "yolo8"


@dataclass(frozen=True)
class ModelConfig:
    """How pictures are handed to the model, and which of its labels is a person."""

    layout: Layout = Layout.YOLO8
    width: int = 320
    height: int = 320
    scale: float = 1 / 255
    mean: float = 0.0
    swap_rb: bool = True
    person: int = 0
    least_score: float = 0.5


class OpenCvDnn:
    """The model in `model_path`. PresenceBroken when it is missing or cannot be read."""

    def __init__(self, model_path: Path, config: ModelConfig) -> None:
        if not model_path.is_file():
            raise PresenceBroken(
                f"Nobody is looked for: there is no file {model_path}",
                "Put the ONNX file there, or unset PRESENCE_MODEL",
            )
        try:
            self._net = cv2.dnn.readNetFromONNX(str(model_path))
        except cv2.error as why:
            raise PresenceBroken(
                f"Nobody is looked for: {model_path} cannot be read by OpenCV {cv2.__version__}: {_short(why)}",
                "Export it again as ONNX, with an older opset, for pictures of one size",
            ) from why
        self._config = config

    def detect(self, picture: Colour, regions: Sequence[Region]) -> list[Box]:
        """Who is at the regions. PresenceBroken when the model does not take the picture, or answers otherwise."""
        wanted = self._config
        size, mean = (wanted.width, wanted.height), (wanted.mean,) * 3
        try:
            self._net.setInput(cv2.dnn.blobFromImage(picture, wanted.scale, size, mean, wanted.swap_rb))
            answer = np.asarray(self._net.forward(), np.float32)
        except cv2.error as why:
            raise PresenceBroken(
                f"Nobody is looked for: the model does not take a picture: {_short(why)}",
                "Say in the JSON file beside it what size it wants: width, height",
            ) from why
        return at_regions(_merged(_read(answer, wanted), wanted.least_score), regions)


def config_beside(model_path: Path) -> ModelConfig:
    """What the JSON file beside the model says; the defaults without one. PresenceBroken names what is wrong."""
    file = model_path.with_suffix(".json")
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ModelConfig()
    except (OSError, ValueError) as why:
        raise PresenceBroken(f"Nobody is looked for: {file} cannot be read: {why}") from why
    known = {each.name: each for each in fields(ModelConfig)}
    if not isinstance(found, dict) or found.keys() - known.keys():
        raise PresenceBroken(f"Nobody is looked for: {file} may say {', '.join(known)}, and nothing else")
    try:
        return ModelConfig(**{name: _value(name, value) for name, value in found.items()})
    except (TypeError, ValueError) as why:
        raise PresenceBroken(f"Nobody is looked for: {file}: {why}") from why


def _value(name: str, value: object) -> Any:
    default = getattr(ModelConfig, name)
    if isinstance(default, Layout):
        return Layout(str(value))
    if isinstance(value, bool) is not isinstance(default, bool) or not isinstance(value, int | float):
        raise ValueError(f"{name} cannot be {value!r}")
    if name in ("width", "height") and not 8 <= value <= 4096:
        raise ValueError(f"{name} is not from 8 to 4096")
    return type(default)(value)


def _read(answer: Rows, config: ModelConfig) -> list[Box]:
    rows = answer.reshape(-1, answer.shape[-1])
    if config.layout is Layout.YOLO8:
        rows = rows.T
    least = {Layout.SSD: 7, Layout.YOLO5: 6 + config.person, Layout.YOLO8: 5 + config.person}[config.layout]
    if rows.ndim != 2 or rows.shape[1] < least or (config.layout is Layout.SSD and rows.shape[1] != least):
        raise PresenceBroken(
            f"Nobody is looked for: the model answers {list(answer.shape)}, which is not {config.layout}",
            f"Say in the JSON file beside it what its `layout` is: {', '.join(Layout)}",
        )
    if config.layout is Layout.SSD:
        persons = rows[np.round(rows[:, 1]) == config.person].tolist()
        return [Box(left, top, right, bottom, score) for _, _, score, left, top, right, bottom in persons]
    is_five = config.layout is Layout.YOLO5
    scores = rows[:, 4] * rows[:, 5 + config.person] if is_five else rows[:, 4 + config.person]
    likely = scores >= config.least_score
    size = np.array([config.width, config.height, config.width, config.height], np.float32)
    return [
        Box(float(x - w / 2), float(y - h / 2), float(x + w / 2), float(y + h / 2), float(score))
        for (x, y, w, h), score in zip(rows[likely, :4] / size, scores[likely], strict=True)
    ]


def _merged(boxes: list[Box], least_score: float) -> list[Box]:
    """One box for each person: the surest of those that overlap."""
    kept: list[Box] = []
    for box in sorted(boxes, key=lambda each: -each.score):
        if np.isfinite(box.score) and box.score >= least_score and all(_shared(box, each) < _OVERLAP for each in kept):
            kept.append(box)
    return kept


def _shared(one: Box, other: Box) -> float:
    wide = min(one.right, other.right) - max(one.left, other.left)
    high = min(one.bottom, other.bottom) - max(one.top, other.top)
    both = max(0.0, wide) * max(0.0, high)
    whole = _area(one) + _area(other) - both
    return both / whole if whole > 0 else 0.0


def _area(box: Box) -> float:
    return max(0.0, box.right - box.left) * max(0.0, box.bottom - box.top)


def _short(why: cv2.error) -> str:
    return " ".join(str(why).split())[:200]
