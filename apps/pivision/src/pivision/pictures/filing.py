"""Picture files: written whole and durably, named by what they show, read back where the database says they are."""

import os
import tempfile
from pathlib import Path


def write_durably(path: Path, content: bytes) -> None:
    """The file, whole, on the disk when this returns. A file of that name is replaced at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=".new-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in the folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove(path: Path, top: Path) -> bool:
    """Whether there was such a file. Folders that are empty then go, too, below `top`, which stays."""
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    for folder in path.parents:
        if not folder.is_relative_to(top) or folder == top:
            break
        try:
            folder.rmdir()
        except OSError:
            break
    return True
