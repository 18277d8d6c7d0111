"""An object while it is written: a compressed file in the outbox, encrypted at the end when the store has a key.

A full copy starts with a zstd frame that holds page 1 uncompressed, so that its place can be kept until the scan gives
it, which is last. What follows is an ordinary zstd frame; `unzstd` reads both as one file.
"""

import hashlib
import os
import struct
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, ClassVar, Self, cast

import zstandard

from station.sqlite.header import lock_page
from station.sqlite.walfile import WalReader, WalWriter, salts_for
from station.stores.cipher import SUFFIX, Cipher

LEVEL = 2
GATHER_BYTES = 256 * 1024
ZSTD_MAGIC = 0xFD2FB528
SINGLE_SEGMENT_4_BYTE_SIZE = 0xA0
RAW_LAST_BLOCK = 1


class Spool(ABC):
    """A file being written, to be published under `path` once it is sealed.

    It is gone when the block is left; after a kill the outbox is swept.
    """

    encoding: ClassVar[str] = "plain"

    def __init__(self, path: Path, cipher: Cipher | None = None) -> None:
        self.path = path
        self.pages = 0
        self.key = ""  # that the sealed file is encrypted to
        self._plain = path
        self._cipher = cipher
        path.unlink(missing_ok=True)
        self._file = path.open("x+b")

    @abstractmethod
    def add(self, number: int, page: bytes) -> None:
        """Take one page of the scan."""

    @abstractmethod
    def _finish(self, page_count: int) -> None:
        """Write what is still to be written; the file leads to that many pages."""

    def seal(self, page_count: int) -> tuple[int, str]:
        """End the file, which leads to that many pages, and make it durable: its size and its SHA-256 as stored."""
        self._finish(page_count)
        self._file.flush()
        if self._cipher is None:
            os.fsync(self._file.fileno())
        else:
            self.path = self._plain.with_name(f"{self._plain.name}{SUFFIX}")
            self.key = self._cipher.encrypt(self._plain, self.path)
            self._plain.unlink()  # what it holds can still be read by the open file
        with self.path.open("rb") as whole:
            return self.path.stat().st_size, hashlib.file_digest(whole, "sha256").hexdigest()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            self._file.close()
        finally:  # on a full disk closing fails too: something waits to be written
            for path in {self._plain, self.path}:
                path.unlink(missing_ok=True)


class _Compressed:
    """Gathers small writes and compresses them into a file."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._gathered: list[bytes] = []
        self._bytes = 0
        self._stream: zstandard.ZstdCompressionWriter | None = None

    def write(self, data: bytes, /) -> int:
        self._gathered.append(data)
        self._bytes += len(data)
        if self._bytes >= GATHER_BYTES:
            self.flush()
        return len(data)

    def flush(self) -> None:
        if self._stream is None:
            self._stream = zstandard.ZstdCompressor(level=LEVEL).stream_writer(self._file, closefd=False)
        self._stream.write(b"".join(self._gathered))
        self._gathered.clear()
        self._bytes = 0

    def end(self) -> None:
        self.flush()
        assert self._stream is not None
        self._stream.close()  # type: ignore[no-untyped-call]  # the stubs forgot its result


class BaseSpool(Spool):
    """A whole database. Pages must come in ascending order, but page 1 last."""

    def __init__(self, path: Path, page_size: int, page_count: int, cipher: Cipher | None = None) -> None:
        super().__init__(path, cipher)
        self._out = _Compressed(self._file)
        self._page_size = page_size
        self._next = 2
        self._lock_page = lock_page(page_size)
        if page_count:
            self._file.seek(len(_raw_frame(bytes(page_size))))  # its place; writing may find the disk full, not here

    def add(self, number: int, page: bytes) -> None:
        self.pages += 1
        if number == 1:
            self._out.flush()
            end = self._file.tell()
            self._file.seek(0)
            self._file.write(_raw_frame(page))
            self._file.seek(end)
            return
        if self._next == self._lock_page:
            self._out.write(bytes(self._page_size))
            self._next += 1
        if number != self._next:
            raise AssertionError(f"page {number} came where {self._next} was due")
        self._out.write(page)
        self._next += 1

    def _finish(self, page_count: int) -> None:
        self._out.end()


class ChangeSpool(Spool):
    """A write-ahead log with the pages that changed; `name` tells it from every other log."""

    def __init__(self, path: Path, page_size: int, name: str, cipher: Cipher | None = None) -> None:
        super().__init__(path, cipher)
        self._out = _Compressed(self._file)
        self._log = WalWriter(self._out, page_size, salts_for(name))

    def add(self, number: int, page: bytes) -> None:
        self.pages += 1
        self._log.add(number, page)

    def _finish(self, page_count: int) -> None:
        self._log.finish(page_count)
        self._out.end()

    def changes(self) -> Iterator[tuple[int, bytes]]:
        """Number and content of every page of the sealed file, read back from it; until the block is left."""
        self._file.seek(0)
        with zstandard.ZstdDecompressor().stream_reader(self._file, closefd=False) as log:
            for frame in WalReader(cast("BinaryIO", log), str(self._plain)):
                yield frame.number, frame.page


def _raw_frame(page: bytes) -> bytes:
    """A zstd frame of known length: one block, not compressed."""
    block = len(page) << 3 | RAW_LAST_BLOCK
    return struct.pack("<IBI", ZSTD_MAGIC, SINGLE_SEGMENT_4_BYTE_SIZE, len(page)) + block.to_bytes(3, "little") + page
