"""A file system for SQLite that keeps nothing: whatever is written to it is hashed and handed on, page by page."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import apsw

from station.errors import DatabaseError
from station.sqlite.hashes import HASH_BYTES, NO_PAGE, page_hash
from station.sqlite.header import as_fresh_copy, lock_page

NAME = "station-sink"
CACHE_PAGES = 64  # SQLite hands on its dirty pages when this many have gathered

OnPage = Callable[[int, bytes], None]


class Sink:
    """What SQLite takes for the copy of a database. Only page 1 can be read back."""

    def __init__(self, page_size: int, page_count: int, on_page: OnPage | None, known: bytes) -> None:
        self._page_size = page_size
        self._page_count = page_count
        self._on_page = on_page
        self._known = known
        self._hashes = bytearray(HASH_BYTES)  # page 1 is filled in at the end
        self._first: bytes | None = None
        self._lock_page = lock_page(page_size)

    def finish(self) -> bytes:
        """The hash of every page, once SQLite has written them all."""
        if self._first is None or len(self._hashes) != self._page_count * HASH_BYTES:
            seen = len(self._hashes) // HASH_BYTES
            raise DatabaseError(f"The scan is not whole: {seen} of {self._page_count} pages were read")
        first = as_fresh_copy(self._first)
        self._hashes[:HASH_BYTES] = page_hash(first, 1)
        if self._on_page is not None and self._hashes[:HASH_BYTES] != self._known[:HASH_BYTES]:
            self._on_page(1, first)
        return bytes(self._hashes)

    def write(self, block: bytes, offset: int) -> None:
        # Called for every page of the database: what is usual comes first, and calls nothing but the hash.
        hashes = self._hashes
        size = self._page_size
        start = len(hashes)
        if len(block) != size or offset * HASH_BYTES != start * size:
            self._unusual(block, offset)
            return
        number = offset // size + 1
        found = page_hash(block, number)
        hashes += found
        if self._on_page is not None and found != self._known[start : start + HASH_BYTES]:
            self._on_page(number, block)

    def read(self, amount: int, offset: int) -> bytes:
        return b"" if self._first is None else self._first[offset : offset + amount]

    def _unusual(self, block: bytes, offset: int) -> None:
        """Page 1, the page after the one that SQLite never uses, or no page at all."""
        size = self._page_size
        if len(block) != size or offset % size:
            raise DatabaseError(f"The scan met a block of {len(block)} bytes at {offset}: not a page of {size} bytes")
        number = offset // size + 1
        if number == 1:
            self._first = block
            return
        seen = len(self._hashes) // HASH_BYTES
        if number != self._lock_page + 1 or seen != number - 2:
            raise DatabaseError(f"The scan met page {number} out of order, after {seen}")
        self._hashes += NO_PAGE
        self.write(block, offset)


class _File:
    """The sink as SQLite wants a file to look."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self.xWrite = sink.write  # apsw carries what is raised there through SQLite to the caller

    def xRead(self, amount: int, offset: int) -> bytes:
        return self._sink.read(amount, offset)

    def xFileSize(self) -> int:
        return 0

    def xTruncate(self, size: int) -> None: ...

    def xSync(self, flags: int) -> None: ...

    def xLock(self, level: int) -> None: ...

    def xUnlock(self, level: int) -> None: ...

    def xCheckReservedLock(self) -> bool:
        return False

    def xFileControl(self, operation: int, pointer: int) -> bool:
        return False

    def xSectorSize(self) -> int:
        return 512

    def xDeviceCharacteristics(self) -> int:
        return 0

    def xClose(self) -> None: ...


class _FileSystem(apsw.VFS):
    def __init__(self) -> None:
        self.sinks: dict[str, Sink] = {}
        super().__init__(NAME, "")

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> _File:  # type: ignore[override]
        return _File(self.sinks[str(name.filename() if isinstance(name, apsw.URIFilename) else name)])

    def xFullPathname(self, name: str) -> str:
        return name

    def xAccess(self, pathname: str, flags: int) -> bool:
        return False

    def xDelete(self, filename: str, syncdir: bool) -> None: ...


_file_system = _FileSystem()
_names = itertools.count()


@contextmanager
def copying(
    page_size: int, page_count: int, on_page: OnPage | None, known: bytes
) -> Iterator[tuple[apsw.Connection, Sink]]:
    """A database to copy into, and the sink behind it. What the sink raises comes out of the copying."""
    name = f"sink-{next(_names)}"
    sink = _file_system.sinks[name] = Sink(page_size, page_count, on_page, known)
    try:
        connection = apsw.Connection(name, vfs=NAME)
        try:
            for pragma in ("journal_mode=off", "synchronous=off", "locking_mode=exclusive"):
                connection.execute(f"pragma {pragma}")
            connection.pragma("cache_size", CACHE_PAGES)
            yield connection, sink
        finally:
            connection.close()
    finally:
        del _file_system.sinks[name]
