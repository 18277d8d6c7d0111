"""Where two pictures have other things in them, whatever light and shade lie over them. Pure.

A shadow divides what lies under it by about the same number: the fine structure of the logarithm stays as it was. What
was taken away or put there brings another structure. Plain things on a plain table have none: for those, see `stock`.
"""

import cv2
import numpy as np
import numpy.typing as npt

Grey = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

_WINDOW = (9, 9)  # pixels of the detector's picture
_LIFT = np.float32(12)  # grey levels, so that black is no noise
_UNLIKE = 0.25  # correlation of the structures; a shadow's own border lies above
_MUCH = 6.0  # times the noise's variance, in one of the two: less tells nothing
_JPEG, _OF_NOISE, _MOST_NOISE = 1.0, 0.4, 2.0  # grey levels that medians of quiet pictures still differ by


def unlike(before: Grey, now: Grey, noise: float) -> Mask:
    """255 where both pictures have another structure. `noise`: mean absolute, grey levels, of one picture."""
    left = np.float32(_JPEG + _OF_NOISE * min(noise, _MOST_NOISE))
    lifted = [each.astype(np.float32) + _LIFT for each in (before, now)]
    fine = [_fine(each) for each in lifted]
    floors = [cv2.blur(np.square(left / each), _WINDOW) for each in lifted]
    old, new, both = (
        cv2.blur(one * other, _WINDOW) for one, other in ((fine[0], fine[0]), (fine[1], fine[1]), (fine[0], fine[1]))
    )
    alike = both / np.sqrt((old + floors[0]) * (new + floors[1]))
    much = np.maximum(old / floors[0], new / floors[1])
    found = ((alike < _UNLIKE) & (much > _MUCH)).astype(np.uint8) * np.uint8(255)
    return np.asarray(cv2.morphologyEx(found, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), np.uint8)


def _fine(lifted: Floats) -> Floats:
    logs = np.log(lifted)
    return np.asarray(logs - cv2.blur(logs, _WINDOW), np.float32)
