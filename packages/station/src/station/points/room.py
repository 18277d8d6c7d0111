"""Room on a disk, asked before something large is written: what production needs is not taken from it."""

import shutil
from pathlib import Path

from station.errors import StationError

SPARE_BYTES = 256 << 20  # what production writes meanwhile, and its next full copy


def require_room(folder: Path, needed_bytes: int, what: str) -> None:
    """StationError unless so much, and something to spare, is free where the folder is."""
    free_bytes = shutil.disk_usage(folder).free
    if free_bytes < needed_bytes + SPARE_BYTES:
        raise StationError(
            f"{what} needs {(needed_bytes + SPARE_BYTES) / 1e6:,.0f} MB of room, and {folder} has "
            f"{free_bytes / 1e6:,.0f} MB",
            "Make room: `station releases` and `journalctl --disk-usage` show what may go",
        )
