"""The database as it was at the last point: a file of pages beside the page table, the dictionary of the next change.

STATE/shadow-DATABASE.db     page N at (N - 1) * page size; what was never put is zeros

Nothing of it is believed without its hash, so a shadow that is torn, old, sparse or another's costs bytes in the store
and never an error in it. Therefore it is not synced either. Nobody opens it as a database: SQLite never does here.
"""

import contextlib
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from station.points.deltaformat import Old
from station.points.point import DatabaseId
from station.sqlite.hashes import Pages, page_hash

SPARE_BYTES = 512 * 1024 * 1024
SPARE_SHARE = 0.1  # of the database
GATHER_BYTES = 256 * 1024


class Shadow:
    """The file at `path`, which is created by the first `put` and given up when the disk is full."""

    def __init__(self, path: Path, page_size: int) -> None:
        self.path = path
        self.page_size = page_size
        self._run: list[bytes] = []
        self._run_start = 0
        self._fd: int | None = None
        with contextlib.suppress(OSError):
            self._fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        self.given_up = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def has_room(self, page_count: int) -> bool:
        """Whether the disk has room for that many pages, and some beside."""
        needed = page_count * self.page_size
        disk = os.statvfs(self.path.parent)
        free = disk.f_bavail * disk.f_frsize
        with contextlib.suppress(OSError):
            free += self.path.stat().st_blocks * 512
        return free >= needed + max(int(needed * SPARE_SHARE), SPARE_BYTES)

    def page(self, number: int, expected: bytes) -> bytes | None:
        """The page, when what is stored has the hash `expected`."""
        page = self._read(number)
        return page if len(page) == self.page_size and page_hash(page, number) == expected else None

    def at(self, before: Pages) -> Old:
        """The pages as they were when the database had the pages `before`."""
        return lambda number: self.page(number, before.hash_of(number))

    def put(self, number: int, page: bytes) -> None:
        """Keep the page. On a full disk the shadow is given up instead, and removed."""
        if self._run and (number != self._run_start + len(self._run) or len(self._run) * self.page_size > GATHER_BYTES):
            self._flush()
        if not self._run:
            self._run_start = number
        self._run.append(page)

    def cut(self, page_count: int) -> None:
        """Keep no more than that many pages."""
        self._flush()
        if self._fd is None:
            return
        try:
            if os.fstat(self._fd).st_size > page_count * self.page_size:
                os.ftruncate(self._fd, page_count * self.page_size)
        except OSError:
            self.give_up()

    def give_up(self) -> None:
        """Remove the file; from now on there are no old pages."""
        self.given_up = True
        self.close()
        with contextlib.suppress(OSError):
            self.path.unlink()

    def close(self) -> None:
        self._flush()
        if self._fd is not None:
            os.close(self._fd)
        self._fd = None

    def _read(self, number: int) -> bytes:
        if self._run and 0 <= number - self._run_start < len(self._run):
            return self._run[number - self._run_start]
        try:
            return b"" if self._fd is None else os.pread(self._fd, self.page_size, (number - 1) * self.page_size)
        except OSError:
            return b""

    def _flush(self) -> None:
        run, self._run = self._run, []
        if not run or self.given_up:
            return
        try:
            if self._fd is None:
                self._fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self._write(b"".join(run), (self._run_start - 1) * self.page_size)
        except OSError:
            self.give_up()

    def _write(self, block: bytes, offset: int) -> None:
        assert self._fd is not None
        while block:
            written = os.pwrite(self._fd, block, offset)
            block, offset = block[written:], offset + written


def shadow_path(state: Path, identity: DatabaseId) -> Path:
    """Where a database's shadow is."""
    return state / f"shadow-{identity.database}.db"
