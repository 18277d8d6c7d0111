"""A camera's JPEG as the small grey picture that the detector works on. Pure."""

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from pivision.errors import PiVisionError

Grey = npt.NDArray[np.uint8]

SHORTEST_SIDE = 100  # pixels that the smaller side keeps: enough for goods, and little to compute
LONGEST_SIDE = 320
_REDUCED: Final = (
    (8, cv2.IMREAD_REDUCED_GRAYSCALE_8),
    (4, cv2.IMREAD_REDUCED_GRAYSCALE_4),
    (2, cv2.IMREAD_REDUCED_GRAYSCALE_2),
)

cv2.setNumThreads(1)  # pictures are small: a second thread costs more than it brings


class UnreadablePicture(PiVisionError):
    """The bytes are no picture that can be decoded."""


def grey(jpeg: bytes, width: int, height: int) -> Grey:
    """The picture in grey, its smaller side 100 to 240 pixels wide whatever the camera sends. UnreadablePicture.

    `width` and `height` are the JPEG's own. The decoder itself shrinks it, which is cheaper than to shrink it later.
    """
    if not jpeg:
        raise UnreadablePicture("Picture not read: it has no bytes")
    try:
        found = cv2.imdecode(np.frombuffer(jpeg, np.uint8), reduction(width, height))
    except cv2.error as why:
        raise UnreadablePicture(f"Picture not read: {why}") from why
    if found is None:
        raise UnreadablePicture("Picture not read: its bytes are no JPEG, or a torn one")
    return _bounded(found)  # type: ignore[arg-type]  # cv2 types every picture as of any number


def reduction(width: int, height: int) -> int:
    """The cv2 flag that decodes at the smallest scale which keeps the shorter side long enough."""
    for factor, flag in _REDUCED:
        if min(width, height) >= SHORTEST_SIDE * factor:
            return flag
    return cv2.IMREAD_GRAYSCALE


def _bounded(picture: Grey) -> Grey:
    height, width = picture.shape
    if max(width, height) <= LONGEST_SIDE:
        return picture
    scale = LONGEST_SIDE / max(width, height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA)  # type: ignore[return-value]
