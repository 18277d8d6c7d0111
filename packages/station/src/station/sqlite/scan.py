"""Reading a whole database, live or not, page by page. The scan defines what a database's pages are.

SQLite's backup API reads all pages in one step inside one read transaction; the copy goes to `station.sqlite.sink`,
which keeps nothing. A live database is never checkpointed by us: SQLite 3.7.0 to 3.51.2 can corrupt a database when two
processes do, and the app may use such a version.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import apsw

from station.errors import DatabaseError
from station.sqlite.follow import Follower, Moment
from station.sqlite.hashes import Pages
from station.sqlite.sink import OnPage, copying

BUSY_TIMEOUT_MS = 10_000  # a writer in rollback-journal mode may hold its lock for a long import


class Snapshot:
    """One consistent moment of a database, held by a read transaction."""

    def __init__(self, connection: apsw.Connection, follower: Follower | None = None) -> None:
        self.connection = connection
        self._follower = follower
        self.page_size: int = connection.pragma("page_size")
        self.page_count: int = connection.pragma("page_count")
        self.data_version: int = connection.pragma("data_version")

    def scan(self, on_page: OnPage | None = None, known: bytes = b"") -> Pages:
        """Hash every page; hand those whose hash is not the one in `known` to `on_page(number, page)`.

        Pages come in ascending order from 2, and page 1 last. The page that SQLite never uses (`lock_page`) does not
        come, and its hash is zero. Whatever `on_page` raises ends the scan and is raised here.
        The next `follow` says what changed since.
        """
        pages = self._scan(on_page, known)
        if self._follower is not None:
            self._follower.scanned(self.connection, pages)
        return pages

    def follow(self) -> Moment | None:
        """This moment or a later one, told from the log: what it costs follows what changed since the last look.

        None when the log cannot tell; then `scan`. The look before is the last `follow` or `scan` of this Database.
        """
        return None if self._follower is None else self._follower.follow(self.connection)

    def confirm(self, moment: Moment) -> bool | None:
        """Scan, and say whether the pages of a moment of this snapshot are right; None when that cannot be told.

        The next `follow` still says what changed since `moment`.
        """
        return moment.agrees_with(self._scan(None, b""))

    def _scan(self, on_page: OnPage | None, known: bytes) -> Pages:
        if self.page_count == 0:
            return Pages(self.page_size, b"")
        with copying(self.page_size, self.page_count, on_page, known) as (destination, sink):
            with destination.backup("main", self.connection, "main") as backup:
                backup.step(-1)
            return Pages(self.page_size, sink.finish())


class Database:
    """An open database file that is only read. Use it as a context manager."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection: apsw.Connection | None = None
        self._file_id: tuple[int, int] | None = None
        self._follower = Follower()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = self._file_id = None
        self._follower = Follower()

    def changed_since(self, data_version: int) -> bool:
        """False only if nothing was written, by anybody, since a snapshot of this object had that `data_version`."""
        if self._connection is None or self._file_id != _file_id(self.path):
            return True
        with failures(self.path):
            return bool(self._connection.pragma("data_version") != data_version)

    @contextmanager
    def reading(self) -> Iterator[Snapshot]:
        """A snapshot, until the block is left. DatabaseError when there is no database or it cannot be read."""
        with failures(self.path):
            connection = self._begin()
            try:
                yield Snapshot(connection, self._follower)
            finally:
                with suppress(apsw.Error):
                    connection.execute("rollback")

    def _begin(self) -> apsw.Connection:
        connection = self._open()
        try:
            _begin(connection)
        except apsw.CorruptError:
            # Seen once in 400,000 openings beside a busy writer, on a database that was whole. Twice is the truth.
            self.close()
            connection = self._open()
            _begin(connection)
        return connection

    def _open(self) -> apsw.Connection:
        file_id = _file_id(self.path)
        if file_id is None:
            self.close()
            raise DatabaseError(f"{self.path} not read: there is no such file", "Has the app been started yet?")
        if self._connection is None or self._file_id != file_id:
            self.close()
            self._connection = _connect(self.path)
            self._file_id = file_id
        return self._connection


def scan_database(path: Path, on_page: OnPage | None = None) -> Pages:
    """Scan a database that may be in use."""
    with Database(path) as database, database.reading() as snapshot:
        return snapshot.scan(on_page)


def scan_file(path: Path) -> Pages:
    """Scan a database file that nobody else has open and that has no log beside it; nothing is left beside it."""
    if path.stat().st_size == 0:
        return Pages(4096, b"")
    with failures(path):
        flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
        connection = apsw.Connection(f"file:{quote(str(path))}?immutable=1", flags=flags)
        try:
            _begin(connection)
            return Snapshot(connection).scan()
        finally:
            connection.close()


def check_integrity(path: Path) -> str | None:
    """What SQLite's own check finds wrong with a file that nobody else has open; None when it is whole."""
    with failures(path):
        flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
        connection = apsw.Connection(f"file:{quote(str(path))}?immutable=1", flags=flags)
        try:
            found = "; ".join(str(row[0]) for row in connection.execute("pragma integrity_check(5)"))
        finally:
            connection.close()
    return None if found == "ok" else found


def _connect(path: Path) -> apsw.Connection:
    # Opened for writing because SQLite may have to recover a log or roll back a journal before it can be read.
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    connection.set_busy_timeout(BUSY_TIMEOUT_MS)
    connection.pragma("wal_autocheckpoint", 0)
    return connection


def _begin(connection: apsw.Connection) -> None:
    connection.execute("begin")
    try:
        connection.execute("select count(*) from sqlite_schema").fetchall()
    except apsw.Error:
        with suppress(apsw.Error):
            connection.execute("rollback")
        raise


def _file_id(path: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - a stat of the name; opening the file here would drop SQLite's locks
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


@contextmanager
def failures(path: Path) -> Iterator[None]:
    """What SQLite raises in the block becomes a DatabaseError."""
    try:
        yield
    except apsw.NotADBError as why:
        raise DatabaseError(f"{path} not read: it is not a SQLite database", "Look at the file's first line") from why
    except (apsw.BusyError, apsw.LockedError) as why:
        raise DatabaseError(
            f"{path} not read: a writer held it for more than {BUSY_TIMEOUT_MS // 1000} s",
            "Look for a process that keeps a transaction open",
        ) from why
    except apsw.Error as why:
        raise DatabaseError(f"{path} not read: {why}", "Check it with `sqlite3 FILE 'PRAGMA integrity_check'`") from why
