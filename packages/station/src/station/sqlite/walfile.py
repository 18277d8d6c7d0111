"""SQLite's write-ahead log as a file format: written from pages, and read with every checksum verified.

What we write is one transaction: the last frame carries the number of pages the database has after it. The format is
described at https://www.sqlite.org/fileformat2.html#walformat.
"""

import hashlib
import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple, Protocol

from station.errors import DamagedObject
from station.sqlite.walsum import Checksum

MAGIC_LITTLE = 0x377F0682
MAGIC_BIG = 0x377F0683
VERSION = 3007000
HEADER = struct.Struct(">IIII8sII")
HEADER_SUMMED = 24
FRAME = struct.Struct(">II8sII")
FRAME_SUMMED = 8
PAGE_SIZES = {2**power for power in range(9, 17)}


class Writable(Protocol):
    """Anything that takes bytes: a file, a compressor."""

    def write(self, data: bytes, /) -> int: ...


class Frame(NamedTuple):
    """One page of a log. `commit_size` is the database's page count when the frame ends a transaction, else 0."""

    number: int
    commit_size: int
    page: bytes


def salts_for(text: str) -> bytes:
    """Eight bytes that tell one log from another; the same text gives the same ones."""
    return hashlib.sha256(text.encode()).digest()[:8]


class WalWriter:
    """Writes pages as one transaction. Nothing is a log before `finish` was called."""

    def __init__(self, out: Writable, page_size: int, salts: bytes) -> None:
        self._out = out
        self._salts = salts
        self._checksum = Checksum("<")
        start = HEADER.pack(MAGIC_LITTLE, VERSION, page_size, 0, salts, 0, 0)[:HEADER_SUMMED]
        self._state = self._checksum.fold((0, 0), start)
        self._waiting: tuple[int, bytes] | None = None
        self.frames = 0
        out.write(start + struct.pack(">II", *self._state))

    def add(self, number: int, page: bytes) -> None:
        """Append a page; it is held back until the next one, because the last one is written differently."""
        if self._waiting is not None:
            self._write(*self._waiting, 0)
        self._waiting = (number, page)

    def finish(self, page_count: int) -> None:
        """Commit: the database has that many pages. ValueError when no page was added, which SQLite cannot express."""
        if self._waiting is None:
            raise ValueError("a transaction without a page cannot be written as a log")
        self._write(*self._waiting, page_count)
        self._waiting = None

    def _write(self, number: int, page: bytes, commit_size: int) -> None:
        summed = struct.pack(">II", number, commit_size)
        fold = self._checksum.fold
        # A frame's header counts in the byte order of the magic number too, like everything else.
        self._state = fold(fold(self._state, summed), page)
        self._out.write(FRAME.pack(number, commit_size, self._salts, *self._state))
        self._out.write(page)
        self.frames += 1


class WalReader:
    """The frames of a log that must be whole; `name` is what an error calls it.

    DamagedObject when a checksum is wrong, or the log ends inside a frame or a transaction.
    """

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream = stream
        self._name = name
        header = read_exactly(stream, HEADER.size)
        if len(header) < HEADER.size:
            raise self._damaged("it is cut short: it ends inside its header")
        magic, version, self.page_size, _, self.salts, *state = HEADER.unpack(header)
        if magic not in (MAGIC_LITTLE, MAGIC_BIG) or version != VERSION or self.page_size not in PAGE_SIZES:
            raise self._damaged("it is not a SQLite write-ahead log")
        self._checksum = Checksum("<" if magic == MAGIC_LITTLE else ">")
        self._state = self._checksum.fold((0, 0), header[:HEADER_SUMMED])
        if self._state != tuple(state):
            raise self._damaged("the checksum of its header is wrong")

    def __iter__(self) -> Iterator[Frame]:
        length = FRAME.size + self.page_size
        commit_size = index = 0
        while block := read_exactly(self._stream, length):
            if len(block) < length:
                raise self._damaged(f"it is cut short: it ends inside frame {index + 1}")
            frame = self._frame(block, index + 1)
            commit_size, index = frame.commit_size, index + 1
            yield frame
        if not commit_size:
            raise self._damaged(f"it is cut short: no commit follows frame {index}")

    def _frame(self, block: bytes, index: int) -> Frame:
        number, commit_size, salts, *state = FRAME.unpack_from(block)
        page = block[FRAME.size :]
        fold = self._checksum.fold
        self._state = fold(fold(self._state, block[:FRAME_SUMMED]), page)
        if self._state != tuple(state) or salts != self.salts or not number:
            raise self._damaged(f"the checksum of frame {index} is wrong")
        return Frame(number, commit_size, page)

    def _damaged(self, why: str) -> DamagedObject:
        return DamagedObject(f"{self._name} is damaged: {why}", "Run `station db verify` to see what is whole")


def read_exactly(stream: BinaryIO, amount: int) -> bytes:
    """That many bytes, or what is left when the stream ends."""
    first = stream.read(amount)
    if len(first) == amount or not first:
        return first
    parts, missing = [first], amount - len(first)
    while missing and (part := stream.read(missing)):
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)
