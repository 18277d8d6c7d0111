"""How much is taken, from whom, and how fast. Pure but for reading the setting."""

import json
import sqlite3
from collections import OrderedDict
from dataclasses import dataclass, fields
from typing import Any

_MIB = 1024 * 1024
_MOST_BUCKETS = 4096  # who has not come for the longest is forgotten: it starts with a full bucket again


@dataclass(frozen=True)
class Limits:
    """The setting `ingest` of the appliance replaces any of them; a server that starts reads it."""

    picture_bytes: int = 4 * _MIB
    pixels: int = 25_000_000
    frames_per_s: float = 5.0
    frames_burst: float = 20.0
    calls_per_s: float = 1.0  # heartbeats and configurations
    calls_burst: float = 10.0
    failures_per_s: float = 10 / 60  # wrong keys and codes, by address
    failures_burst: float = 10.0
    body_s: float = 30.0  # for a body to arrive
    bodies_bytes: int = 64 * _MIB  # of all requests together, in memory
    waiting: int = 256  # requests that wait for the disk
    queue: int = 100_000  # pictures that wait to be looked at
    free_bytes: int = 256 * _MIB  # less is left to the database, and to retention to make room
    segment_bytes: int = 16 * _MIB
    segment_s: float = 60.0


def read(db: sqlite3.Connection) -> Limits:
    """The limits that the appliance's setting `ingest` gives; what makes no sense in it has its default."""
    row = db.execute("SELECT value FROM setting WHERE name = 'ingest'").fetchone()
    found = json.loads(row["value"]) if row else {}
    chosen: dict[str, Any] = {
        each.name: (int if each.type is int else float)(found[each.name])
        for each in fields(Limits)
        if isinstance(found, dict) and _makes_sense(found.get(each.name))
    }
    return Limits(**chosen)


def _makes_sense(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 2**62


class Buckets:
    """Token buckets by name: each fills by `per_s` up to `most`."""

    def __init__(self, per_s: float, most: float) -> None:
        self._per_s, self._most = per_s, most
        self._left: OrderedDict[object, tuple[float, float]] = OrderedDict()

    def take(self, name: object, at_s: float) -> float:
        """0 when one was taken, else how many seconds until there is one. `at_s` never goes back."""
        left = self._now(name, at_s)
        taken = left >= 1
        self._put(name, left - 1 if taken else left, at_s)
        return 0.0 if taken else (1 - left) / self._per_s

    def wait_s(self, name: object, at_s: float) -> float:
        """What `take` would say; nothing is taken."""
        return max(0.0, (1 - self._now(name, at_s)) / self._per_s)

    def _now(self, name: object, at_s: float) -> float:
        left, seen_s = self._left.get(name, (self._most, at_s))
        return min(self._most, left + (at_s - seen_s) * self._per_s)

    def _put(self, name: object, left: float, at_s: float) -> None:
        self._left[name] = (left, at_s)
        self._left.move_to_end(name)
        if len(self._left) > _MOST_BUCKETS:
            self._left.popitem(last=False)
