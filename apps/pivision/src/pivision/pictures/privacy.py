"""A picture in which only the goods can be recognised: all that lies outside of them is blocks, run together. Pure."""

from collections.abc import Iterable

import cv2
import numpy as np
import numpy.typing as npt

from pivision.config import Region, RegionKind
from pivision.errors import PiVisionError

BLOCKS = 14  # along the longer side: a face that fills a third of the picture is five of them
QUALITY = 88

_Colours = npt.NDArray[np.uint8]


class NotBlurred(PiVisionError):
    """The bytes are no picture that can be decoded: it is shown to nobody, rather than as it is."""


def blurred(jpeg: bytes, regions: Iterable[Region]) -> bytes:
    """Another JPEG of the same size, without what the camera wrote beside the picture. NotBlurred.

    Recognisable is what lies in an inventory region and in none that is not looked at; without one, nothing is.
    Outside, each block is one mean colour, blended into the next: what was in it is not in the file any more.
    """
    whole = _decoded(jpeg)
    height, width = whole.shape[:2]
    block = max(height, width) / BLOCKS
    coarse = cv2.resize(
        whole, (max(1, round(width / block)), max(1, round(height / block))), interpolation=cv2.INTER_AREA
    )
    shown = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    cv2.copyTo(whole, _goods(regions, (height, width)), shown)
    done, encoded = cv2.imencode(".jpg", shown, (cv2.IMWRITE_JPEG_QUALITY, QUALITY))
    if not done:
        raise NotBlurred("Picture not shown: it cannot be blurred")
    return bytes(encoded.tobytes())


def _decoded(jpeg: bytes) -> _Colours:
    try:
        found = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR) if jpeg else None
    except cv2.error as why:
        raise NotBlurred("Picture not shown: it cannot be read, and so not be blurred") from why
    if found is None:
        raise NotBlurred("Picture not shown: it cannot be read, and so not be blurred")
    return found  # type: ignore[return-value]  # cv2 types every picture as of any number


def _goods(regions: Iterable[Region], shape: tuple[int, int]) -> _Colours:
    """255 where the picture stays as it is."""
    mask = np.zeros(shape, np.uint8)
    kinds = {kind: [_corners(each, shape) for each in regions if each.kind is kind] for kind in RegionKind}
    for corners in kinds[RegionKind.INVENTORY]:
        cv2.fillPoly(mask, [corners], (255,))
    for corners in kinds[RegionKind.IGNORE]:
        cv2.fillPoly(mask, [corners], (0,))
    return mask


def _corners(region: Region, shape: tuple[int, int]) -> npt.NDArray[np.int32]:
    height, width = shape
    return np.array([(round(x * (width - 1)), round(y * (height - 1))) for x, y in region.points], np.int32)
