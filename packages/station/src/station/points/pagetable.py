"""What the last point held, page by page: a small SQLite file beside the database, 16 bytes a page.

It changes in one transaction and is believed only while its hashes add up to the digest of the point it names. What
a small change brings is appended, and folded into the blocks when much has gathered: pages that are written here and
there would otherwise touch nearly every block, for each point.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw
import numpy as np
from numpy.typing import NDArray

from station.errors import DamagedObject, DatabaseError
from station.points.point import DatabaseId, Point, from_record, to_record
from station.sqlite.hashes import HASH_BYTES, Pages

BLOCK_BYTES = 256 * HASH_BYTES
NUMBER_BYTES = 4
MOST_APPENDED_BYTES = 1 << 20
SCHEMA = """
    create table if not exists known (one integer primary key check (one = 1), record blob not null,
        changed_since_base integer not null, file text not null) strict;
    create table if not exists blocks (number integer primary key, hashes blob not null) strict;
    create table if not exists steps (number integer primary key, page_count integer not null, pages blob not null,
        hashes blob not null) strict;
"""


@dataclass(frozen=True)
class Known:
    """A point and the hash of each of its pages.

    `changed_since_base` counts the pages of all change files of its chain; `file` names the file that holds the pages,
    where there is one (the mirror's).
    """

    point: Point
    pages: Pages
    changed_since_base: int = 0
    file: str = ""


@dataclass(frozen=True)
class Step:
    """How a point differs from the one before it: the numbers of the pages that changed, those that were added too."""

    since: Point
    numbers: NDArray[np.uint32]


class PageTable:
    """The table in the file at `path`, which is created with the first `save`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self) -> Known | None:
        """What was saved last. None when there is nothing, or it cannot be believed."""
        if not self.path.exists():
            return None
        try:
            with self._open() as table:
                known = _read(table)
        except (apsw.Error, DamagedObject):
            return None
        if known is None or known.pages.digest != known.point.digest:
            return None
        return known if known.pages.page_count == known.point.page_count else None

    def save(self, known: Known, step: Step | None = None) -> None:
        """Replace what is there, durably and entirely, or not at all. DatabaseError when the disk refuses.

        With a `step` that leads to `known` from what is there, it costs what changed and not what there is.
        """
        try:
            try:
                self._save(known, step)
            except (apsw.CorruptError, apsw.NotADBError, apsw.SQLError):
                self.forget()
                self._save(known, None)
        except apsw.Error as why:
            raise DatabaseError(
                f"The page table {self.path} not written: {why}", "Look at the disk: is it full?"
            ) from why

    def forget(self) -> None:
        for suffix in ("", "-journal"):
            self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)

    def _save(self, known: Known, step: Step | None) -> None:
        with self._open() as table, _all_or_nothing(table):
            if step is None or not _can_append(table, step):
                _replace_blocks(table, known.pages.hashes)
            elif len(step.numbers):
                _append(table, known.pages, step.numbers)
            table.execute(
                "insert or replace into known (one, record, changed_since_base, file) values (1, ?, ?, ?)",
                (to_record(known.point), known.changed_since_base, known.file),
            )

    @contextlib.contextmanager
    def _open(self) -> Iterator[apsw.Connection]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        table = apsw.Connection(str(self.path))
        try:
            table.set_busy_timeout(5000)
            table.pragma("synchronous", "full")
            table.execute(SCHEMA)
            yield table
        finally:
            table.close()


@contextlib.contextmanager
def _all_or_nothing(table: apsw.Connection) -> Iterator[None]:
    """A transaction. On a full disk SQLite has ended it by itself, and the reason must not be hidden by that."""
    table.execute("begin immediate")
    try:
        yield
        table.execute("commit")
    except BaseException:
        if table.in_transaction:
            table.execute("rollback")
        raise


def _read(table: apsw.Connection) -> Known | None:
    with table:  # one moment, though another process may save
        rows: list[Any] = table.execute("select record, changed_since_base, file from known").fetchall()
        blocks: list[Any] = table.execute("select hashes from blocks order by number").fetchall()
        steps: list[Any] = table.execute("select page_count, pages, hashes from steps order by number").fetchall()
    if not rows:
        return None
    record, changed_since_base, file = rows[0]
    point = from_record(record, "of the page table")
    hashes = bytearray().join(row[0] for row in blocks)
    for page_count, pages, found in steps:
        hashes = hashes[: page_count * HASH_BYTES].ljust(page_count * HASH_BYTES, b"\0")
        _rows(hashes)[np.frombuffer(pages, "<u4") - 1] = _rows(found)
    return Known(point, Pages(point.page_size, bytes(hashes)), changed_since_base, file)


def _can_append(table: apsw.Connection, step: Step) -> bool:
    """Whether the table stands where the step begins, and has not much to fold."""
    rows: list[Any] = table.execute("select record from known").fetchall()
    if not rows or rows[0][0] != to_record(step.since):
        return False
    appended: list[Any] = table.execute("select total(length(pages) + length(hashes)) from steps").fetchall()
    return bool(appended[0][0] + len(step.numbers) * (NUMBER_BYTES + HASH_BYTES) <= MOST_APPENDED_BYTES)


def _append(table: apsw.Connection, pages: Pages, numbers: NDArray[np.uint32]) -> None:
    found = _rows(pages.hashes)[numbers - 1].tobytes()
    table.execute(
        "insert into steps (page_count, pages, hashes) values (?, ?, ?)",
        (pages.page_count, numbers.astype("<u4").tobytes(), found),
    )


def _replace_blocks(table: apsw.Connection, hashes: bytes) -> None:
    old: dict[int, bytes] = dict(table.execute("select number, hashes from blocks"))
    end = -(-len(hashes) // BLOCK_BYTES)
    blocks = ((number, hashes[number * BLOCK_BYTES : (number + 1) * BLOCK_BYTES]) for number in range(end))
    table.executemany(
        "insert or replace into blocks (number, hashes) values (?, ?)",
        (block for block in blocks if old.get(block[0]) != block[1]),
    )
    table.execute("delete from blocks where number >= ?", (end,))
    table.execute("delete from steps")


def _rows(hashes: bytes | bytearray) -> NDArray[np.uint64]:
    return np.frombuffer(hashes, dtype="<u8").reshape(-1, HASH_BYTES // 8)


def table_path(state: Path, identity: DatabaseId, store: str = "") -> Path:
    """Where the page table of a database's last point is: in the app's first store, or in the one of that name."""
    return state / f"pages-{identity.database}{f'@{store}' if store else ''}.db"
