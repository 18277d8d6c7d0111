"""An upload that was begun and not ended, kept on this host so that the next run goes on where the last one stopped."""

import fcntl
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import BinaryIO

from station.stores.incoming import Incoming, sync_folder

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


class Pending:
    """The one upload that is under way from this host into one store. Without a file it lives in memory only."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self.upload = Upload()

    def note(self, **changed: str | int) -> None:
        """Change the upload, durably."""
        self.upload = replace(self.upload, **changed)  # type: ignore[arg-type]  # the keys are the fields'
        if self._file is None:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with Incoming(self._file.parent).file(json.dumps(asdict(self.upload)).encode()) as fresh:
            fresh.replace(self._file)
        sync_folder(self._file.parent)

    def forget(self) -> None:
        self.upload = Upload()
        if self._file is not None:
            self._file.unlink(missing_ok=True)

    def load(self, wanted: Fingerprint) -> None:
        """Take up what was left, when the session holds how the wanted file begins; else begin anew."""
        left = self.left()
        fits = left.session and left.offset <= wanted.size and wanted.part(0, left.offset) == left.begins
        self.upload = left if fits else Upload()

    def left(self) -> Upload:
        """What the last run left; an empty one when it left nothing that can be read."""
        if self._file is not None:
            with suppress(OSError, ValueError, TypeError):
                return Upload(**json.loads(self._file.read_bytes()))
        return Upload()


@contextmanager
def pending(folder: Path | None, name: str) -> Iterator[Pending]:
    """The upload under way; when another process has one, or there is no folder, one that is not kept."""
    if folder is None:
        yield Pending(None)
        return
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield Pending(None)
        else:
            yield Pending(folder / f"{name}.json")
