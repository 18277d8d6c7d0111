"""Does something move? Cheap enough for a few pictures a second on a Pi; the server's detector decides what it was."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Grey: TypeAlias = npt.NDArray[np.uint8]
_Plane: TypeAlias = npt.NDArray[np.float32]

WIDTH, HEIGHT = 80, 60
_BLOCK = 5
_NOISES = 6.0  # so many times the usual difference of a block
_LEAST = 4.0  # grey levels: below it is the camera's own noise
_SHARE = 0.004  # of the blocks: one or two of 192
_SLOW = 0.05


class Look:
    """Compares each picture with the last one and with a slow background, its brightness and contrast taken out."""

    def __init__(self) -> None:
        self._last: _Plane | None = None
        self._slow: _Plane | None = None
        self._usual: _Plane | None = None

    def is_moving(self, grey: Grey) -> bool:
        """`grey` in any size. The first pictures of all never move."""
        now = _plain(_small(grey))
        if self._last is None or self._slow is None or self._usual is None:
            self._last, self._slow = now, now.copy()
            self._usual = np.full((HEIGHT // _BLOCK, WIDTH // _BLOCK), _LEAST / 2, np.float32)
            return False
        change = np.maximum(_blocks(np.abs(now - self._last)), _blocks(np.abs(now - self._slow)))
        moving = float(np.mean(change > np.maximum(_LEAST, _NOISES * self._usual))) >= _SHARE
        self._last = now
        rate = _SLOW / 5 if moving else _SLOW
        self._slow += rate * (now - self._slow)
        self._usual += (0.01 if moving else 0.1) * (np.minimum(change, 4 * self._usual + 1) - self._usual)
        return moving


def _small(grey: Grey) -> _Plane:
    """The picture in 80 x 60, each point the mean of what it covers; borders that do not fit are left out."""
    height, width = grey.shape
    rows, columns = height // HEIGHT, width // WIDTH
    if rows == 0 or columns == 0:
        indices = np.ix_(np.arange(HEIGHT) * height // HEIGHT, np.arange(WIDTH) * width // WIDTH)
        return grey[indices].astype(np.float32)
    part = grey[: rows * HEIGHT, : columns * WIDTH].reshape(HEIGHT, rows, WIDTH, columns)
    small: _Plane = part.mean(axis=(1, 3), dtype=np.float32)
    return small


def _plain(plane: _Plane) -> _Plane:
    """A cloud or a lamp changes all of it alike: brought to one mean and one contrast."""
    middle = float(np.median(plane))
    spread = float(np.mean(np.abs(plane - middle)))
    plain: _Plane = (plane - middle) * np.float32(20.0 / max(spread, 2.0))
    return plain


def _blocks(plane: _Plane) -> _Plane:
    blocks: _Plane = plane.reshape(HEIGHT // _BLOCK, _BLOCK, WIDTH // _BLOCK, _BLOCK).mean(axis=(1, 3))
    return blocks
