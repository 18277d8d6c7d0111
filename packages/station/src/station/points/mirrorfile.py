"""A mirror's file and the change that waits beside it as its write-ahead log.

The log is whole and durable before its first page is written into the copy, and stays until the page table knows. So
after a kill it is written again, and anybody who opens the copy with SQLite meanwhile sees the new point.
"""

import os
from pathlib import Path

from station.errors import DamagedObject
from station.points.point import Point, from_record
from station.sqlite.hashes import PageHashes, Pages
from station.sqlite.walfile import WalReader, salts_for

AROUND = ("", "-wal", "-shm", "-journal", ".partial")


def waiting_change(copy: Path, announced: Path) -> Point | None:
    """The point whose log lies beside the copy, if one does: `announced` with `.json` is its record."""
    log, record = log_of(copy), announced.with_suffix(".json")
    if not log.exists() or not record.exists():
        return None
    try:
        point = from_record(record.read_bytes(), str(record))
        with log.open("rb") as stream:
            return point if WalReader(stream, str(log)).salts == salts_for(point.name) else None
    except DamagedObject:
        return None


def take_over(copy: Path, before: Pages, point: Point) -> Pages:
    """Write the log beside the copy into it, durably. DamagedObject when that does not lead to `point`."""
    hashes = PageHashes(before)
    with log_of(copy).open("rb") as stream, copy.open("r+b") as file:
        for frame in WalReader(stream, str(log_of(copy))):
            hashes.put(frame.number, frame.page)
            file.seek((frame.number - 1) * point.page_size)
            file.write(frame.page)
        file.flush()
        file.truncate(point.page_count * point.page_size)
        os.fsync(file.fileno())
    pages = hashes.cut(point.page_count)
    if pages.digest != point.digest:
        raise DamagedObject(
            f"The mirror {copy} did not become the point {point.name}: its digest differs", "It is fetched again"
        )
    return pages


def log_of(copy: Path) -> Path:
    return copy.with_name(f"{copy.name}-wal")


def discard(copy: Path) -> None:
    """Remove a copy and everything around it."""
    for suffix in AROUND:
        copy.with_name(copy.name + suffix).unlink(missing_ok=True)
