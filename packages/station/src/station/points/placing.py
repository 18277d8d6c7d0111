"""Bringing a file into a folder that is somebody else's: whose it is there, and moves that may cross file systems.

On a machine the platform is root and an app's data are its own user's. What root leaves there must be that user's too,
or the app cannot write. In a unit's view of the disk a folder may be a mount of its own: a rename into it fails.
"""

import errno
import os
import pwd
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from station.durable import sync_folder
from station.errors import StationError

DATABASE_MODE = 0o640  # what SQLite makes under the UMask=0027 of an app's units


@dataclass(frozen=True)
class Owner:
    """Whose a file shall be, and what others may do with it."""

    uid: int
    gid: int
    mode: int = DATABASE_MODE

    def give(self, handle: int) -> None:
        """Make the open file his."""
        os.fchown(handle, self.uid, self.gid)
        os.fchmod(handle, self.mode)


def owner_named(account: str) -> Owner:
    """The owner of an app's files. StationError when this machine does not know the account."""
    try:
        entry = pwd.getpwnam(account)
    except KeyError as why:
        raise StationError(
            f"This machine has no user {account}, whose the app's files should be", "`station apply` makes it"
        ) from why
    return Owner(entry.pw_uid, entry.pw_gid)


def hand_over(file: Path, owner: Owner | None) -> None:
    """Make the file the owner's, durably. None: it stays whose it is."""
    if owner is None:
        return
    handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        owner.give(handle)
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(folder: Path, owner: Owner | None) -> None:
    """Make what is missing of the folder; what is made is the owner's."""
    if folder.is_dir():
        return
    make_folder(folder.parent, owner)
    folder.mkdir(exist_ok=True)
    if owner is not None:
        os.chown(folder, owner.uid, owner.gid, follow_symlinks=False)


def move(source: Path, target: Path, *, copied: Callable[[Path], None] = lambda path: None) -> None:
    """Give the file its new name, durably, also on another file system. Cut anywhere, one of the two names is whole.

    Owner and mode go with it. What lies at `target` is replaced. `copied` hears of a copy that is whole and durable,
    before it gets its name.
    """
    try:
        source.replace(target)
    except OSError as why:
        if why.errno != errno.EXDEV:
            raise
        _move_by_copy(source, target, copied)
    sync_folder(target.parent)
    sync_folder(source.parent)


def _move_by_copy(source: Path, target: Path, copied: Callable[[Path], None]) -> None:
    arriving = target.with_name(f".{target.name}.arriving")
    arriving.unlink(missing_ok=True)
    found = source.stat()
    # O_EXCL: the folder is the app's, and what its user put there under that name is not written through
    handle = os.open(arriving, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as stream, source.open("rb") as origin:
            shutil.copyfileobj(origin, stream, 1 << 20)
            if os.geteuid() == 0:
                os.fchown(stream.fileno(), found.st_uid, found.st_gid)
            os.fchmod(stream.fileno(), found.st_mode & 0o777)
            stream.flush()
            os.fsync(stream.fileno())
        copied(arriving)
        arriving.replace(target)
    except BaseException:
        arriving.unlink(missing_ok=True)
        raise
    sync_folder(target.parent)
    source.unlink()
