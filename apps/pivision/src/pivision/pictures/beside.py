"""Before and after in one picture, for whoever sees a message and no page. Pure; the files themselves stay apart."""

import cv2
import numpy as np
import numpy.typing as npt

from pivision.errors import PiVisionError

MOST_HEIGHT = 480
QUALITY = 85
_GAP = 8  # pixels of white between them


class NotJoined(PiVisionError):
    """One of the two is no picture that can be decoded."""


def side_by_side(before: bytes, after: bytes) -> bytes:
    """A JPEG with the first on the left and the second on the right, of one height. NotJoined."""
    pictures = [_decoded(jpeg) for jpeg in (before, after)]
    height = min(MOST_HEIGHT, *(each.shape[0] for each in pictures))
    left, right = (
        cv2.resize(each, (max(1, round(each.shape[1] * height / each.shape[0])), height), interpolation=cv2.INTER_AREA)
        for each in pictures
    )
    gap = np.full((height, _GAP, 3), 255, np.uint8)
    done, encoded = cv2.imencode(".jpg", np.hstack((left, gap, right)), (cv2.IMWRITE_JPEG_QUALITY, QUALITY))
    if not done:
        raise NotJoined("Pictures not joined: they cannot be encoded")
    return bytes(encoded.tobytes())


def _decoded(jpeg: bytes) -> npt.NDArray[np.uint8]:
    try:
        found = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR) if jpeg else None
    except cv2.error as why:
        raise NotJoined("Pictures not joined: one cannot be read") from why
    if found is None:
        raise NotJoined("Pictures not joined: one cannot be read")
    return found  # type: ignore[return-value]  # cv2 types every picture as of any number
