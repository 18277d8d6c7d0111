"""The stored objects as files: written as a compressed spool in the outbox, read as a verified stream.

A full copy starts with a zstd frame that holds page 1 uncompressed, so that its place can be kept until the scan gives
it, which is last. What follows is an ordinary zstd frame; `unzstd` reads both as one file.
"""

import hashlib
import os
import struct
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, cast

import zstandard

from station.errors import DamagedObject, StoreError
from station.points.point import Point
from station.sqlite.header import lock_page
from station.sqlite.walfile import WalWriter, salts_for
from station.stores.store import NoSuchKey, Store

LEVEL = 2
GATHER_BYTES = 256 * 1024
ZSTD_MAGIC = 0xFD2FB528
SINGLE_SEGMENT_4_BYTE_SIZE = 0xA0
RAW_LAST_BLOCK = 1
VERIFY_HINT = "Run `station db verify` to see what is whole"


class Spool(ABC):
    """A compressed file being written. It is gone when the block is left; after a kill the outbox is swept."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.unlink(missing_ok=True)
        self._file = path.open("xb")
        self._gathered: list[bytes] = []
        self._bytes = 0
        self._stream: zstandard.ZstdCompressionWriter | None = None
        self.pages = 0

    @abstractmethod
    def add(self, number: int, page: bytes) -> None:
        """Take one page of the scan."""

    @abstractmethod
    def seal(self, page_count: int) -> tuple[int, str]:
        """End the file, which leads to that many pages, and make it durable: its size and its SHA-256."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()
        self.path.unlink(missing_ok=True)

    def write(self, data: bytes, /) -> int:
        self._gathered.append(data)
        self._bytes += len(data)
        if self._bytes >= GATHER_BYTES:
            self._flush()
        return len(data)

    def _flush(self) -> None:
        if self._stream is None:
            self._stream = zstandard.ZstdCompressor(level=LEVEL).stream_writer(self._file, closefd=False)
        self._stream.write(b"".join(self._gathered))
        self._gathered.clear()
        self._bytes = 0

    def _seal(self) -> tuple[int, str]:
        self._flush()
        assert self._stream is not None
        self._stream.close()  # type: ignore[no-untyped-call]  # the stubs forgot its result
        self._file.flush()
        os.fsync(self._file.fileno())
        with self.path.open("rb") as whole:
            return self.path.stat().st_size, hashlib.file_digest(whole, "sha256").hexdigest()


class BaseSpool(Spool):
    """A whole database. Pages must come in ascending order, but page 1 last."""

    def __init__(self, path: Path, page_size: int, page_count: int) -> None:
        super().__init__(path)
        self._page_size = page_size
        self._next = 2
        self._lock_page = lock_page(page_size)
        if page_count:
            self._file.write(_raw_frame(bytes(page_size)))

    def add(self, number: int, page: bytes) -> None:
        self.pages += 1
        if number == 1:
            self._flush()
            end = self._file.tell()
            self._file.seek(0)
            self._file.write(_raw_frame(page))
            self._file.seek(end)
            return
        if self._next == self._lock_page:
            self.write(bytes(self._page_size))
            self._next += 1
        if number != self._next:
            raise AssertionError(f"page {number} came where {self._next} was due")
        self.write(page)
        self._next += 1

    def seal(self, page_count: int) -> tuple[int, str]:
        return self._seal()


class ChangeSpool(Spool):
    """A write-ahead log with the pages that changed; `name` tells it from every other log."""

    def __init__(self, path: Path, page_size: int, name: str) -> None:
        super().__init__(path)
        self._log = WalWriter(self, page_size, salts_for(name))

    def add(self, number: int, page: bytes) -> None:
        self.pages += 1
        self._log.add(number, page)

    def seal(self, page_count: int) -> tuple[int, str]:
        self._log.finish(page_count)
        return self._seal()


@contextmanager
def opened(store: Store, point: Point) -> Iterator[BinaryIO]:
    """The object of a point, decompressed. DamagedObject when it is missing or is not what the record says.

    That is known for certain only when the block is left: until then what was read must not be used.
    """
    key = point.object_key
    try:
        with store.open(key) as stored:
            counting = _Counting(stored)
            decompressor = zstandard.ZstdDecompressor()
            with decompressor.stream_reader(cast(BinaryIO, counting), read_across_frames=True, closefd=False) as stream:
                yield stream
                while stream.read(GATHER_BYTES):
                    pass
            counting.drain()
    except NoSuchKey as why:
        raise DamagedObject(f"{key} is missing", VERIFY_HINT) from why
    except zstandard.ZstdError as why:
        raise DamagedObject(f"{key} is damaged: it does not decompress ({why})", VERIFY_HINT) from why
    except OSError as why:
        raise StoreError(f"{key} could not be read or unpacked: {why}", "Is a disk full, or gone?") from why
    _compare(point, counting.size, counting.sha256)


def check_object(store: Store, point: Point) -> None:
    """Read the stored bytes without unpacking them. DamagedObject when they are not what the record says."""
    try:
        with store.open(point.object_key) as stored:
            counting = _Counting(stored)
            counting.drain()
    except NoSuchKey as why:
        raise DamagedObject(f"{point.object_key} is missing", VERIFY_HINT) from why
    _compare(point, counting.size, counting.sha256)


class _Counting:
    """A stream that counts and hashes what is read through it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._hash = hashlib.sha256()
        self.size = 0

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def read(self, amount: int = -1) -> bytes:
        block = self._stream.read(amount)
        self._hash.update(block)
        self.size += len(block)
        return block

    def drain(self) -> None:
        while self.read(1 << 20):
            pass


def _compare(point: Point, size: int, sha256: str) -> None:
    if size != point.object_bytes:
        why = f"it has {size} bytes, its record says {point.object_bytes}"
    elif sha256 != point.object_sha256:
        why = "its SHA-256 is not the one in its record"
    else:
        return
    raise DamagedObject(f"{point.object_key} is damaged: {why}", VERIFY_HINT)


def _raw_frame(page: bytes) -> bytes:
    """A zstd frame of known length: one block, not compressed."""
    block = len(page) << 3 | RAW_LAST_BLOCK
    return struct.pack("<IBI", ZSTD_MAGIC, SINGLE_SEGMENT_4_BYTE_SIZE, len(page)) + block.to_bytes(3, "little") + page
