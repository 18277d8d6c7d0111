"""What a store tells about an app: who was primary when, and its restore points. Reads only what it has not seen yet.

A record that cannot be read is counted and left out; whether the objects behind it are whole is `points.verify`'s.
"""

import json
import queue
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from station.clock import from_text
from station.errors import DamagedObject, StoreError
from station.points.point import DatabaseId, Point, from_record
from station.stores.store import NoSuchKey, Store, read
from station.watch.statuses import LeaseSeen

Record = TypeVar("Record")

_RECORD = re.compile(r"(\d{6}-[^/]+/)?\d{6,}\.json")  # of an epoch, or of a point in its chain; copies have others


@dataclass(frozen=True)
class StoreView:
    """Everything a store says of one app. `epochs` and `points` are in order; the last is the newest."""

    epochs: tuple[LeaseSeen, ...]
    points: tuple[Point, ...]
    unreadable: tuple[str, ...]

    @property
    def lease(self) -> LeaseSeen | None:
        """Who is primary: the highest epoch. None when nobody ever was."""
        return self.epochs[-1] if self.epochs else None

    @property
    def stored_bytes(self) -> int:
        return sum(point.object_bytes for point in self.points)

    @property
    def chains(self) -> int:
        return len({point.folder for point in self.points})


class StoreLog:
    """Keeps what was read of an app's records, which never change once they exist."""

    def __init__(self, store: Store, app: str, databases: tuple[str, ...]) -> None:
        self._store = store
        self._app = app
        self._databases = databases
        self._epochs: dict[str, LeaseSeen | None] = {}
        self._points: dict[str, Point | None] = {}

    def look(self) -> StoreView:
        """The app's epochs and points as they are now. StoreError when the store does not answer."""
        self._epochs = self._fresh(f"{self._app}/epochs/", self._epochs, read_epoch)
        points: dict[str, Point | None] = {}
        for database in self._databases:
            prefix = DatabaseId(self._app, database).prefix
            points |= self._fresh(prefix, {k: v for k, v in self._points.items() if k.startswith(prefix)}, from_record)
        self._points = points
        return StoreView(
            epochs=tuple(sorted((each for each in self._epochs.values() if each), key=lambda each: each.epoch)),
            points=tuple(sorted((each for each in points.values() if each), key=lambda each: each.taken_at)),
            unreadable=tuple(key for key, value in (self._epochs | points).items() if value is None),
        )

    def _fresh(
        self, prefix: str, known: dict[str, Record | None], parse: Callable[[bytes, str], Record]
    ) -> dict[str, Record | None]:
        keys = [entry.key for entry in self._store.list(prefix) if _RECORD.fullmatch(entry.key.removeprefix(prefix))]
        return {key: known[key] if known.get(key) is not None else self._read(key, parse) for key in keys}

    def _read(self, key: str, parse: Callable[[bytes, str], Record]) -> Record | None:
        try:
            return parse(read(self._store, key), key)
        except (DamagedObject, NoSuchKey):
            return None


def read_epoch(record: bytes, key: str) -> LeaseSeen:
    """The epoch that a lease record describes. DamagedObject, naming `key`, when it is no such record."""
    try:
        said = json.loads(record)
        return LeaseSeen(int(said["epoch"]), str(said["holder"]), from_text(said["taken_at"]), str(said["reason"]))
    except (ValueError, TypeError, KeyError) as why:
        raise DamagedObject(f"The lease record {key} cannot be read: {why}") from why


@dataclass(frozen=True)
class StoreNews:
    """The last look at a store: what was seen, how long ago, and why the newest look failed if it did."""

    view: StoreView | None
    age_s: float | None
    error: str | None


def look_within(log: StoreLog, limit_s: float) -> StoreNews:
    """Look now, and wait no longer than `limit_s`: a store that is gone or hangs is news too."""
    answers: queue.Queue[StoreNews] = queue.Queue()
    threading.Thread(target=lambda: answers.put(_look(log)), name="look at the store", daemon=True).start()
    try:
        return answers.get(timeout=limit_s)
    except queue.Empty:
        return StoreNews(None, None, f"The store does not answer within {limit_s:g} s")


def _look(log: StoreLog) -> StoreNews:
    try:
        return StoreNews(log.look(), 0.0, None)
    except StoreError as why:
        return StoreNews(None, None, why.message)
