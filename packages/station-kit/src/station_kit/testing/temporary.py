"""A real database for one test, and copying one as a host does."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from station_kit.migrations import migrate
from station_kit.sources import Source
from station_kit.sqlitefile import open_database


@contextmanager
def temporary_database(source: Source | None = None) -> Iterator[tuple[Path, sqlite3.Connection]]:
    """A file and a connection to it, with all migrations of `source`; both are gone afterwards."""
    with TemporaryDirectory(prefix="station-kit-") as folder:
        path = Path(folder) / "test.db"
        with closing(open_database(path)) as db:
            if source is not None:
                migrate(db, source)
            yield path, db


def copy_database(source: Path, target: Path) -> None:
    """A consistent copy of a database that may be in use; `target` must not exist."""
    with closing(open_database(source, read_only=True)) as db, closing(sqlite3.connect(target)) as copy:
        db.backup(copy)
