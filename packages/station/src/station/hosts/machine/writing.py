"""Files put in place whole, durably, and closed to others from their first moment; what was there is kept aside."""

import grp
import os
import pwd
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from station.hosts.rendering.files import File, Folder, Needed
from station.stores.incoming import sync_folder

_NEW = ".station-new"


def put(path: Path, text: bytes, rights: File | Needed) -> None:
    """Replace the file, entirely or not at all, with mode and owner as they should be before it has its name."""
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    fresh = _fresh(path)
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        os.fchown(handle, *_ids(rights))
        os.fchmod(handle, rights.mode)
        file.write(text)
        file.flush()
        os.fsync(handle)
    fresh.rename(path)
    sync_folder(path.parent)


def mend(path: Path, rights: File | Needed | Folder) -> None:
    """Mode and owner as they should be; its content stays. A link is never followed."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        os.fchown(handle, *_ids(rights))
        os.fchmod(handle, rights.mode)
    finally:
        os.close(handle)


def keep_aside(path: Path, folder: Path, *, copy: bool = False) -> Path:
    """Move what is there, of whatever kind, to its own path below the folder, which only root can read.

    With `copy` it also stays where it is, to be replaced by a rename.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = folder / str(path).lstrip("/")
    kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if copy:
        shutil.copy2(path, kept, follow_symlinks=False)
        about = path.lstat()
        os.chown(kept, about.st_uid, about.st_gid, follow_symlinks=False)
    else:
        shutil.move(path, kept)
    sync_folder(kept.parent)
    return kept


def take_away(path: Path) -> None:
    """Remove the file, durably. Fine when it is gone."""
    with suppress(FileNotFoundError):
        path.unlink()
        sync_folder(path.parent)


def sweep(paths: Iterable[str]) -> None:
    """Remove what a run that was killed left beside these files."""
    for path in paths:
        _fresh(Path(path)).unlink(missing_ok=True)


def _fresh(path: Path) -> Path:
    return path.with_name(f".{path.name}{_NEW}")


def _ids(rights: File | Needed | Folder) -> tuple[int, int]:
    return pwd.getpwnam(rights.owner).pw_uid, grp.getgrnam(rights.group).gr_gid
