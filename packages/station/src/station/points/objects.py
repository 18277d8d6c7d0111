"""The stored objects: written as a spool in the outbox, read as a verified stream."""

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import zstandard

from station.errors import DamagedObject, StoreError
from station.points.delta import DeltaSpool
from station.points.deltaformat import Old
from station.points.point import Point
from station.points.spool import BaseSpool, ChangeSpool, Spool
from station.sqlite.hashes import Pages
from station.stores.cipher import Cipher, decrypted
from station.stores.store import NoSuchKey, Store

__all__ = ["BaseSpool", "ChangeSpool", "Counting", "DeltaSpool", "Spool", "change_spool", "check_object", "opened"]

BLOCK_BYTES = 256 * 1024
VERIFY_HINT = "Run `station db verify` to see what is whole"


def change_spool(
    path: Path,
    before: Pages,
    name: str,
    *,
    old: Old | None = None,
    cipher: Cipher | None = None,
) -> ChangeSpool | DeltaSpool:
    """A spool for what changed since the database had the pages `before`; `name` is the point's, `CHAIN/NNNNNN`.

    A delta when `old` gives the pages of then, which must stay as they are until the block is left; else a log.
    """
    if old is not None:
        return DeltaSpool(path, before.page_size, name, old, cipher)
    return ChangeSpool(path, before.page_size, name, cipher)


@contextmanager
def opened(store: Store, point: Point) -> Iterator[BinaryIO]:
    """The object of a point, decrypted and unpacked: a database, a log, or a delta as it is stored.

    DamagedObject when it is missing or is not what the record says; StoreError, also when its key is not here. That is
    known for certain only when the block is left: until then what was read must not be used.
    """
    key = point.object_key
    try:
        with store.open(key) as stored:
            counting = Counting(stored)
            with ExitStack() as held:
                stream = held.enter_context(decrypted(store, cast(BinaryIO, counting), point.key, key))
                if point.is_base or point.encoding == "plain":
                    decompressor = zstandard.ZstdDecompressor()
                    stream = held.enter_context(
                        decompressor.stream_reader(stream, read_across_frames=True, closefd=False)
                    )
                yield stream
                while stream.read(BLOCK_BYTES):
                    pass
            counting.drain()
    except NoSuchKey as why:
        raise DamagedObject(f"{key} is missing", VERIFY_HINT) from why
    except zstandard.ZstdError as why:
        raise DamagedObject(f"{key} is damaged: it does not decompress ({why})", VERIFY_HINT) from why
    except OSError as why:
        raise StoreError(f"{key} could not be read or unpacked: {why}", "Is a disk full, or gone?") from why
    _compare(point, counting.size, counting.sha256)


def check_object(store: Store, point: Point) -> None:
    """Read the stored bytes without unpacking them. DamagedObject when they are not what the record says."""
    try:
        with store.open(point.object_key) as stored:
            counting = Counting(stored)
            counting.drain()
    except NoSuchKey as why:
        raise DamagedObject(f"{point.object_key} is missing", VERIFY_HINT) from why
    _compare(point, counting.size, counting.sha256)


class Counting:
    """A stream that counts and hashes what is read through it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._hash = hashlib.sha256()
        self.size = 0

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def read(self, amount: int = -1) -> bytes:
        block = self._stream.read(amount)
        self._hash.update(block)
        self.size += len(block)
        return block

    def drain(self) -> None:
        while self.read(1 << 20):
            pass


def _compare(point: Point, size: int, sha256: str) -> None:
    if size != point.object_bytes:
        why = f"it has {size} bytes, its record says {point.object_bytes}"
    elif sha256 != point.object_sha256:
        why = "its SHA-256 is not the one in its record"
    else:
        return
    raise DamagedObject(f"{point.object_key} is damaged: {why}", VERIFY_HINT)
