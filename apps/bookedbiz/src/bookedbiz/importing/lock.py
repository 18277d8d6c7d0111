"""One import at a time, on this machine: the second is told who is first."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bookedbiz.errors import ImportBusy

LOCK_NAME = "import.lock"


@contextmanager
def import_lock(data_path: Path, by: str) -> Iterator[None]:
    """Held while the block runs, and let go by the kernel when the process dies. ImportBusy when another holds it."""
    data_path.mkdir(parents=True, exist_ok=True)
    with (data_path / LOCK_NAME).open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as why:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise ImportBusy(f"Not imported: another import is running ({holder})", "Wait until it has ended") from why
        file.truncate(0)
        file.write(f"by {by}, process {os.getpid()}")
        file.flush()
        yield
