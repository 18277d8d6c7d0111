"""One running process per folder: a lock that ends with its holder and says who that is.

The file names the holder's process id *and* when that process started, so that a process id that has passed to somebody
else is never taken for the holder.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from station.errors import Busy


@dataclass(frozen=True)
class Instance:
    """A process: its id and when it started, in the kernel's clock ticks since boot."""

    pid: int
    started_ticks: int

    @property
    def is_alive(self) -> bool:
        return started_ticks(self.pid) == self.started_ticks


@contextmanager
def only_instance(path: Path, what: str) -> Iterator[Instance]:
    """Hold the lock for the block. Busy, naming the holder, when somebody else does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            found = holder(path)
            by = f"pid {found.pid}" if found else "another process"
            raise Busy(
                f"{what} runs already: {by} holds {path}", "Stop that one first (Ctrl-C where it runs)"
            ) from None
        me = Instance(os.getpid(), started_ticks(os.getpid()) or 0)
        name = json.dumps({"pid": me.pid, "started_ticks": me.started_ticks}).encode()
        os.ftruncate(handle, os.pwrite(handle, name, 0))  # in this order a full disk has room for it
        yield me
    finally:
        os.close(handle)


def holder(path: Path) -> Instance | None:
    """Who wrote its name into the lock file last and is still alive; None when nobody is."""
    try:
        fields = json.loads(path.read_text())
        found = Instance(int(fields["pid"]), int(fields["started_ticks"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return found if found.is_alive else None


def started_ticks(pid: int) -> int | None:
    """When the process started (field 22 of /proc/PID/stat), or None when there is none, or only its remains."""
    try:
        # the program's name is in brackets and may hold anything, brackets too
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in ("Z", "X") else int(fields[19])
