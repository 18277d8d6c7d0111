"""Answers of the query layer, kept until anything in the ledger's file changes: nobody computes the same sums twice.

An answer is shared by all who ask the same: it is never changed by who gets it.
"""

import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Hashable
from pathlib import Path
from threading import Lock
from typing import TypeVar, cast

MOST = 16  # of the largest some 2 MB each, measured on 960,000 spots

_Answer = TypeVar("_Answer")
_kept: OrderedDict[Hashable, object] = OrderedDict()
_making: dict[Hashable, Lock] = {}  # answers that somebody is computing: who asks the same waits for it
_lock = Lock()


def remembered(db: sqlite3.Connection, question: Hashable, answer: Callable[[], _Answer]) -> _Answer:
    """The answer to the question about this ledger as it is now: a kept one, or a new one that is made once.

    `answer` may ask other questions, never its own.
    """
    # The version is taken first: an answer that is newer than it is asked for again, not kept too long.
    key = (_version(db), question)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return cast(_Answer, _kept[key])
        making = _making.setdefault(key, Lock())
    with making:
        with _lock:
            if key in _kept:
                return cast(_Answer, _kept[key])
        try:
            made = answer()
            with _lock:
                _kept[key] = made
                while len(_kept) > MOST:
                    _kept.popitem(last=False)
        finally:
            with _lock:
                _making.pop(key, None)
    return made


def _version(db: sqlite3.Connection) -> Hashable:
    """What changes with every commit to the file, and with what this connection has not committed yet.

    The clock of a file system ticks every few milliseconds: two commits within a tick differ in their batch or audit.
    """
    path = Path(db.execute("PRAGMA database_list").fetchone()[2])
    files = tuple(_stamp(each) for each in (path, path.with_name(path.name + "-wal")))
    last = db.execute(
        """SELECT (SELECT max(id) FROM batch), (SELECT finished_at FROM batch ORDER BY id DESC LIMIT 1),
                  (SELECT max(id) FROM audit)"""
    ).fetchone()
    return str(path), files, tuple(last), db.total_changes, id(db) if db.total_changes else 0


def _stamp(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except FileNotFoundError:
        return 0, 0, 0
    return found.st_ino, found.st_mtime_ns, found.st_size
