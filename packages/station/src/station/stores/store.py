"""What a store is: a place that keeps whole objects under keys. Every store passes the same contract suite.

A key is one or more names joined by "/"; a name is made of letters, digits, `.`, `_` and `-` and does not start
with a dot. Every method raises StoreError when the store is gone, full or refuses.
"""

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from station.errors import StoreError

KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
MARKER = ".station-store"  # in every store's folder; no key can be that


class NoSuchKey(StoreError):
    """There is no object under that key."""


class KeyExists(StoreError):
    """`create` found an object under that key already; it was not touched."""


@dataclass(frozen=True)
class Entry:
    """One object of a listing. `size_bytes` as stored."""

    key: str
    size_bytes: int


class Store(Protocol):
    """Whole objects under keys; an object is there entirely or not at all, whatever is killed when."""

    name: str

    def put(self, key: str, source: Path | bytes) -> None:
        """Store the object, durable on return, in place of what was there. Readers see the old or the new whole."""

    def create(self, key: str, source: Path | bytes) -> None:
        """Store the object only if the key is free: of any number of racing callers exactly one succeeds.

        KeyExists for the others, and nothing changes.
        """

    def open(self, key: str) -> AbstractContextManager[BinaryIO]:
        """Read the object from its start as a stream. NoSuchKey."""

    def list(self, prefix: str = "") -> Iterator[Entry]:
        """The objects whose key starts with `prefix`, in order of key."""

    def delete(self, key: str) -> None:
        """Take the object away. A key that is not there is no error."""


def read(store: Store, key: str) -> bytes:
    """The whole object in memory: for records, leases and other small things. NoSuchKey."""
    try:
        with store.open(key) as stream:
            return stream.read()
    except OSError as why:
        raise StoreError(f"{key} not read from {store.name}: {why.strerror or why}", "Is the disk failing?") from why


def is_key(text: str) -> bool:
    return KEY.fullmatch(text) is not None


def require_key(text: str) -> None:
    """StoreError when the text is no key."""
    if not is_key(text):
        raise StoreError(f"{text!r} is no key: names of letters, digits, '.', '_', '-', joined by '/'")
