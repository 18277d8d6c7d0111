"""A portable copy as a file on this host: written from one scan of the live database, proved, read back.

Its pages are those of the scan, with one difference: bytes 18 and 19 of page 1 say rollback journal, where the live
database's may say write-ahead log. Such a file opens from a place where nothing can be written, and on any system.
"""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from station.errors import DamagedObject, DatabaseError, StationError
from station.sqlite.hashes import HASH_BYTES, Pages, page_hash
from station.sqlite.scan import Database, check_integrity, scan_file

FORMAT_VERSIONS = slice(18, 20)
ROLLBACK = b"\1\1"
WAL = b"\2\2"
TOLD_EVERY_BYTES = 4_000_000

OnBytes = Callable[[int, int], None]
"""How far it is: bytes done, bytes in all."""


@dataclass(frozen=True)
class Made:
    """What a scan wrote: the pages of the database, and the file."""

    pages: Pages
    wal: bool
    bytes: int
    sha256: str


def write_portable(database: Path, target: Path, on_bytes: OnBytes | None = None) -> Made:
    """Write the database, which may be in use, to `target` as it is at this moment, and prove what was written.

    DatabaseError when it cannot be read; DamagedObject when SQLite finds fault with it; StationError for a full disk.
    """
    try:
        with target.open("xb") as file, Database(database) as live, live.reading() as snapshot:
            writer = _Writer(file, snapshot.page_size, snapshot.page_count, on_bytes)
            pages = snapshot.scan(writer.add)
            file.truncate(pages.page_count * pages.page_size)
            file.flush()
            os.fsync(file.fileno())
        size_bytes, sha256 = size_and_sha256(target)
    except OSError as why:
        raise StationError(
            f"No copy of {database} made: {why.strerror or why} ({target})", "Look at the disk: is it full?"
        ) from why
    prove_portable(target, pages.digest, writer.wal)
    return Made(pages, writer.wal, size_bytes, sha256)


def prove_portable(file: Path, digest: str, wal: bool) -> None:
    """DamagedObject unless the file holds the pages of that digest and SQLite finds no fault with it."""
    if portable_digest(file, wal) != digest:
        raise DamagedObject(
            f"{file} is not what was written to it", "The disk loses data: look at `dmesg`, take another one"
        )
    if (fault := _fault(file)) is not None:
        raise DamagedObject(
            f"The copy equals its database, but SQLite finds fault with it: {fault}",
            "The database itself is damaged: restore an earlier point with `station db restore --at`",
        )


def portable_digest(file: Path, wal: bool) -> str:
    """The digest that the database had which the file is a copy of."""
    pages = scan_file(file)
    if not pages.page_count:
        return pages.digest
    with file.open("rb") as stream:
        first = bytearray(stream.read(pages.page_size))  # as the scan gave it, but for the two bytes
    first[FORMAT_VERSIONS] = WAL if wal else ROLLBACK
    return Pages(pages.page_size, page_hash(bytes(first), 1) + pages.hashes[HASH_BYTES:]).digest


def _fault(file: Path) -> str | None:
    try:
        return check_integrity(file) if file.stat().st_size else None
    except DatabaseError as why:  # so broken that the check itself gives up
        return str(why.__cause__)


def size_and_sha256(file: Path) -> tuple[int, str]:
    with file.open("rb") as whole:
        return file.stat().st_size, hashlib.file_digest(whole, "sha256").hexdigest()


class _Writer:
    """Puts the pages of a scan where they belong. The page that SQLite never uses stays a hole: zeros."""

    def __init__(self, file: BinaryIO, page_size: int, page_count: int, on_bytes: OnBytes | None) -> None:
        self._file = file
        self._page_size = page_size
        self._all_bytes = page_size * page_count
        self._on_bytes = on_bytes
        self._at = self._done = self._told = 0
        self.wal = False

    def add(self, number: int, page: bytes) -> None:
        if number == 1:
            self.wal = page[FORMAT_VERSIONS] == WAL
            page = page[: FORMAT_VERSIONS.start] + ROLLBACK + page[FORMAT_VERSIONS.stop :]
        start = (number - 1) * self._page_size
        if start != self._at:  # a seek empties Python's buffer, also one to where it is
            self._file.seek(start)
        self._file.write(page)
        self._at = start + self._page_size
        self._done += self._page_size
        if self._on_bytes is not None and self._done - self._told >= TOLD_EVERY_BYTES:
            self._told = self._done
            self._on_bytes(self._done, self._all_bytes)
