"""What the last point held, page by page: a small SQLite file beside the database, 16 bytes a page.

It changes in one transaction and is believed only while its hashes add up to the digest of the point it names.
"""

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw
import numpy as np
from numpy.typing import NDArray

from station.errors import DamagedObject, DatabaseError
from station.points.point import DatabaseId, Point, from_record, to_record
from station.sqlite.hashes import HASH_BYTES, Pages

BLOCK_PAGES = 256
BLOCK_BYTES = BLOCK_PAGES * HASH_BYTES
SCHEMA = """
    create table if not exists known (one integer primary key check (one = 1), record blob not null,
        changed_since_base integer not null, file text not null) strict;
    create table if not exists blocks (number integer primary key, hashes blob not null) strict;
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
        hashes = known.pages.hashes
        end = -(-known.pages.page_count // BLOCK_PAGES)
        with self._open() as table, table:
            if step is not None and _stands_at(table, step.since):
                numbers: Iterable[int] = _touched(step, known.pages.page_count)
            else:
                old = dict(table.execute("select number, hashes from blocks"))
                numbers = (number for number in range(end) if old.get(number) != _block(hashes, number))
            changed = ((number, _block(hashes, number)) for number in numbers)
            table.executemany("insert or replace into blocks (number, hashes) values (?, ?)", changed)
            table.execute("delete from blocks where number >= ?", (end,))
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


def _read(table: apsw.Connection) -> Known | None:
    with table:  # one moment, though another process may save
        rows: list[Any] = table.execute("select record, changed_since_base, file from known").fetchall()
        blocks: list[Any] = table.execute("select hashes from blocks order by number").fetchall()
    if not rows:
        return None
    record, changed_since_base, file = rows[0]
    point = from_record(record, "of the page table")
    return Known(point, Pages(point.page_size, b"".join(row[0] for row in blocks)), changed_since_base, file)


def _stands_at(table: apsw.Connection, point: Point) -> bool:
    rows: list[Any] = table.execute("select record from known").fetchall()
    return bool(rows) and rows[0][0] == to_record(point)


def _touched(step: Step, page_count: int) -> list[int]:
    """The blocks that a step changes; where the database grew or shrank, the ones at both ends too."""
    touched = set(np.unique((step.numbers - 1) // BLOCK_PAGES).tolist())
    if page_count != step.since.page_count:
        fewer = min(page_count, step.since.page_count)
        touched.update(range(max(fewer - 1, 0) // BLOCK_PAGES, -(-page_count // BLOCK_PAGES)))
    return sorted(touched)


def _block(hashes: bytes, number: int) -> bytes:
    return hashes[number * BLOCK_BYTES : (number + 1) * BLOCK_BYTES]


def table_path(state: Path, identity: DatabaseId, store: str = "") -> Path:
    """Where the page table of a database's last point is: in the app's first store, or in the one of that name."""
    return state / f"pages-{identity.database}{f'@{store}' if store else ''}.db"
