"""Following a database through its write-ahead log: only the pages that were written since the last look are read.

A moment is the state after the last commit that stands whole in the log. A page of it is its last frame up to there, or
lies in the database file. That holds as long as the read transaction does: its mark keeps checkpoints from copying
younger frames into the database. A log that was copied whole before we began may be restarted under us; then the
database file holds what its frames held. So a page is looked for in both places and believed by its hash alone.

Log and database are read through SQLite's own file handles: opening and closing a database in this process would drop
the locks that its connections hold.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import apsw

from station.errors import DatabaseError
from station.sqlite.hashes import Pages, hash_as_scanned
from station.sqlite.header import as_fresh_copy, lock_page
from station.sqlite.livelog import (
    Generation,
    Position,
    Read,
    Stretch,
    frame_at,
    is_there,
    read_generation,
    read_on,
    start_of,
)
from station.sqlite.walfile import FRAME, HEADER

IN_DATABASE, IN_LOG = 0, 1  # what `apsw.Connection.read` calls them
ROUND_SIZES = (1000, 1024)  # a log of such a length was cut to a limit that a person chose


class LogOvertaken(DatabaseError):
    """A page of a moment is no longer to be had. Scan instead."""


@dataclass(frozen=True)
class _Look:
    """What is known after a look: `pages` as the caller has them, and the position that the next look starts from.

    `pending` pages were written before the position, and are not in `pages`.
    """

    pages: Pages
    position: Position
    page_count: int
    frames: dict[int, int]
    pending: frozenset[int] = frozenset()


class Moment:
    """A database as it is after some commit. `changed` are the pages that differ from the last look or scan, sorted.

    `page` may be called until the read transaction ends.
    """

    def __init__(self, connection: apsw.Connection, look: _Look, changed: list[int]) -> None:
        self.pages = look.pages
        self.changed = changed
        self._connection = connection
        self._look = look

    def page(self, number: int) -> bytes:
        """A page as a scan gives it. LogOvertaken when it is gone; ValueError when the moment has no such page."""
        if not 1 <= number <= self.pages.page_count or number == lock_page(self.pages.page_size):
            raise ValueError(f"there is no page {number}")
        expected = self.pages.hash_of(number)
        for page in _copies(self._connection, self._look, number):
            if hash_as_scanned(number, page) == expected:
                return as_fresh_copy(page) if number == 1 else page
        raise LogOvertaken(f"Page {number} is not to be had: the log was written over while it was read")

    def agrees_with(self, scanned: Pages) -> bool | None:
        """Whether a scan within the same read transaction proves the pages of this moment right.

        Commits between the scan's moment and this one do not hinder: their pages are read from the log once more, from
        its first frame on. None when they are no longer to be had.
        """
        if scanned == self.pages:
            return True
        position = self._look.position
        again = read_on(_log(self._connection), start_of(position.generation), position.frame)
        if again.end != position:
            return None
        count = self.pages.page_count
        found = {number: page for number, page in again.hashes.items() if number <= count}
        return scanned.changed(found, count) == self.pages


class Follower:
    """Remembers where in the log of one connection the last look ended."""

    def __init__(self) -> None:
        self._look: _Look | None = None

    def scanned(self, connection: apsw.Connection, pages: Pages) -> None:
        """A scan within the read transaction of `connection` found these pages: follow from here."""
        self._look = None
        if connection.pragma("journal_mode") != "wal":
            return
        read = _log(connection)
        generation = _generation(connection)
        if generation is None or generation.page_size != pages.page_size:
            return
        # Commits may stand in the log that the scan's read mark leaves out: what they wrote is pending.
        found = read_on(read, start_of(generation))
        if read_generation(read) != generation:
            return
        sizes = [size for _, size in found.commits]
        self._look = _Look(
            pages=pages,
            position=found.end,
            page_count=sizes[-1] if sizes else pages.page_count,
            frames=found.frames,
            pending=frozenset(number for number, page in found.hashes.items() if page != pages.hash_of(number)),
        )

    def follow(self, connection: apsw.Connection) -> Moment | None:
        """The moment after the log's last commit. None when the log cannot tell what changed since the last look."""
        look, self._look = self._look, None
        if look is None or connection.pragma("journal_mode") != "wal":
            return None
        for _ in range(2):  # while we hold the read transaction the log can be restarted once, and no more
            generation = _generation(connection)
            found = None if generation is None else _read_since(connection, look, generation)
            if generation is None or found is None:
                return None
            if _generation(connection) == generation:
                return self._moment(connection, look, *found)
        return None

    def _moment(self, connection: apsw.Connection, look: _Look, tail: Stretch | None, new: Stretch) -> Moment | None:
        page_size = look.pages.page_size
        sizes = [look.page_count, *(size for part in (tail, new) if part for _, size in part.commits)]
        count, lowest = sizes[-1], min(*sizes, look.pages.page_count)
        frames = new.frames if tail else look.frames | new.frames
        after = _Look(look.pages, new.end, count, frames)
        written = {*new.hashes, *(tail.hashes if tail else ()), *look.pending}
        if not written.issuperset(_grown(lowest, count, page_size)):
            return None  # never seen: in this mode SQLite writes every page that it adds, free ones too
        candidates = {number for number in written if number <= count}
        candidates.discard(lock_page(page_size))
        found = {number: new.hashes.get(number) or _hash_of(connection, after, number) for number in sorted(candidates)}
        changed = {number: page for number, page in found.items() if page != look.pages.hash_of(number)}
        pages = look.pages.changed(changed, count)
        self._look = _Look(pages, new.end, count, frames)
        return Moment(connection, self._look, list(changed))


