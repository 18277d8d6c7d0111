"""An upload session of Dropbox that is under way, and how the next run tells whether it is the same file's."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from station.stores.underway import Underway, own_file

BLOCK_BYTES = 4 * 1024 * 1024  # of Dropbox's content hash


@dataclass(frozen=True)
class Fingerprint:
    """Size and block hashes of a file: tells whether what a session holds is how this file begins."""

    size: int
    blocks: tuple[bytes, ...]

    @property
    def content_hash(self) -> str:
        return hashlib.sha256(b"".join(self.blocks)).hexdigest()

    def part(self, start: int, end: int) -> str | None:
        """The content hash of a part that begins and ends where blocks do; None for any other."""
        if start % BLOCK_BYTES or (end % BLOCK_BYTES and end != self.size):
            return None
        blocks = self.blocks[start // BLOCK_BYTES : -(-end // BLOCK_BYTES)]
        return hashlib.sha256(b"".join(blocks)).hexdigest()


def fingerprint(file: BinaryIO) -> Fingerprint:
    """Of the file from its start."""
    file.seek(0)
    size, blocks = 0, []
    while block := file.read(BLOCK_BYTES):
        blocks.append(hashlib.sha256(block).digest())
        size += len(block)
    return Fingerprint(size, tuple(blocks))


@dataclass(frozen=True)
class Upload:
    """An upload session: `offset` bytes are there, with the hash `begins`, of a file with the hash `whole`.

    `committing` is the path that it was, perhaps, saved under already.
    """

    session: str = ""
    offset: int = 0
    begins: str = ""
    whole: str = ""
    committing: str = ""


class Pending(Underway[Upload]):
    """The one upload that is under way from this host into one store."""

    def __init__(self, file: Path | None) -> None:
        super().__init__(file, Upload)

    def note(self, **changed: str | int) -> None:
        """Change the upload, durably."""
        self.keep(replace(self.upload, **changed))  # type: ignore[arg-type]  # the keys are the fields'

    def load(self, wanted: Fingerprint) -> None:
        """Take up what was left, when the session holds how the wanted file begins; else begin anew."""
        left = self.left()
        fits = left.session and left.offset <= wanted.size and wanted.part(0, left.offset) == left.begins
        self.upload = left if fits else Upload()


@contextmanager
def pending(folder: Path | None, name: str) -> Iterator[Pending]:
    """The upload under way; when another process has one, or there is no folder, one that is not kept."""
    with own_file(folder, name) as file:
        yield Pending(file)
