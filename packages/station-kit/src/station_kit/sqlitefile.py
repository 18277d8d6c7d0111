"""Open an app's SQLite file the one way that is safe beside restore points and other processes, and write to it."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from station_kit.errors import DatabaseUnusable, NestedTransaction

# SQLite has one writer at a time, the others wait. A writer that holds the lock for longer than this is stuck: fail
# and say so, well before the health gate (30 s by default) or the person in front of the browser gives up.
BUSY_TIMEOUT_S = 5.0


def open_database(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection in autocommit mode with `sqlite3.Row` lines and foreign keys on; the file is made if need be.

    In WAL mode with `synchronous = NORMAL`: a power cut may take the last commits, never the file. With `read_only`
    nothing is made or changed, whatever SQL is run. DatabaseUnusable when the folder is missing or the file cannot be
    read, is no SQLite database or lies where WAL does not work. A connection belongs to the thread that opened it.
    """
    _require_place(path, read_only=read_only)
    mode = "ro" if read_only else "rwc"
    try:
        db = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None
        )
    except sqlite3.Error as why:
        raise _unusable(path, why, read_only=read_only) from why
    try:
        _set_up(db, path, read_only=read_only)
    except sqlite3.Error as why:
        db.close()
        raise _unusable(path, why, read_only=read_only) from why
    except DatabaseUnusable:
        db.close()
        raise
    return db


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """All or nothing: committed when the block ends, rolled back when anything is raised in it.

    NestedTransaction inside another one: there is only one commit, and the outer block decides it.
    """
    if db.in_transaction:
        raise NestedTransaction(
            "No transaction begun: this connection is inside one already",
            "Let the outermost caller hold the transaction and call the inner function without one",
        )
    db.execute("BEGIN IMMEDIATE")  # take the write lock now, not at the first write: no deadlock halfway
    try:
        yield db
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:  # SQLite has rolled back by itself after a full disk or an I/O error
            db.execute("ROLLBACK")
        raise


def _set_up(db: sqlite3.Connection, path: Path, *, read_only: bool) -> None:
    db.row_factory = sqlite3.Row
    db.execute("PRAGMA foreign_keys = ON")
    if read_only:
        db.execute("PRAGMA query_only = ON")
        db.execute("SELECT count(*) FROM sqlite_schema").fetchone()  # the header is read only now
        return
    mode = db.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    if mode != "wal":
        raise DatabaseUnusable(
            f"{path} not opened: its folder allows no write-ahead log (SQLite stays in mode `{mode}`)",
            "Keep the database on a local disk, not on a network share",
        )
    db.execute("PRAGMA synchronous = NORMAL")


def _require_place(path: Path, *, read_only: bool) -> None:
    if not path.parent.is_dir():
        raise DatabaseUnusable(f"{path} not opened: there is no folder {path.parent}", "Make the folder first")
    if path.is_dir():
        raise DatabaseUnusable(f"{path} not opened: it is a folder", "Name the database file inside it")
    if read_only and not path.exists():
        raise DatabaseUnusable(f"{path} not opened: there is no such file", "Start the app once, or restore a point")


def _unusable(path: Path, why: sqlite3.Error, *, read_only: bool) -> DatabaseUnusable:
    code = getattr(why, "sqlite_errorname", "")
    if code == "SQLITE_NOTADB":
        return DatabaseUnusable(f"{path} not opened: it is not a SQLite database", "Restore a point beside it")
    if code.startswith("SQLITE_BUSY"):
        return DatabaseUnusable(
            f"{path} not opened: another process has held it locked for {BUSY_TIMEOUT_S:g} s", "See who has it open"
        )
    needed = "read" if read_only else "read and write"
    return DatabaseUnusable(
        f"{path} not opened: {why}", f"This user must be able to {needed} the file and to write in {path.parent}"
    )
