"""The file that pictures are appended to: locked while it grows, synced for a whole group, cut back after a failure."""

import fcntl
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

_MOST_NAMES = 1000
_MODE = 0o640


@dataclass
class Segment:
    """An open segment. `id` is None until its row is committed; `size` is what was promised, not what lies there."""

    fd: int
    path: Path
    name: str  # as the database has it
    opened_at: datetime
    opened_s: float
    size: int = 0
    id: int | None = None
    named: bool = False  # its name is on the disk

    def append(self, pictures: list[bytes]) -> list[int]:
        """Where each picture begins, once `sync` is through. OSError: none counts, and the file is cut back.

        `size` is not moved on: the caller does so when rows and bytes are durable.
        """
        positions: list[int] = []
        place = self.size
        for picture in pictures:
            positions.append(place)
            place += len(picture)
        try:
            self._write(pictures)
        except OSError:
            self.cut_back()
            raise
        return positions

    def sync(self) -> None:
        """Wait until all that was written, and the file's name, is on the disk. OSError."""
        os.fdatasync(self.fd)
        if not self.named:
            _sync(self.path.parent)
            _sync(self.path.parent.parent)
            self.named = True

    def cut_back(self) -> None:
        """Take away what lies after the last promised byte. OSError."""
        os.ftruncate(self.fd, self.size)

    def close(self) -> None:
        """Close the file; the lock goes with it."""
        os.close(self.fd)

    def _write(self, pictures: list[bytes]) -> None:
        block = pictures[0] if len(pictures) == 1 else b"".join(pictures)
        place, left = self.size, memoryview(block)
        while left:
            written = os.pwrite(self.fd, left, place)
            place, left = place + written, left[written:]


def open_segment(folder: Path, now: datetime, at_s: float, is_named: Callable[[str], bool]) -> Segment:
    """A new one below `segments/`, its lock ours, under a name that no row has, file or not. OSError."""
    day = folder / f"{now:%Y-%m-%d}"
    for number in range(_MOST_NAMES):
        if not day.is_dir():  # a new day, or retention emptied it a moment ago
            day.mkdir(mode=0o750, exist_ok=True)
        path = day / f"{now:%H%M%S}-{number}.seg"
        name = f"{folder.name}/{day.name}/{path.name}"
        if is_named(name):
            continue
        try:
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _MODE)
        except (FileExistsError, FileNotFoundError):
            continue
        if locked(fd) and _is(fd, path):
            return Segment(fd, path, name, now, at_s)
        os.close(fd)  # somebody who swept between the two calls took it for a dead one
    raise OSError(f"{_MOST_NAMES} segments of one second")


def locked(fd: int) -> bool:
    """Whether the lock is ours now; False: a living server has it."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is(fd: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(fd), path.stat())
    except FileNotFoundError:
        return False


def _sync(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
