"""Files put in place whole, durably, and closed to others from their first moment; what was there is kept aside."""

import grp
import os
import pwd
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from station.durable import durable_write, partial_of, sync_folder
from station.hosts.rendering.files import File, Folder, Needed


def put(path: Path, text: bytes, rights: File | Needed) -> None:
    """Replace the file, entirely or not at all, with mode and owner as they should be before it has its name."""
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    owner, group = _ids(rights)
    durable_write(path, text, mode=rights.mode, owner=owner, group=group)


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
        partial_of(Path(path)).unlink(missing_ok=True)


def _ids(rights: File | Needed | Folder) -> tuple[int, int]:
    return pwd.getpwnam(rights.owner).pw_uid, grp.getgrnam(rights.group).gr_gid
