"""A change as the difference to the pages that were there before: written from pages, and read back.

A stream of groups: the numbers of its pages, the numbers of the old pages that are its dictionary, and one zstd frame.
docs/format.md defines it. What is read back is the log that a plain object of the same pages would hold.
"""

import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, ClassVar

import zstandard

from station.errors import DamagedObject
from station.points.deltaformat import (
    GROUP,
    GROUP_BYTES,
    HEADER,
    MAGIC,
    Old,
    compressed,
    decompressed,
    from_list,
    to_list,
)
from station.points.kinship import Kinship, shares_alike
from station.points.spool import Spool
from station.sqlite.hashes import page_hash
from station.sqlite.walfile import PAGE_SIZES, Frame, Writable, read_exactly, salts_for
from station.stores.cipher import Cipher

KEPT_BYTES = 8 << 20  # of the pages read back, in memory; more go through a file
KEPT_AT_ONCE = 64  # pages
NUMBER_BYTES = 4
HELD_BYTES = 16 << 20  # of pages that wait for a relative that comes later


@dataclass(frozen=True)
class _Page:
    number: int
    page: bytes
    own: bytes | None  # its old image, where that is of use
    kin: list[int]  # old pages that it looks like


class DeltaWriter:
    """Writes pages, each number once, as one change. It holds no more than some groups in memory."""

    def __init__(self, out: Writable, page_size: int, salts: bytes, old: Old) -> None:
        self._out = out
        self._page_size = page_size
        self._old = old
        self._at_once = max(1, GROUP_BYTES // page_size)
        self._kinship = Kinship(page_size)
        self._came: list[tuple[int, bytes]] = []
        self._ready: list[_Page] = []
        self._held: list[tuple[int, bytes]] = []
        self._has_old = False  # else nothing is worth waiting for
        self._pages = 0
        out.write(HEADER.pack(MAGIC, page_size, salts))

    def add(self, number: int, page: bytes) -> None:
        self._came.append((number, page))
        if len(self._came) == self._at_once:
            self._sort()

    def finish(self, page_count: int) -> None:
        """The database has that many pages after it. ValueError when no page was added: a log cannot express that."""
        self._sort()
        while self._held:
            part, self._held = self._held[: self._at_once], self._held[self._at_once :]
            held = [_Page(number, page, self._old(number), []) for number, page in part]
            self._ready += [
                _Page(page.number, page.page, None, kin) if kin else page for page, kin in self._with_kin(held)
            ]
            self._write_groups(self._at_once)
        self._write_groups(1)
        if not self._pages:
            raise ValueError("a transaction without a page cannot be written as a log")
        self._out.write(GROUP.pack(0, page_count, self._pages))

    def _sort(self) -> None:
        """Which of the pages that came have an old image to go with, or a relative, and which wait for one."""
        came = [_Page(number, page, self._old(number), []) for number, page in self._came]
        self._came = []
        strange = self._strange(came)
        kin = {page.number: kin for page, kin in self._with_kin([page for page in came if page.number in strange])}
        for page in came:
            found = kin.get(page.number)
            if found:
                own = page.own if page.number in found else None
                self._ready.append(_Page(page.number, page.page, own, [n for n in found if n != page.number]))
            elif found is not None and self._has_old and len(self._held) * self._page_size < HELD_BYTES:
                self._held.append((page.number, page.page))
            else:
                self._ready.append(page)
        self._write_groups(self._at_once)

    def _strange(self, came: list[_Page]) -> set[int]:
        """The numbers of the pages that do not look like their old image; the old images are learned on the way."""
        known = [page for page in came if page.own is not None]
        if not known:
            return {page.number for page in came}
        self._has_old = True
        old = b"".join(page.own for page in known if page.own is not None)
        self._kinship.learn([page.number for page in known], old)
        alike = shares_alike(old, b"".join(page.page for page in known), self._page_size)
        usual = {page.number for page, same in zip(known, alike, strict=True) if same}
        return {page.number for page in came} - usual

    def _with_kin(self, pages: list[_Page]) -> Iterator[tuple[_Page, list[int]]]:
        return zip(pages, self._kinship.relatives(b"".join([page.page for page in pages])), strict=True)

    def _write_groups(self, fewest: int) -> None:
        while len(self._ready) >= fewest:
            group, self._ready = self._ready[: self._at_once], self._ready[self._at_once :]
            self._write_group(group)

    def _write_group(self, group: list[_Page]) -> None:
        own = {page.number for page in group if page.own is not None}
        kin = {number: self._old(number) for page in group for number in page.kin if number not in own}
        kin = {number: page for number, page in kin.items() if page is not None}
        dictionary = b"".join([page for page in kin.values() if page is not None])
        dictionary += b"".join([page.own for page in group if page.own is not None])
        frame = compressed(b"".join([page.page for page in group]), dictionary)
        listed = to_list([(page.number, page.own is not None) for page in group], list(kin))
        self._out.write(GROUP.pack(len(group), len(listed), len(frame)) + listed + frame)
        self._pages += len(group)


class DeltaReader:
    """The frames of the log that a delta stands for; `name` is what an error calls it.

    DamagedObject when it is cut short or does not fit together, or `old` has no page that it needs.
    """

    def __init__(self, stream: BinaryIO, name: str, old: Old) -> None:
        self._stream = stream
        self._name = name
        self._old = old
        header = read_exactly(stream, HEADER.size)
        if len(header) < HEADER.size:
            raise self._damaged("it is cut short: it ends inside its header")
        magic, self.page_size, self.salts = HEADER.unpack(header)
        if magic != MAGIC or self.page_size not in PAGE_SIZES:
            raise self._damaged("it is not a delta")
        self._most = max(1, GROUP_BYTES // self.page_size)

    def __iter__(self) -> Iterator[Frame]:
        held: list[tuple[int, bytes]] = []
        pages = 0
        while True:
            count, second, third = GROUP.unpack(self._exactly(GROUP.size))
            if not count:
                break
            yield from (Frame(number, 0, page) for number, page in held)
            held = self._group(count, second, third)
            pages += count
        if not second or not held or third != pages or self._stream.read(1):
            raise self._damaged("its end does not fit what comes before it")
        yield from (Frame(number, 0, page) for number, page in held[:-1])
        yield Frame(held[-1][0], second, held[-1][1])

    def _group(self, count: int, list_bytes: int, frame_bytes: int) -> list[tuple[int, bytes]]:
        size = self.page_size
        if count > self._most or list_bytes > 30 * count or frame_bytes > 2 * count * size + 1024:
            raise self._damaged("a group is larger than it can be")
        numbers, dictionary = self._read_list(self._exactly(list_bytes), count)
        frame = self._exactly(frame_bytes)
        try:
            content = decompressed(frame, b"".join([self._needed(number) for number in dictionary]), count * size)
        except zstandard.ZstdError as why:
            raise self._damaged(f"a group does not decompress ({why})") from why
        return [(number, content[at * size : (at + 1) * size]) for at, number in enumerate(numbers)]

    def _read_list(self, listed: bytes, count: int) -> tuple[list[int], list[int]]:
        try:
            numbers, dictionary = from_list(listed, count)
        except ValueError as why:
            raise self._damaged(f"the list of a group's pages is wrong: {why}") from why
        if (
            len(set(numbers)) < count
            or len(dictionary) > 3 * count
            or not all(0 < number < 1 << 32 for number in (*numbers, *dictionary))
        ):
            raise self._damaged("the list of a group's pages is wrong")
        return numbers, dictionary

    def _needed(self, number: int) -> bytes:
        page = self._old(number)
        if page is None or len(page) != self.page_size:
            raise self._damaged(f"it builds on page {number}, which was not there at the point before it")
        return page

    def _exactly(self, amount: int) -> bytes:
        found = read_exactly(self._stream, amount)
        if len(found) < amount:
            raise self._damaged("it is cut short")
        return found

    def _damaged(self, why: str) -> DamagedObject:
        return DamagedObject(f"{self._name} is damaged: {why}", "Run `station db verify` to see what is whole")


class DeltaSpool(Spool):
    """The pages that changed since the point before, whose pages `old` gives until this is sealed.

    `seal` reads it back, and raises DamagedObject when that does not give the pages that were added.
    """

    encoding: ClassVar[str] = "delta"

    def __init__(self, path: Path, page_size: int, name: str, old: Old, cipher: Cipher | None = None) -> None:
        super().__init__(path, cipher)
        self._old = old
        self._page_size = page_size
        self._sum = 0  # of the hashes of the pages: their content, whatever their order
        self._writer = DeltaWriter(self._file, page_size, salts_for(name), old)
        self._read_back = tempfile.SpooledTemporaryFile(KEPT_BYTES, dir=str(path.parent))  # noqa: SIM115 - __exit__ does
        self._no_room: OSError | None = None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with suppress(OSError):
            self._read_back.close()
        super().__exit__(kind, error, at)

    def add(self, number: int, page: bytes) -> None:
        self.pages += 1
        self._sum += _number(number, page)
        self._writer.add(number, page)

    def changes(self) -> Iterator[tuple[int, bytes]]:
        """Number and content of every page, as sealing read it back; until the block is left. It needs no old page.

        OSError when the disk had no room for them.
        """
        if self._no_room:
            raise self._no_room
        self._read_back.seek(0)
        each = NUMBER_BYTES + self._page_size
        while block := self._read_back.read(KEPT_AT_ONCE * each):
            for at in range(0, len(block), each):
                yield int.from_bytes(block[at : at + NUMBER_BYTES], "big"), block[at + NUMBER_BYTES : at + each]

    def _finish(self, page_count: int) -> None:
        self._writer.finish(page_count)
        self._file.flush()
        self._file.seek(0)
        found = 0
        waiting: list[bytes] = []
        for frame in DeltaReader(self._file, str(self._plain), self._old):
            found += _number(frame.number, frame.page)
            waiting += (frame.number.to_bytes(NUMBER_BYTES, "big"), frame.page)
            if len(waiting) == 2 * KEPT_AT_ONCE:
                self._keep(waiting)
                waiting.clear()
        self._keep(waiting)
        if found != self._sum:
            raise DamagedObject(
                f"{self._plain} was not written as it should be: other pages come back",
                "The memory or the disk is faulty: look at `dmesg`",
            )

    def _keep(self, numbered: list[bytes]) -> None:
        try:
            if self._no_room is None:
                self._read_back.write(b"".join(numbered))
        except OSError as why:
            self._no_room = why  # the point does without


def _number(number: int, page: bytes) -> int:
    return int.from_bytes(page_hash(page, number), "big")
