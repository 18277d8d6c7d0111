"""Sending an object over SFTP into a store's `.incoming` folder: whole, compared, on the disk, and not yet named.

A large one that was cut is gone on with, by this run or the next: its partial file is named by what it will hold.
"""

import hashlib
import io
import uuid
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from paramiko import sftp

from station.errors import StationError, StoreError
from station.stores.meter import Meter
from station.stores.sftp.download import read_back
from station.stores.sftp.line import ConnectionLost, Line
from station.stores.sftp.naming import FOLDER_MODE
from station.stores.sftp.session import (
    ABSENT,
    AHEAD,
    BLOCK_BYTES,
    CREATE,
    EXCLUSIVE,
    TRUNCATE,
    WRITE,
    Refusal,
    Session,
    Window,
)

FOLDER = ".incoming"
PIECE_BYTES = 256 * 1024  # between two looks at the meter
LARGE_BYTES = 8 * 1024 * 1024  # what is larger is gone on with after a cut
READ_BACK_BYTES = 16 * 1024 * 1024  # what is larger is compared by its size: `verify` and the drill read it
OVERLAP_BYTES = 1024 * 1024  # of what is there already is compared before it is gone on with
SPARE_BYTES = 256 * 1024  # that stay free over there
STALE_S = 7 * 86400  # a partial file that nobody went on with for so long is given up
STALE_SMALL_S = 86400


@dataclass(frozen=True)
class _Source:
    """What is to be sent. `sha256` of all of it."""

    stream: BinaryIO
    size: int
    sha256: str

    def read(self, offset: int, length: int) -> bytes:
        """StoreError when the file here is not what it was."""
        try:
            self.stream.seek(offset)
            found = self.stream.read(length)
        except OSError as why:
            raise StoreError(f"The file to be sent cannot be read: {why.strerror or why}", "Look at this disk") from why
        if len(found) != length:
            raise StoreError("The file to be sent became shorter while it was sent", "Try again")
        return found


