"""A copy of a mirror's file, made while the mirror goes on: neither waits for the other, and no store is asked."""

import os
import time
from pathlib import Path
from typing import BinaryIO

from station.durable import sync_folder
from station.errors import Busy, StationError
from station.points.pagetable import Known, PageTable
from station.points.point import Point
from station.points.replay import PAGES_AT_ONCE
from station.points.restore import refuse_existing
from station.points.room import require_room
from station.sqlite.hashes import HASH_BYTES, Pages, hashes_of

LOOKS = 100
LOOK_S = 0.1


def mirror_point(folder: Path, database: str) -> Point | None:
    """The point that the mirror in this folder has; None when there is none."""
    known = PageTable(folder / f"pages-{database}.db").load()
    return known.point if known is not None and (folder / known.file).is_file() else None


def copy_mirror(folder: Path, database: str, target: Path) -> Point | None:
    """Write what the mirror has to `target`, which must not exist, and say which point that is; None: it has nothing.

    Page by page it is what that point's hashes say. Pages that changed while the file was read are read again, until
    all are of one point; Busy when they do not become so. StationError when the disk refuses.
    """
    refuse_existing(target)
    there = mirror_point(folder, database)
    if there is None:
        return None
    require_room(target.parent, there.page_count * there.page_size, f"A copy of the mirror in {folder}")
    partial = target.with_name(f"{target.name}.partial")
    try:
        with partial.open("w+b") as copy:
            point = _copy(folder, PageTable(folder / f"pages-{database}.db"), copy)
            copy.flush()
            os.fsync(copy.fileno())
        if point is not None:
            partial.rename(target)
            sync_folder(target.parent)
        return point
    except FileNotFoundError:  # the mirror was handed over meanwhile: this host has become the primary
        return None
    except OSError as why:
        raise StationError(f"{target} not written: {why.strerror or why}", "Look at the disk: is it full?") from why
    finally:
        partial.unlink(missing_ok=True)


def _copy(folder: Path, table: PageTable, copy: BinaryIO) -> Point | None:
    begun: tuple[str, int] | None = None
    hashes = bytearray()
    for _ in range(LOOKS):
        known = table.load()
        if known is None:
            return None
        with (folder / known.file).open("rb") as file:
            if begun != (known.file, known.pages.page_size):  # the first time; or the mirror has begun another file
                begun = known.file, known.pages.page_size
                copy.seek(0)
                copy.truncate()
                hashes = _whole(file, copy, known.pages.page_size)
            else:
                _mend(file, copy, known, hashes)
        if _is(known, hashes):
            copy.truncate(known.point.page_count * known.pages.page_size)
            return known.point
        time.sleep(LOOK_S)
    raise Busy(f"The mirror in {folder} not copied: it changes faster than it is read", "Try again in a while")


def _whole(file: BinaryIO, copy: BinaryIO, page_size: int) -> bytearray:
    """All pages, and the hash of each as it was read."""
    hashes = bytearray()
    while block := file.read(PAGES_AT_ONCE * page_size):
        block += bytes(-len(block) % page_size)  # the file is being made longer at this moment
        hashes += hashes_of(block, page_size, len(hashes) // HASH_BYTES + 1)
        copy.write(block)
    return hashes


def _mend(file: BinaryIO, copy: BinaryIO, known: Known, hashes: bytearray) -> None:
    """Read the pages again that are not those of the point. `hashes` becomes what the copy has then."""
    pages = known.pages
    hashes[:] = hashes[: len(pages.hashes)].ljust(len(pages.hashes), b"\0")
    for number in pages.differing(bytes(hashes)):
        start = (number - 1) * pages.page_size
        page = os.pread(file.fileno(), pages.page_size, start).ljust(pages.page_size, b"\0")
        copy.seek(start)
        copy.write(page)
        hashes[(number - 1) * HASH_BYTES : number * HASH_BYTES] = hashes_of(page, pages.page_size, number)


def _is(known: Known, hashes: bytearray) -> bool:
    return Pages(known.pages.page_size, bytes(hashes[: len(known.pages.hashes)])) == known.pages
