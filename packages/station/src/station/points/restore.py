"""Bringing a database back to a restore point, verified from the first byte to the last page."""

import os
import tempfile
from array import array
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from station.clock import to_text
from station.durable import sync_folder
from station.errors import DamagedObject, Refused, StationError
from station.points.catalog import list_points, read_point
from station.points.deltaformat import Old
from station.points.objects import check_object
from station.points.placing import Owner, hand_over
from station.points.point import DatabaseId, Point
from station.points.replay import PAGES_AT_ONCE, CopyDiffers, replay
from station.sqlite.hashes import HASH_BYTES, Pages, hashes_of
from station.stores.store import Store

BESIDE = ("", "-wal", "-shm", "-journal")
KEPT_IN_MEMORY_BYTES = 8 << 20  # of a change, until its last page is read


@dataclass(frozen=True)
class Progress:
    """How far a restore or a mirror is: `done` of `total` objects, the next of which has `object_bytes`."""

    done: int
    total: int
    object_bytes: int


OnProgress = Callable[[Progress], None]


def restore(
    store: Store, point: Point, target: Path, *, progress: OnProgress | None = None, owner: Owner | None = None
) -> None:
    """Write the database as it was at `point` to `target`, which must not exist; all of it or nothing. The `owner`'s.

    Refused when `target`, or a log or journal of it, exists. DamagedObject, naming the object and the newest point
    before it that does restore, when the store does not hold what the records say.
    """
    refuse_existing(target)
    partial = target.with_name(f"{target.name}.partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _restore(store, point, partial, progress)
        hand_over(partial, owner)
        partial.rename(target)
        sync_folder(target.parent)
    except CopyDiffers as why:
        raise CopyDiffers(
            f"{partial} is not what was written to it", "The disk loses data: look at `dmesg`, restore to another one"
        ) from why
    except DamagedObject as why:
        raise DamagedObject(why.message, _way_out(store, point)) from why
    except OSError as why:
        raise StationError(f"{target} not written: {why.strerror or why}", "Look at the disk: is it full?") from why
    finally:
        with suppress(OSError):
            partial.unlink()


def refuse_existing(target: Path) -> None:
    """Refused when there is a database at `target`, or what SQLite would take for a part of it."""
    for suffix in BESIDE:
        beside = target.with_name(target.name + suffix)
        if beside.exists():
            raise Refused(f"{target} not written: {beside} exists already", "Name another file, or move it away first")


def chain_until(store: Store, point: Point) -> list[Point]:
    """The points whose objects lead to `point`, its base first. DamagedObject when a record is missing."""
    identity = DatabaseId(point.app, point.database)
    return [read_point(store, identity, point.chain, seq) for seq in range(point.seq)] + [point]


def _restore(store: Store, point: Point, partial: Path, progress: OnProgress | None) -> None:
    steps = chain_until(store, point)
    pages: Pages | None = None
    with partial.open("w+b") as file:
        for done, step in enumerate(steps):
            if progress:
                progress(Progress(done, len(steps), step.object_bytes))
            pages = apply(store, step, pages, file)
        file.flush()
        os.fsync(file.fileno())
    written = _read_back(partial, point.page_size)
    if pages is None or written.hashes != pages.hashes or written.digest != point.digest:
        raise CopyDiffers(f"{partial} is not the point {point.name}")


def _read_back(file: Path, page_size: int) -> Pages:
    """The pages that lie in the file, all of it."""
    hashes = bytearray()
    block = memoryview(bytearray(PAGES_AT_ONCE * page_size))
    with file.open("rb") as stream:
        while amount := stream.readinto(block):
            hashes += hashes_of(block[:amount], page_size, len(hashes) // HASH_BYTES + 1)
    return Pages(page_size, bytes(hashes))


def apply(store: Store, point: Point, before: Pages | None, file: BinaryIO) -> Pages:
    """Bring an open database file, which nobody else has open, from the point before to `point`."""

    def write(number: int, page: bytes) -> None:
        file.seek((number - 1) * point.page_size)
        file.write(page)

    if before is None:
        return replay(store, point, None, copy_to=file)
    if point.encoding == "delta":
        pages = _apply_delta(store, point, before, file)
    else:
        pages = replay(store, point, before, on_page=write)
    file.flush()
    file.truncate(point.page_count * point.page_size)
    return pages


def _apply_delta(store: Store, point: Point, before: Pages, file: BinaryIO) -> Pages:
    """No page is written before the last one is read: any old page may be needed until then."""
    size = point.page_size
    numbers = array("L")
    file.flush()
    with tempfile.SpooledTemporaryFile(KEPT_IN_MEMORY_BYTES, dir=str(Path(file.name).parent)) as waiting:

        def keep(number: int, page: bytes) -> None:
            numbers.append(number)
            waiting.write(page)

        pages = replay(store, point, before, on_page=keep, old=reading(file, size))
        waiting.seek(0)
        for number in numbers:
            _write_at(file, (number - 1) * size, waiting.read(size))
    return pages


def _write_at(file: BinaryIO, offset: int, page: bytes) -> None:
    while page:
        written = os.pwrite(file.fileno(), page, offset)
        page, offset = page[written:], offset + written


def reading(file: BinaryIO, page_size: int) -> Old:
    """The pages of an open file of which nothing waits to be written."""
    return lambda number: os.pread(file.fileno(), page_size, (number - 1) * page_size)


def _way_out(store: Store, point: Point) -> str:
    earlier = [other for other in list_points(store, DatabaseId(point.app, point.database)) if _is_before(other, point)]
    whole = newest_whole(store, earlier)
    if whole is None:
        return "No point before it restores; look at the other stores"
    return f"The newest point before it that restores is {whole.name}, taken {to_text(whole.taken_at)}"


def newest_whole(store: Store, points: list[Point]) -> Point | None:
    """The last of these points all of whose objects are what their records say. Each object is read once at most."""
    chains: dict[str, dict[int, Point]] = {}
    for point in points:
        chains.setdefault(point.chain, {})[point.seq] = point
    whole: dict[str, int] = {}
    for point in reversed(points):
        if point.chain not in whole:
            whole[point.chain] = _whole(store, chains[point.chain])
        if point.seq < whole[point.chain]:
            return point
    return None


def _whole(store: Store, chain: dict[int, Point]) -> int:
    """How many points of the chain restore, from its base on."""
    seq = 0
    with suppress(DamagedObject):
        while seq in chain:
            check_object(store, chain[seq])
            seq += 1
    return seq


def _is_before(one: Point, other: Point) -> bool:
    return (one.taken_at, one.epoch, one.seq) < (other.taken_at, other.epoch, other.seq)
