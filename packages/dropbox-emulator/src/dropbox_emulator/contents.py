"""The bytes of files, each content a file of its own in one folder; bounded by whoever writes it."""

import hashlib
import itertools
from dataclasses import dataclass
from pathlib import Path

BLOCK_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True)
class Content:
    """A whole content that never changes any more."""

    path: Path
    size: int
    content_hash: str


class Contents:
    """Makes contents in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)

    def keep(self, data: bytes) -> Content:
        path = self.new_file()
        path.write_bytes(data)
        return Content(path, len(data), content_hash(data))

    def adopt(self, path: Path) -> Content:
        """A file of this folder as a content."""
        overall, size = hashlib.sha256(), 0
        with path.open("rb") as file:
            while block := file.read(BLOCK_BYTES):
                overall.update(hashlib.sha256(block).digest())
                size += len(block)
        return Content(path, size, overall.hexdigest())

    def new_file(self) -> Path:
        path = self._folder / f"{next(self._numbers):08d}"
        path.touch()
        return path


def content_hash(data: bytes) -> str:
    """SHA-256 over the SHA-256 of every 4 MiB."""
    blocks = (hashlib.sha256(data[start : start + BLOCK_BYTES]) for start in range(0, len(data), BLOCK_BYTES))
    return hashlib.sha256(b"".join(block.digest() for block in blocks)).hexdigest()
