"""Which old pages does a page look like? A guess that costs bytes when it is wrong, and nothing else. Pure.

When SQLite splits a leaf of a B-tree, a page that was not there, or was another, gets cells of the pages beside it.
Their old images hold these cells byte for byte. So cells of old leaves are remembered by their hash, some of them, and
a page that does not look like its own old image is compressed against those that most of its cells come from.
"""

import numpy as np
import numpy.typing as npt

SLOTS_LOG = 20  # 8 MB at most, touched only as far as it is filled
LEAVES = (10, 13)  # of an index, of a table
HEADER_BYTES = 8  # of a leaf, before the pointers to its cells
WORD = 8
WEIGHTS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)
SAMPLED = 3  # of the low bits of a cell's hash: every fourth cell is remembered
ALIKE = 0.5  # of the words of a page that has hardly changed
PARENTS = 2  # a new leaf has cells of two neighbours, mostly

Numbers = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]


class Kinship:
    """Cells of old pages, and in which page each was. A full table forgets what it learned first."""

    def __init__(self, page_size: int) -> None:
        self._page_size = page_size
        self._pages = np.zeros(1 << SLOTS_LOG, dtype=np.uint32)
        self._tags = np.zeros(1 << SLOTS_LOG, dtype=np.uint32)

    def learn(self, numbers: list[int], old: bytes) -> None:
        """Remember the cells of these old pages, given one after another."""
        rows, hashes = _cells(old, self._page_size)
        slots, tags = _slots(hashes)
        self._pages[slots] = np.array(numbers, dtype=np.uint32)[rows]
        self._tags[slots] = tags

    def relatives(self, pages: bytes) -> list[list[int]]:
        """For each of these pages the old pages that most of its cells come from, the nearest first."""
        found: list[list[int]] = [[] for _ in range(len(pages) // self._page_size)]
        if not found:
            return found
        rows, hashes = _cells(pages, self._page_size)
        slots, tags = _slots(hashes)
        known = (self._tags[slots] == tags) & (self._pages[slots] != 0)
        pairs, counts = np.unique(rows[known] << 32 | self._pages[slots][known].astype(np.int64), return_counts=True)
        for at in np.argsort(-counts, kind="stable"):
            row, number = int(pairs[at]) >> 32, int(pairs[at]) & 0xFFFFFFFF
            if len(found[row]) < PARENTS:
                found[row].append(number)
        return found


def shares_alike(old: bytes, new: bytes, page_size: int) -> list[bool]:
    """For each pair of pages: are most of their words the same, at the same places?"""
    same = np.frombuffer(old, dtype=np.uint64) == np.frombuffer(new, dtype=np.uint64)
    alike: list[bool] = (same.reshape(-1, page_size // WORD).mean(axis=1) >= ALIKE).tolist()
    return alike


def _cells(block: bytes, page_size: int) -> tuple[Numbers, Hashes]:
    """The sampled cells of all leaves: in which of the pages, and a hash of the cell's first bytes and last ones."""
    flat = np.frombuffer(block, dtype=np.uint8)
    pages = flat.reshape(-1, page_size)
    counts = pages[:, 3].astype(np.int64) << 8 | pages[:, 4]
    counts[~np.isin(pages[:, 0], LEAVES) | (HEADER_BYTES + 2 * counts > page_size)] = 0
    rows, columns = np.nonzero(np.arange(counts.max(initial=0)) < counts[:, None])
    pointers = rows * page_size + HEADER_BYTES + 2 * columns
    inside = flat[pointers].astype(np.int64) << 8 | flat[pointers + 1]
    fits = inside <= page_size - 2 * WORD
    rows, inside = rows[fits], inside[fits]
    start = rows * page_size + inside
    first, second = flat[start].astype(np.int64), flat[start + 1].astype(np.int64)
    payload = np.where(first < 128, first, (first & 127) << 7 | second)
    last = rows * page_size + np.minimum(inside + payload + 2 - WORD, page_size - WORD)
    words = np.ndarray((len(block) - WORD + 1,), dtype="<u8", buffer=block, strides=(1,))
    hashes = words[start] * np.uint64(WEIGHTS[0]) + words[start + WORD] * np.uint64(WEIGHTS[1])
    hashes = (hashes ^ hashes >> np.uint64(29)) + words[np.maximum(last, start)]
    hashes = hashes * np.uint64(WEIGHTS[2])
    hashes ^= hashes >> np.uint64(32)
    sampled = hashes & np.uint64(SAMPLED) == 0
    return rows[sampled], hashes[sampled]


def _slots(hashes: Hashes) -> tuple[Numbers, npt.NDArray[np.uint32]]:
    slots = (hashes >> np.uint64(64 - SLOTS_LOG)).astype(np.int64)
    return slots, (hashes >> np.uint64(4)).astype(np.uint32)
