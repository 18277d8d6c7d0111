"""How requests go: counted in memory for the metrics, and by minute for the database."""

import sqlite3
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from pivision.ingest.statements import SQL

BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
KEPT_DAYS = 30
_FORM = "%Y-%m-%dT%H:%MZ"


@dataclass
class Sum:
    """Of the requests that ended alike."""

    requests: int = 0
    total_s: float = 0.0
    slowest_s: float = 0.0
    bytes: int = 0

    def add(self, took_s: float, size: int) -> None:
        self.requests += 1
        self.total_s += took_s
        self.slowest_s = max(self.slowest_s, took_s)
        self.bytes += size


@dataclass
class Histogram:
    """How many took up to each of BOUNDS_S; the last place is for those that took longer."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_S) + 1))
    total_s: float = 0.0

    def add(self, took_s: float) -> None:
        place = next((place for place, bound in enumerate(BOUNDS_S) if took_s <= bound), len(BOUNDS_S))
        self.counts[place] += 1
        self.total_s += took_s


class Meter:
    """Requests by endpoint and by how they ended: `ok`, `duplicate`, or a refusal's code."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._minutes: dict[tuple[str, str, str], Sum] = {}
        self._whole: dict[tuple[str, str], Sum] = {}
        self._histograms: dict[str, Histogram] = {}

    def add(self, endpoint: str, code: str, took_s: float, size: int, now: datetime) -> None:
        """A request ended."""
        minute = now.strftime(_FORM)
        with self._lock:
            self._minutes.setdefault((minute, endpoint, code), Sum()).add(took_s, size)
            self._whole.setdefault((endpoint, code), Sum()).add(took_s, size)
            self._histograms.setdefault(endpoint, Histogram()).add(took_s)

    def shown(self) -> tuple[dict[tuple[str, str], Sum], dict[str, Histogram]]:
        """Since the start: sums by endpoint and code, histograms by endpoint."""
        with self._lock:
            sums = {key: Sum(**vars(value)) for key, value in self._whole.items()}
            return sums, {key: Histogram(list(each.counts), each.total_s) for key, each in self._histograms.items()}

    def roll_up(self, db: sqlite3.Connection, now: datetime, *, all_of_it: bool = False) -> int:
        """Write the minutes that are over; how many lines that was. In the caller's transaction."""
        this = now.strftime(_FORM)
        with self._lock:
            over = [key for key in self._minutes if all_of_it or key[0] != this]
            found = [(key, self._minutes.pop(key)) for key in over]
        for (minute, endpoint, code), each in found:
            db.execute(
                SQL["roll_up"],
                {
                    "minute": minute,
                    "endpoint": endpoint,
                    "code": code,
                    "requests": each.requests,
                    "total_ms": each.total_s * 1000,
                    "slowest_ms": each.slowest_s * 1000,
                    "bytes": each.bytes,
                },
            )
        if found:
            oldest = (now - timedelta(days=KEPT_DAYS)).strftime(_FORM)
            db.execute("DELETE FROM ingest_minute WHERE minute < ?", (oldest,))
        return len(found)
