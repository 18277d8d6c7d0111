"""What light does to a picture, and what is left when it is taken out: shadows, lamps and exposure change no thing. Pure."""

import cv2
import numpy as np
import numpy.typing as npt

Grey = npt.NDArray[np.uint8]

LIFT = 12  # grey levels added before a ratio is taken, so that black is no division by noise
UNIT = 80  # of a ratio stored in a byte: 1.0 is 80, the brightest that it holds 3.2
_WINDOW = 5  # pixels; its median follows a shadow's edge, and not the texture under it


def ratio(now: Grey, before: Grey) -> Grey:
    """How much brighter each place is than before, in 80ths: smooth, and with the hard edges that shadows have."""
    lifted = cv2.divide(cv2.add(now, LIFT), cv2.add(before, LIFT), scale=UNIT)
    return cv2.medianBlur(lifted, _WINDOW)  # type: ignore[return-value]


def relit(before: Grey, light: Grey) -> Grey:
    """The picture of before in the light of now; in lifted levels (see LIFT)."""
    return cv2.multiply(cv2.add(before, LIFT), light, scale=1 / UNIT)  # type: ignore[return-value]


def unexplained(now: Grey, before: Grey) -> tuple[Grey, Grey]:
    """The differences that no light explains, in grey levels, and the light itself."""
    light = ratio(now, before)
    return cv2.absdiff(cv2.add(now, LIFT), relit(before, light)), light  # type: ignore[return-value]


def matched(now: Grey, before: Grey) -> Grey:
    """`now` with one gain for all of it, so that its mean is the one of before: cheap, for the first look."""
    want, have = cv2.mean(before)[0] + LIFT, cv2.mean(now)[0] + LIFT
    gain = want / have
    if abs(gain - 1) * want < 1.0:
        return now
    return cv2.convertScaleAbs(now, alpha=gain, beta=LIFT * (gain - 1))  # type: ignore[return-value]


def with_details(picture: Grey) -> Grey:
    """How much each place differs from its neighbours: the picture's edges, in grey levels."""
    kernel = np.ones((3, 3), np.uint8)
    return cv2.morphologyEx(picture, cv2.MORPH_GRADIENT, kernel)  # type: ignore[return-value]
