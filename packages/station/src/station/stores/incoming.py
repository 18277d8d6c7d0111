"""The folder in which a directory store writes a file before it gets its name. What a killed writer left is removed.

Every file is locked (flock) while it is written, so a file whose lock is free has no writer any more.
"""

import fcntl
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from station.stores.meter import Meter

FOLDER = ".incoming"
PIECE_BYTES = 1 << 20


class Incoming:
    """Files on their way into the store at `root`, on the same file system as it."""

    def __init__(self, root: Path, meter: Meter | None = None) -> None:
        self.folder = root / FOLDER
        self._meter = meter or Meter()

    @contextmanager
    def file(self, source: Path | bytes) -> Iterator[Path]:
        """A private, durable copy of the source that the caller links or renames to its place; gone afterwards."""
        self.folder.mkdir(exist_ok=True)
        self.sweep()
        path, stream = self._claim()
        try:
            with stream:
                with source.open("rb") if isinstance(source, Path) else BytesIO(source) as original:
                    self._copy(original, stream)
                stream.flush()
                os.fsync(stream.fileno())
                yield path
        finally:
            path.unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove what killed writers left."""
        for path in self.folder.iterdir():
            with suppress(OSError), path.open("rb") as leftover:
                fcntl.flock(leftover, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()

    def _copy(self, original: BinaryIO, stream: BinaryIO) -> None:
        piece_bytes = self._meter.piece(PIECE_BYTES)
        while piece := original.read(piece_bytes):
            stream.write(piece)
            self._meter.sent(len(piece))

    def _claim(self) -> tuple[Path, BinaryIO]:
        while True:
            path = self.folder / uuid.uuid4().hex
            stream = path.open("xb")
            with suppress(OSError):  # a network drive without locks: nobody sweeps there either
                fcntl.flock(stream, fcntl.LOCK_EX)
            if os.fstat(stream.fileno()).st_nlink:
                return path, stream
            stream.close()  # swept between its creation and its lock
