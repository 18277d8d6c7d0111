"""The running checksum of SQLite's write-ahead logs, a page at a time. Pure.

SQLite folds 32-bit words x0, x1 into the state with `s0 += x0 + s1; s1 += x1 + s0`, modulo 2^32. That is linear, so
the state after a page is a fixed matrix times the state before it, plus a fixed weighted sum of the page's words.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

MODULUS = 2**32
State = tuple[int, int]
Matrix = tuple[int, int, int, int]  # rows after one another
ONE_STEP: Matrix = (1, 1, 1, 2)


class Checksum:
    """Folds blocks into a state; `order` is "<" or ">": which way the log's magic number reads words."""

    def __init__(self, order: str) -> None:
        self._words = np.dtype(f"{order}u4")

    def fold(self, state: State, block: bytes) -> State:
        """The state after a block whose length is a multiple of 8."""
        words = np.frombuffer(block, dtype=self._words).astype(np.uint32, copy=False)
        (a, b, c, d), first, second = weights(len(words))
        s0, s1 = state
        return (
            (a * s0 + b * s1 + int(first.dot(words))) % MODULUS,
            (c * s0 + d * s1 + int(second.dot(words))) % MODULUS,
        )


@lru_cache(maxsize=8)
def weights(words: int) -> tuple[Matrix, npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """What that many words do to the old state, and the weight of each word in the new s0 and s1."""
    first = np.empty(words, dtype=np.uint32)
    second = np.empty(words, dtype=np.uint32)
    a, b, c, d = 1, 0, 0, 1
    for at in range(words - 2, -1, -2):
        # A word x0 enters as (x0, x0), a word x1 as (0, x1); every later step multiplies them by ONE_STEP once.
        first[at], second[at] = (a + b) % MODULUS, (c + d) % MODULUS
        first[at + 1], second[at + 1] = b, d
        a, b, c, d = _times((a, b, c, d), ONE_STEP)
    return (a, b, c, d), first, second


def _times(one: Matrix, other: Matrix) -> Matrix:
    a, b, c, d = one
    e, f, g, h = other
    return (
        (a * e + b * g) % MODULUS,
        (a * f + b * h) % MODULUS,
        (c * e + d * g) % MODULUS,
        (c * f + d * h) % MODULUS,
    )
