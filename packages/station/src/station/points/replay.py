"""Reading a point's object back: which pages it holds, and whether they are the ones its record names."""

from collections.abc import Callable
from typing import BinaryIO, cast

from station.errors import DamagedObject
from station.points.delta import DeltaReader
from station.points.deltaformat import Old
from station.points.objects import VERIFY_HINT, opened
from station.points.point import Point
from station.sqlite.hashes import PageHashes, Pages, hashes_of, page_hash
from station.sqlite.walfile import WalReader, WalWriter, read_exactly, salts_for
from station.stores.store import Store

PAGES_AT_ONCE = 64

OnPage = Callable[[int, bytes], None]


class CopyDiffers(DamagedObject):
    """Not the object is damaged: the pages here that it builds on are not those of the point before it."""


def replay(
    store: Store,
    point: Point,
    before: Pages | None,
    *,
    on_page: OnPage | None = None,
    copy_to: BinaryIO | None = None,
    old: Old | None = None,
) -> Pages:
    """The pages that the database has at `point`, when it has the pages `before` at the point before it.

    On the way each page of a change goes to `on_page`, and the base or the change, as a database or a log, to
    `copy_to`. A delta needs `old`: any page as it was at the point before, also when its successor was handed over.
    DamagedObject when anything differs from the record, CopyDiffers when `old` gives other pages than `before` says;
    what was handed over by then must not be used.
    """
    with opened(store, point) as stored:
        if before is None:
            pages = _read_base(_copied(stored, copy_to), point)
        elif point.encoding == "delta":
            delta = DeltaReader(stored, point.object_key, _proved(point, before, old))
            pages = _read_change(delta, point, before, on_page, copy_to)
        else:
            log = WalReader(_copied(stored, copy_to), point.object_key)
            pages = _read_change(log, point, before, on_page, None)
    if pages.digest != point.digest:
        raise _damaged(point, "the database it leads to does not have the digest that its record names")
    return pages


def _proved(point: Point, before: Pages, old: Old | None) -> Old:
    """The old pages, each only when it is what it was at the point before."""

    def page_before(number: int) -> bytes | None:
        if not 0 < number <= before.page_count:
            return None
        page = old(number) if old else None
        if page is None or page_hash(page, number) != before.hash_of(number):
            raise CopyDiffers(
                f"{point.object_key} does not fit the copy here: its page {number} is not that of the point before",
                "Something wrote to the copy, or the disk loses data: look at `dmesg`",
            )
        return page

    return page_before


def _read_base(stream: BinaryIO, point: Point) -> Pages:
    size = point.page_size
    hashes = bytearray()
    number = 0
    while block := read_exactly(stream, size * PAGES_AT_ONCE):
        if len(block) % size:
            raise _damaged(point, f"it ends inside page {number + len(block) // size + 1}")
        hashes += hashes_of(block, size, number + 1)
        number += len(block) // size
    if number != point.page_count:
        raise _damaged(point, f"it holds {number} pages, its record says {point.page_count}")
    return Pages(size, bytes(hashes))


def _read_change(
    log: WalReader | DeltaReader, point: Point, before: Pages, on_page: OnPage | None, log_to: BinaryIO | None
) -> Pages:
    if log.page_size != point.page_size or log.page_size != before.page_size:
        raise _damaged(point, f"its pages have {log.page_size} bytes, its record says {point.page_size}")
    if log.salts != salts_for(point.name):
        raise _damaged(point, "it is of another point")
    copy = WalWriter(log_to, log.page_size, log.salts) if log_to else None
    hashes = PageHashes(before)
    commit_size = 0
    for frame in log:
        hashes.put(frame.number, frame.page)
        commit_size = frame.commit_size
        if on_page is not None:
            on_page(frame.number, frame.page)
        if copy is not None:
            copy.add(frame.number, frame.page)
    if commit_size != point.page_count:
        raise _damaged(point, f"it leads to {commit_size} pages, its record says {point.page_count}")
    if copy is not None:
        copy.finish(commit_size)
    return hashes.cut(point.page_count)


def _copied(stream: BinaryIO, second: BinaryIO | None) -> BinaryIO:
    return cast(BinaryIO, _Copied(stream, second)) if second else stream


class _Copied:
    """A stream whose bytes go to a second place as they are read."""

    def __init__(self, stream: BinaryIO, second: BinaryIO) -> None:
        self._stream = stream
        self._second = second

    def read(self, amount: int = -1) -> bytes:
        block = self._stream.read(amount)
        self._second.write(block)
        return block


def _damaged(point: Point, why: str) -> DamagedObject:
    return DamagedObject(f"{point.object_key} is damaged: {why}", VERIFY_HINT)
