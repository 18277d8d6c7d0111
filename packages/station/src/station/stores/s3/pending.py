"""A multipart upload of S3 that is under way, and how the next run tells whether it is the same file's."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

from station.stores.underway import Underway, own_file

MIB = 1024 * 1024
MOST_PARTS = 9000  # the service takes 10,000


@dataclass(frozen=True)
class Fingerprint:
    """Size of a file and the MD5 of each of its parts: what the service answers for a part, too."""

    size: int
    part_bytes: int
    parts: tuple[str, ...]


def fingerprint(file: BinaryIO, part_bytes: int) -> Fingerprint:
    """Of the file from its start. Parts of a huge file are larger, so that the service takes their number."""
    size = file.seek(0, 2)
    file.seek(0)
    least = -(-size // MOST_PARTS)
    if least > part_bytes:
        part_bytes = -(-least // MIB) * MIB
    parts = []
    while part := file.read(part_bytes):
        parts.append(md5(part).hex())
    return Fingerprint(size, part_bytes, tuple(parts))


def md5(content: bytes) -> bytes:
    """What the service compares with what arrived. No secret hangs on it."""
    return hashlib.md5(content, usedforsecurity=False).digest()


@dataclass(frozen=True)
class Upload:
    """A multipart upload of the file with the parts `wanted` to the key. `tags`: of the parts that are there.

    `nonce` is part of the object's metadata: it tells it from anybody else's. `completing`: it may be there already.
    """

    key: str = ""
    wanted: list[str] = field(default_factory=list)
    upload: str = ""
    nonce: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    completing: bool = False


class Pending(Underway[Upload]):
    """The one upload that is under way from this host into one store."""

    def __init__(self, file: Path | None) -> None:
        super().__init__(file, Upload)

    def note_part(self, number: int, tag: str) -> None:
        self.keep(replace(self.upload, tags=self.upload.tags | {str(number): tag}))

    def note_completing(self) -> None:
        self.keep(replace(self.upload, completing=True))

    def load(self, key: str, wanted: Fingerprint) -> Upload | None:
        """Take up what was left when it is the same file for the same key; else what was left, to be given up."""
        left = self.left()
        if left.upload and left.key == key and left.wanted == list(wanted.parts):
            self.upload = left
            return None
        return left if left.upload else None


def new_nonce() -> str:
    return token_hex(16)


@contextmanager
def pending(folder: Path | None, name: str) -> Iterator[Pending]:
    """The upload under way; when another process has one, or there is no folder, one that is not kept."""
    with own_file(folder, name) as file:
        yield Pending(file)