def _read_since(
    connection: apsw.Connection, look: _Look, generation: Generation
) -> tuple[Stretch | None, Stretch] | None:
    """What was committed since the look: the end of the generation it ended in, if that is over, and the present one.

    None when the log does not continue at the look's position.
    """
    read, position = _log(connection), look.position
    if generation == position.generation:
        return (None, read_on(read, position)) if is_there(read, position) else None
    if not position.frame or not generation.follows(position.generation):
        return None
    tail = read_on(read, position)
    # In this order: the new generation writes upwards, so while our frame stands what follows it was not overwritten.
    if _is_cut(connection, tail) or not is_there(read, position):
        return None
    return tail, read_on(read, start_of(generation))


def _is_cut(connection: apsw.Connection, tail: Stretch) -> bool:
    """Whether the end of a generation may be missing: SQLite cuts a log to its journal_size_limit when it restarts."""
    size = _file_bytes(connection.filename_wal)
    frames, rest = divmod(size - HEADER.size, tail.end.generation.frame_bytes)
    if frames > tail.end.frame + tail.uncommitted:
        return False  # a frame follows that is not of this generation, so it never got there
    return bool(rest or tail.uncommitted) or any(size % round_size == 0 for round_size in ROUND_SIZES)


def _file_bytes(path: str) -> int:
    """0 when the file was deleted under us."""
    with suppress(FileNotFoundError):
        return os.stat(path).st_size  # noqa: PTH116 - a stat; opening the file here would drop SQLite's locks
    return 0


def _grown(before: int, after: int, page_size: int) -> list[int]:
    return [number for number in range(before + 1, after + 1) if number != lock_page(page_size)]


def _generation(connection: apsw.Connection) -> Generation | None:
    try:
        return read_generation(_log(connection))
    except apsw.SQLError:  # there is no log yet
        return None


def _log(connection: apsw.Connection) -> Read:
    return lambda offset, amount: connection.read("main", IN_LOG, offset, amount)[1]


def _hash_of(connection: apsw.Connection, look: _Look, number: int) -> bytes:
    return hash_as_scanned(number, next(iter(_copies(connection, look, number))))


def _copies(connection: apsw.Connection, look: _Look, number: int) -> Iterator[bytes]:
    """Where the page lies: its last frame in the log, if it has one, then the database."""
    page_size = look.pages.page_size
    frame = look.frames.get(number)
    if frame is not None:
        at = frame_at(look.position.generation, frame) + FRAME.size
        yield connection.read("main", IN_LOG, at, page_size)[1]
    yield connection.read("main", IN_DATABASE, (number - 1) * page_size, page_size)[1]
