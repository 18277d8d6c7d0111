"""Files that are whole and on the disk, or as they were, whatever is killed or loses its power in between."""

import os
from pathlib import Path


def durable_write(path: Path, content: bytes, *, mode: int | None = None, owner: int = -1, group: int = -1) -> None:
    """Replace the file, entirely and durably, or not at all.

    It has mode and owner (numbers; -1: ours) before it has its name, and is closed to others until then. `mode` None:
    what the umask says. A link in its place is replaced and never followed.
    """
    fresh = partial_of(path)
    fresh.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    handle = os.open(fresh, flags, 0o666 if mode is None else 0o600)
    with os.fdopen(handle, "wb") as file:
        if (owner, group) != (-1, -1):
            os.fchown(handle, owner, group)
        if mode is not None:
            os.fchmod(handle, mode)
        file.write(content)
        file.flush()
        os.fsync(handle)
    fresh.rename(path)
    sync_folder(path.parent)


def write_private(path: Path, text: str) -> None:
    """Put the text in place of the file's, 0600 from its first moment. The folder is made if it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    durable_write(path, text.encode(), mode=0o600)


def move_link(link: Path, target: Path) -> None:
    """The link names `target` from one moment to the next, durably: there is no moment without it."""
    fresh = partial_of(link)
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    fresh.rename(link)
    sync_folder(link.parent)


def partial_of(path: Path) -> Path:
    """What a run that was killed may have left beside the file."""
    return path.with_name(f"{path.name}.partial")


def sync_folder(folder: Path) -> None:
    """Make names that were created, renamed or removed in the folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
