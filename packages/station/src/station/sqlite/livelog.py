"""A write-ahead log while others write to it: which frames were committed after a position. Only reads.

SQLite restarts a log by writing over it from its first frame, once every frame has been copied into the database. It
then adds one to the first salt and draws the second anew (walRestartHdr in SQLite's wal.c). The checkpoint sequence in
the header is no count of restarts: every connection has its own.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from station.sqlite.hashes import hash_as_scanned
from station.sqlite.walfile import FRAME, HEADER, HEADER_SUMMED, MAGIC_BIG, MAGIC_LITTLE, PAGE_SIZES, VERSION
from station.sqlite.walsum import Checksum, State, weights

Read = Callable[[int, int], bytes]  # offset and amount; what lies beyond the end comes as zeros
Words = npt.NDArray[np.uint32]

FIRST_FRAMES = 16  # read at once; then ever more, because most looks find few
MOST_BYTES = 1 << 20
SALTS = slice(8, 16)
SUMS = slice(16, 24)
NATIVE = "<" if sys.byteorder == "little" else ">"


@dataclass(frozen=True)
class Generation:
    """A log between two restarts. Its salts are in every frame of it, `start` is its header's checksum."""

    salts: bytes
    order: str
    page_size: int
    start: State

    @property
    def frame_bytes(self) -> int:
        return FRAME.size + self.page_size

    def follows(self, other: "Generation") -> bool:
        """True if exactly one restart lies between the two."""
        expected = (int.from_bytes(other.salts[:4], "big") + 1) % 2**32
        return int.from_bytes(self.salts[:4], "big") == expected and self.page_size == other.page_size


@dataclass(frozen=True)
class Position:
    """The end of a commit: its last frame's number (0 before the first) and the checksum there."""

    generation: Generation
    frame: int
    state: State


@dataclass
class Stretch:
    """What was committed between two positions of one generation.

    `frames` and `hashes` are the last frame and the hash of every page; `commits` are pairs of frame and page count.
    `uncommitted` frames follow that no commit has ended.
    """

    end: Position
    frames: dict[int, int] = field(default_factory=dict)
    hashes: dict[int, bytes] = field(default_factory=dict)
    commits: list[tuple[int, int]] = field(default_factory=list)
    uncommitted: int = 0


def read_generation(read: Read) -> Generation | None:
    """The log's present generation. None when it has no header, or not a whole one."""
    header = read(0, HEADER.size)
    magic, version, page_size, _, salts, *state = HEADER.unpack(header)
    if magic not in (MAGIC_LITTLE, MAGIC_BIG) or version != VERSION or page_size not in PAGE_SIZES:
        return None
    order = "<" if magic == MAGIC_LITTLE else ">"
    start = Checksum(order).fold((0, 0), header[:HEADER_SUMMED])
    return Generation(salts, order, page_size, start) if start == tuple(state) else None


def start_of(generation: Generation) -> Position:
    return Position(generation, 0, generation.start)


def frame_at(generation: Generation, frame: int) -> int:
    """Where the frame begins in the file."""
    return HEADER.size + (frame - 1) * generation.frame_bytes


def is_there(read: Read, at: Position) -> bool:
    """Whether the frame of a position is still the one that was read: nobody has written over it."""
    if not at.frame:
        return True
    header = read(frame_at(at.generation, at.frame), FRAME.size)
    _, commit_size, salts, *state = FRAME.unpack(header)
    return bool(commit_size) and salts == at.generation.salts and tuple(state) == at.state


def read_on(read: Read, at: Position, last: int | None = None) -> Stretch:
    """Everything committed after a position, up to the frame `last` if it is given. Every checksum is verified."""
    found, waiting = Stretch(at), Stretch(at)
    amount, most = FIRST_FRAMES, max(1, MOST_BYTES // at.generation.frame_bytes)
    while last is None or waiting.end.frame < last:
        amount = min(amount, most, sys.maxsize if last is None else last - waiting.end.frame)
        block = _Block(read, waiting.end, amount)
        committed = block.committed
        if committed:
            block.take(waiting, 0, committed)
            _settle(found, waiting)
            waiting = Stretch(found.end)
        block.take(waiting, committed, block.good)
        if block.good < amount:
            break
        amount *= 2
    found.uncommitted = waiting.end.frame - found.end.frame
    return found


def _settle(found: Stretch, committed: Stretch) -> None:
    found.frames |= committed.frames
    found.hashes |= committed.hashes
    found.commits += committed.commits
    found.end = committed.end


class _Block:
    """Some frames after a position, as far as they continue it."""

    def __init__(self, read: Read, at: Position, amount: int) -> None:
        self._at = at
        self._length = at.generation.frame_bytes
        self._bytes = memoryview(read(frame_at(at.generation, at.frame + 1), amount * self._length))
        rows = np.frombuffer(self._bytes, dtype=np.uint8).reshape(amount, self._length)
        self._numbers = _big(rows[:, 0:4])[:, 0]
        self._sizes = _big(rows[:, 4:8])[:, 0]
        self._sums = _big(rows[:, SUMS])
        continues = self._continues(rows)
        self.good: int = amount if continues.all() else int(continues.argmin())
        ends = np.flatnonzero(self._sizes[: self.good])
        self.committed: int = int(ends[-1]) + 1 if len(ends) else 0

    def take(self, into: Stretch, start: int, end: int) -> None:
        """Add the frames from `start` up to `end`, counted in this block, to what was found before them."""
        if start == end:
            return
        first = self._at.frame + 1
        for number, row in dict(zip(self._numbers[start:end].tolist(), range(start, end), strict=True)).items():
            page = self._bytes[row * self._length + FRAME.size : (row + 1) * self._length]
            into.frames[number] = first + row
            into.hashes[number] = hash_as_scanned(number, page)
        for row in np.flatnonzero(self._sizes[start:end]).tolist():
            into.commits.append((first + start + row, int(self._sizes[start + row])))
        state = (int(self._sums[end - 1, 0]), int(self._sums[end - 1, 1]))
        into.end = Position(self._at.generation, first + end - 1, state)

    def _continues(self, rows: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
        """Of each frame: is it of this generation, and does its checksum follow from the one that stands before it."""
        generation = self._at.generation
        words = rows.view(np.dtype(f"{generation.order}u4"))
        if generation.order != NATIVE:
            words = words.astype(np.uint32)
        (a, b, c, d), first, second = weights(2 + generation.page_size // 4)
        before = np.vstack([np.array([self._at.state], dtype=np.uint32), self._sums[:-1]])
        s0, s1 = before[:, 0], before[:, 1]
        one, two, three, four = (np.uint32(factor) for factor in (a, b, c, d))
        right = (one * s0 + two * s1 + _summed(words, first)) == self._sums[:, 0]
        right &= (three * s0 + four * s1 + _summed(words, second)) == self._sums[:, 1]
        salts = np.frombuffer(generation.salts, dtype=np.uint8)
        right &= (rows[:, SALTS] == salts).all(axis=1)
        return np.asarray(right & (self._numbers != 0))


def _summed(words: Words, weight: Words) -> Words:
    """The first two words and the page of each frame, weighted: salts and checksum are not summed."""
    head = np.einsum("ij,j->i", words[:, :2], weight[:2])
    return np.asarray(head + np.einsum("ij,j->i", words[:, FRAME.size // 4 :], weight[2:]))


def _big(rows: npt.NDArray[np.uint8]) -> Words:
    return np.ascontiguousarray(rows).view(">u4").astype(np.uint32)
