"""One import at a time, on this machine: the second is told who is first."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from bookedbiz.errors import ImportBusy

LOCK_NAME = "import.lock"
_RETRY_S = 0.05


@contextmanager
def import_lock(data_path: Path, by: str, *, wait_s: float = 0.0) -> Iterator[None]:
    """Held while the block runs, and let go by the kernel when the process dies.

    ImportBusy, with the holder's name, when another still holds it after `wait_s`.
    """
    data_path.mkdir(parents=True, exist_ok=True)
    with (data_path / LOCK_NAME).open("a+", encoding="utf-8") as file:
        _take(file, wait_s)
        file.truncate(0)
        file.write(f"by {by}, process {os.getpid()}")
        file.flush()
        yield


def _take(file: TextIO, wait_s: float) -> None:
    deadline = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError as why:
            if time.monotonic() >= deadline:
                file.seek(0)
                holder = file.read().strip() or "unknown"
                message = f"Not imported: another import is running ({holder})"
                raise ImportBusy(message, "Wait until it has ended") from why
        time.sleep(_RETRY_S)
