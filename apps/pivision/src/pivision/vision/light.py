"""What light does to a picture, and what is left when it is taken out: shadows and lamps change no thing. Pure."""

import cv2
import numpy as np
import numpy.typing as npt

Grey = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

LIFT = 12  # grey levels added before a ratio is taken, so that black is no division by noise
UNIT = 80  # of a ratio stored in a byte: 1.0 is 80, the brightest that it holds 3.2
_BURNT = 250
_TEXTURE = 9  # pixels: what is coarser is form or light
_ACROSS, _DOWN = 20, 15
_Y, _X = (each.ravel() for each in np.mgrid[-1 : 1 : _DOWN * 1j, -1 : 1 : _ACROSS * 1j])
_POLYNOMIALS = np.stack([np.ones_like(_X), _X, _Y, _X * _Y, _X * _X, _Y * _Y], axis=1)


def matched(now: Grey, before: Grey) -> Grey:
    """`now` with one gain for all of it, so that its mean is the one of before: cheap, for the first look."""
    want, have = cv2.mean(before)[0] + LIFT, cv2.mean(now)[0] + LIFT
    gain = want / have
    if abs(gain - 1) * want < 1.0:
        return now
    return cv2.convertScaleAbs(now, alpha=gain, beta=LIFT * (gain - 1))  # type: ignore[return-value]


def smoothly_matched(now: Grey, before: Grey) -> Grey:
    """`now` in the light of before, as far as the light differs smoothly over the picture: clouds, exposure, lamps.

    A surface of second order is laid through the ratios, and what lies far from it (somebody) is left out of it.
    """
    lifted = cv2.divide(_lifted(before), _lifted(now), scale=UNIT)
    small = cv2.resize(lifted, (_ACROSS, _DOWN), interpolation=cv2.INTER_AREA)
    logs = np.log(np.maximum(small.ravel().astype(np.float64), 1) / UNIT)
    surface = _surface(logs).reshape(_DOWN, _ACROSS).astype(np.float32)
    field = cv2.resize(np.exp(surface), (now.shape[1], now.shape[0]), interpolation=cv2.INTER_LINEAR)
    even: Grey = np.asarray(
        cv2.convertScaleAbs(np.maximum((now.astype(np.float32) + LIFT) * field - LIFT, 0)), np.uint8
    )
    burnt = now >= _BURNT
    if burnt.any():  # it may be brighter than a byte can say: as bright as before, for all that is known
        even = np.asarray(np.where(burnt, np.maximum(even, before), even), np.uint8)
    return even


def _surface(logs: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    fitted = np.full_like(logs, float(np.median(logs)))
    for terms in (1, 6, 6):
        off = np.abs(logs - fitted)
        width = max(0.03, 2.5 * float(np.median(off)))
        weights = np.square(np.maximum(0, 1 - np.square(off / width))) + 1e-6
        base = _POLYNOMIALS[:, :terms]
        weighed = base * weights[:, None]
        fitted = base @ np.linalg.solve(weighed.T @ base + 1e-4 * np.eye(terms), weighed.T @ logs)
    return fitted


def texture(picture: Grey, inside: Floats) -> Floats:
    """Its fine structure where `inside` is 1 (0 elsewhere): what differs from the mean of what is near, inside."""
    plain = picture.astype(np.float32)
    near = cv2.blur(inside, (_TEXTURE, _TEXTURE)) + np.float32(1e-3)
    return np.asarray((plain - cv2.blur(plain * inside, (_TEXTURE, _TEXTURE)) / near) * inside, np.float32)


def likeness(now: Grey, before: Grey, where: Grey, grid: tuple[int, int], noise: float) -> tuple[Floats, Floats]:
    """Per cell, how alike the textures of two pictures are inside of `where` (255), and how much texture there is.

    The first is a correlation from which the noise is taken out, the second counts in variances of the noise. Only
    pixels inside are compared with one another: the border of a shadow is no texture of what lies under it.
    """
    inside = cv2.erode(where, np.ones((3, 3), np.uint8)).astype(np.float32) * np.float32(1 / 255)
    fine = [texture(picture, inside) for picture in (now, before)]
    size = (grid[1], grid[0])
    amount, new, old, both = (
        cv2.blur(cv2.resize(each, size, interpolation=cv2.INTER_AREA), (3, 3))
        for each in (inside, fine[0] * fine[0], fine[1] * fine[1], fine[0] * fine[1])
    )
    amount = np.maximum(amount, np.float32(0.05))
    floor = np.float32(noise * noise)
    fresh, stood = np.maximum(new / amount - floor, 0.3 * floor), old / amount + 0.2 * floor
    alike = both / amount / np.sqrt(fresh * stood)
    return np.asarray(alike, np.float32), np.asarray(np.maximum(fresh, stood) / floor, np.float32)


def _lifted(picture: Grey) -> Grey:
    return cv2.add(picture, LIFT)  # type: ignore[call-overload,no-any-return]  # a number is one, too


def with_details(picture: Grey) -> Grey:
    """How much each place differs from its neighbours: the picture's edges, in grey levels."""
    kernel = np.ones((3, 3), np.uint8)
    return cv2.morphologyEx(picture, cv2.MORPH_GRADIENT, kernel)  # type: ignore[return-value]
