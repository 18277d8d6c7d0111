"""What a run holds on to: a lock that dies with its holder and says who that is."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from station.clock import to_text, utc_now
from station.errors import Busy
from station.points.point import DatabaseId


@contextmanager
def locked(path: Path, what: str, host: str, holder: str = "") -> Iterator[None]:
    """Hold the lock until the block is left. Busy, naming the holder, when another process has it.

    `holder`: what others are told of us, "" for our process and since when.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as why:
            file.seek(0)
            other = file.read().strip() or "another process"
            raise Busy(f"{what} not started: {other} is at it", "Wait until it is done, or stop it") from why
        file.truncate(0)
        file.write(holder or f"process {os.getpid()} on {host} (since {to_text(utc_now())})")
        file.flush()
        yield


def points_lock(state: Path, identity: DatabaseId, host: str) -> AbstractContextManager[None]:
    """The lock of everyone who needs the page tables of a database to stay as they are."""
    what = f"Taking points of {identity.app}/{identity.database}"
    return locked(state / f"points-{identity.database}.lock", what, host)
