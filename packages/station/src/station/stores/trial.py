"""A trial of a store: what copies and lease hang on, tried with one small object that is taken away again."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from secrets import token_bytes, token_hex

from station.errors import StationError, StoreError
from station.stores.extras import About, about, can_hold_lease
from station.stores.store import KeyExists, Store, read

PREFIX = "station-test/"


@dataclass(frozen=True)
class Step:
    """One step: what was done, how long it took, and what came of it: a fact, or why it failed."""

    name: str
    took_s: float
    found: About | str
    failure: StationError | None = None


class Trial:
    """Run it once; after the first step that fails there is no other."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._key = f"{PREFIX}{token_hex(8)}"
        self._first, self._second = token_bytes(16), token_bytes(4096)

    def steps(self) -> Iterator[Step]:
        """Each step as it is done."""
        wanted: tuple[tuple[str, Callable[[], About | str]], ...] = (
            ("reach it", self._reach),
            ("room and account", self._about),
            ("create", self._create),
            ("create again", self._create_again),
            ("read", lambda: self._read(self._first)),
            ("put", self._put),
            ("read again", lambda: self._read(self._second)),
            ("list", self._list),
            ("delete", self._delete),
            ("list again", self._list_again),
        )
        for name, do in wanted:
            step = _timed(name, do)
            yield step
            if step.failure is not None:
                with suppress(StationError):
                    self._store.delete(self._key)
                return

    def _reach(self) -> str:
        return "it answers" if next(iter(self._store.list()), None) else "it answers, and is empty"

    def _about(self) -> About | str:
        return about(self._store) or "such a store does not tell"

    def _create(self) -> str:
        self._store.create(self._key, self._first)
        return f"{len(self._first)} bytes"

    def _create_again(self) -> str:
        try:
            self._store.create(self._key, self._second)
        except KeyExists:
            if can_hold_lease(self._store):
                return "refused, as it must be: the lease hangs on it"
            return "refused after a look: no lease can be here, so not an app's first store (docs/s3.md)"
        raise StoreError(
            f"{self._store.name} created one key twice", "Two hosts could become primary at once: use another store"
        )

    def _read(self, wanted: bytes) -> str:
        if read(self._store, self._key) != wanted:
            raise StoreError(
                f"{self._store.name} gave back other bytes than it was given",
                "Keep no copies there",
            )
        return "the same bytes"

    def _put(self) -> str:
        self._store.put(self._key, self._second)
        return f"{len(self._second)} bytes in its place"

    def _list(self) -> str:
        sizes = [entry.size_bytes for entry in self._store.list(self._key) if entry.key == self._key]
        if sizes != [len(self._second)]:
            raise StoreError(
                f"{self._store.name} does not list an object that it holds",
                "Its listings are late: keep no lease there",
            )
        return "there, with its size"

    def _delete(self) -> str:
        self._store.delete(self._key)
        return "taken away"

    def _list_again(self) -> str:
        if any(True for _ in self._store.list(self._key)):
            raise StoreError(f"{self._store.name} lists an object that was deleted", "Its listings are late")
        return "gone"


def _timed(name: str, do: Callable[[], About | str]) -> Step:
    began_s = time.monotonic()
    found: About | str
    failure: StationError | None
    try:
        found, failure = do(), None
    except StationError as why:
        found, failure = why.message, why
    return Step(name, round(time.monotonic() - began_s, 4), found, failure)
