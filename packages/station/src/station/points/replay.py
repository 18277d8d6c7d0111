"""Reading a point's object back: which pages it holds, and whether they are the ones its record names."""

from collections.abc import Callable
from typing import BinaryIO, cast

from station.errors import DamagedObject
from station.points.objects import VERIFY_HINT, opened
from station.points.point import Point
from station.sqlite.hashes import PageHashes, Pages
from station.sqlite.walfile import WalReader, read_exactly
from station.stores.store import Store

PAGES_AT_ONCE = 64

OnPage = Callable[[int, bytes], None]


def replay(
    store: Store,
    point: Point,
    before: Pages | None,
    *,
    on_page: OnPage | None = None,
    copy_to: BinaryIO | None = None,
) -> Pages:
    """The pages that the database has at `point`, when it has the pages `before` at the point before it.

    On the way each page of a change goes to `on_page`, and the object itself, unpacked, to `copy_to`. DamagedObject
    when anything differs from the record; what was handed over by then must not be used.
    """
    with opened(store, point) as unpacked:
        stream = cast(BinaryIO, _Copied(unpacked, copy_to)) if copy_to else unpacked
        pages = _read_base(stream, point) if before is None else _read_change(stream, point, before, on_page)
    if pages.digest != point.digest:
        raise _damaged(point, "the database it leads to does not have the digest that its record names")
    return pages


def _read_base(stream: BinaryIO, point: Point) -> Pages:
    size = point.page_size
    hashes = PageHashes(Pages(size, b""))
    number = 0
    while block := read_exactly(stream, size * PAGES_AT_ONCE):
        if len(block) % size:
            raise _damaged(point, f"it ends inside page {number + len(block) // size + 1}")
        for start in range(0, len(block), size):
            number += 1
            hashes.put(number, block[start : start + size])
    if number != point.page_count:
        raise _damaged(point, f"it holds {number} pages, its record says {point.page_count}")
    return hashes.cut(point.page_count)


def _read_change(stream: BinaryIO, point: Point, before: Pages, on_page: OnPage | None) -> Pages:
    log = WalReader(stream, point.object_key)
    if log.page_size != point.page_size or log.page_size != before.page_size:
        raise _damaged(point, f"its pages have {log.page_size} bytes, its record says {point.page_size}")
    hashes = PageHashes(before)
    commit_size = 0
    for frame in log:
        hashes.put(frame.number, frame.page)
        commit_size = frame.commit_size
        if on_page is not None:
            on_page(frame.number, frame.page)
    if commit_size != point.page_count:
        raise _damaged(point, f"it leads to {commit_size} pages, its record says {point.page_count}")
    return hashes.cut(point.page_count)


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
