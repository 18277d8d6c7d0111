"""A store beside which somebody counts the bytes that are read from it."""

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

if TYPE_CHECKING:
    from station.stores.store import Entry, Store

_RECORD = re.compile(r".+/\d{6}-[^/]+/\d{6}\.json")  # of a point: never changes once it is there
_OBJECT = re.compile(r"\d{6}-[^/]+/[^/]+(?<!\.json)(?<!\.sh)(?<!\.py)")  # what a point's record names


class Watched:
    """The store itself; `on_read` is told of every piece of an object. Records are read once, and not counted."""

    def __init__(self, store: "Store", on_read: Callable[[int], None]) -> None:
        self.name = store.name
        self._store = store
        self._on_read = on_read
        self._records: dict[str, bytes] = {}

    def put(self, key: str, source: Path | bytes) -> None:
        self._store.put(key, source)

    def create(self, key: str, source: Path | bytes) -> None:
        self._store.create(key, source)

    def list(self, prefix: str = "") -> "Iterator[Entry]":
        return self._store.list(prefix)

    def delete(self, key: str) -> None:
        self._store.delete(key)

    @contextmanager
    def open(self, key: str) -> Iterator[BinaryIO]:
        if _RECORD.fullmatch(key):
            if key not in self._records:
                with self._store.open(key) as stream:
                    self._records[key] = stream.read()
            yield io.BytesIO(self._records[key])
            return
        with self._store.open(key) as stream:
            yield cast("BinaryIO", _Counted(stream, self._on_read))

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)  # what some stores have besides: cipher, meter, about


class _Counted(io.RawIOBase):
    """A stream that tells of what is read through it. Whoever opened the inner one closes it."""

    def __init__(self, stream: BinaryIO, on_read: Callable[[int], None]) -> None:
        self._stream = stream
        self._on_read = on_read

    def readable(self) -> bool:
        return True

    def read(self, amount: int = -1) -> bytes:
        block = self._stream.read(amount)
        self._on_read(len(block))
        return block

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast("bytearray", buffer)).cast("B")
        block = self.read(len(view))
        view[: len(block)] = block
        return len(block)


def stored_bytes(store: "Store", prefix: str) -> int:
    """The bytes of the objects of all restore points below a database's prefix; by one listing."""
    return sum(_chains(store, prefix).values())


def newest_chain_bytes(store: "Store", prefix: str) -> int:
    """Those of the newest chain; by one listing."""
    chains = _chains(store, prefix)
    return chains[max(chains)] if chains else 0


def _chains(store: "Store", prefix: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for entry in store.list(prefix):
        key = entry.key.removeprefix(prefix)
        if _OBJECT.fullmatch(key):
            chain = key.partition("/")[0]
            found[chain] = found.get(chain, 0) + entry.size_bytes
    return found