class Uploads:
    """Uploads of one store."""

    def __init__(self, line: Line, large_bytes: int = LARGE_BYTES) -> None:
        self._line = line
        self._folder = f"{line.place.path}/{FOLDER}"
        self._large_bytes = large_bytes
        self._swept = False

    @contextmanager
    def arrived(self, what: str, source: Path | bytes, meter: Meter) -> Iterator[str]:
        """The path over there of a private, durable copy of the source, which goes away with the block.

        After a cut the copy of a large source stays for the next try.
        """
        if isinstance(source, bytes):
            with self._small(what, source, meter) as path:
                yield path
            return
        with source.open("rb") as file:
            small = file.read(self._large_bytes + 1)
            if len(small) <= self._large_bytes:
                with self._small(what, small, meter) as path:
                    yield path
                return
            del small
            with self._large(what, file, meter) as path:
                yield path

    @contextmanager
    def _small(self, what: str, content: bytes, meter: Meter) -> Iterator[str]:
        path = f"{self._folder}/{uuid.uuid4().hex}"
        source = _source(io.BytesIO(content))

        def send(session: Session) -> None:
            self._fill(session, path, source, WRITE | CREATE | TRUNCATE, _Sending(what, meter, 0))

        try:
            self._line.run(what, send)
            yield path
        finally:
            self.remove(path)

    @contextmanager
    def _large(self, what: str, file: BinaryIO, meter: Meter) -> Iterator[str]:
        source = _source(file)
        path = f"{self._folder}/{source.sha256[:40]}-{source.size}.part"
        try:
            self._send_all(path, source, what, meter)
            yield path
        except ConnectionLost:
            raise  # the next try goes on with it
        except StationError:
            self.remove(path)
            raise
        self.remove(path)

    def _send_all(self, path: str, source: _Source, what: str, meter: Meter) -> None:
        """Send what is not there yet, through any number of cuts as long as something arrives in between."""
        best, in_vain = -1, 0
        while True:
            sending = _Sending(what, meter)
            try:
                self._line.once(what, partial(self._go_on, path=path, source=source, sending=sending))
                return
            except ConnectionLost:
                in_vain = 0 if sending.reached > best else in_vain + 1
                if in_vain > 1:
                    raise
                best = max(best, sending.reached)

    def _go_on(self, session: Session, path: str, source: _Source, sending: "_Sending") -> None:
        sending.reached = self._there(session, path, source)
        self._require_room(session, sending.what, source.size - sending.reached)
        self._fill(session, path, source, WRITE | CREATE | (0 if sending.reached else EXCLUSIVE), sending)

    def _require_room(self, session: Session, what: str, needed_bytes: int) -> None:
        """StoreError when the disk over there is too full: nothing is sent in vain, again and again, and what is small,
        a lease, still finds room."""
        disk = None
        with suppress(Refusal):
            disk = session.disk(self._line.place.path)
        if disk is not None and disk.free_bytes < needed_bytes + SPARE_BYTES:
            raise StoreError(
                f"Could not {what} in the store {self._line.name}: the disk of {self._line.place} is full"
                f" ({disk.free_bytes >> 20} MiB are free, {needed_bytes >> 20} MiB more are to be sent)",
                "Make room there: `station db prune`",
            )

    def _fill(self, session: Session, path: str, source: _Source, flags: int, sending: "_Sending") -> None:
        """Write the rest of the file, have it on the disk and compare it."""
        handle = self._open(session, path, flags)
        try:
            _write(session, handle, source, sending)
            session.sync(handle)
            size, now_s, _ = session.size_of(handle)
        finally:
            session.close_handle(handle)
        same = size == source.size
        if same and size <= READ_BACK_BYTES:
            same = hashlib.sha256(read_back(session, path, 0, size)).hexdigest() == source.sha256
        if not same:
            session.remove(path)
            raise StoreError(
                f"Could not {sending.what} in the store {self._line.name}: what arrived is not what was sent",
                "A failing disk over there, or a file that changed while it was sent? Try again",
            )
        self._sweep(session, now_s)

    def _there(self, session: Session, path: str, source: _Source) -> int:
        """How much of the source is there already: as much as there is, if its end is what it must be."""
        there = session.found(path)
        if there is None:
            return 0
        size = int(there.st_size or 0)
        overlap = min(size, OVERLAP_BYTES)
        if 0 < size <= source.size:
            end = source.read(size - overlap, overlap)
            if read_back(session, path, size - overlap, overlap) == end:
                return size
        # never cut it: it may be an object already, under another name
        session.remove(path)
        return 0

    def _open(self, session: Session, path: str, flags: int) -> bytes:
        try:
            return session.open_handle(path, flags)
        except Refusal as why:
            if why.code != ABSENT:
                raise
        self._line.require_store(session)
        with suppress(Refusal):  # another was quicker
            session.mkdir(self._folder, FOLDER_MODE)
        return session.open_handle(path, flags)

    def _sweep(self, session: Session, now_s: int) -> None:
        """Once a run: take away what killed runs left and nobody came back for. `now_s` is the server's clock."""
        if self._swept:
            return
        self._swept = True
        with suppress(Refusal):
            for entry in list(session.entries(self._folder)):
                stale_s = STALE_S if entry.filename.endswith(".part") else STALE_SMALL_S
                if entry.filename not in (".", "..") and now_s - int(entry.st_mtime or 0) > stale_s:
                    session.remove(f"{self._folder}/{entry.filename}")

    def remove(self, path: str) -> None:
        """What cannot be taken away now is swept later."""

        def remove(session: Session) -> None:
            with suppress(Refusal):
                session.remove(path)

        with suppress(StoreError):
            self._line.run("tidy up", remove)


@dataclass
class _Sending:
    """One try of an upload; `reached` is up to where the server has confirmed it."""

    what: str
    meter: Meter
    reached: int = -1


def _write(session: Session, handle: bytes, source: _Source, sending: _Sending) -> None:
    """Write from where it was reached to the end, ahead of the answers."""
    window = Window(session)
    lengths: deque[int] = deque()
    at = sending.reached
    while at < source.size or lengths:
        if at < source.size:
            piece = source.read(at, min(sending.meter.piece(PIECE_BYTES), source.size - at))
            for start in range(0, len(piece), BLOCK_BYTES):
                block = piece[start : start + BLOCK_BYTES]
                window.ask(sftp.CMD_WRITE, handle, sftp.int64(at + start), block)
                lengths.append(len(block))
            at += len(piece)
            sending.meter.sent(len(piece))
        while lengths and (at >= source.size or len(lengths) > AHEAD):
            window.answer()
            sending.reached += lengths.popleft()


def _source(file: BinaryIO) -> _Source:
    digest, size = hashlib.sha256(), 0
    file.seek(0)
    while piece := file.read(1 << 20):
        digest.update(piece)
        size += len(piece)
    return _Source(file, size, digest.hexdigest())
