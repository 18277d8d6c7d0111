"""What of a camera's pictures leaves the data folder: as the camera sent them, or blurred outside of the goods.

Whoever shows, sends or copies a picture for people asks here. The files themselves stay as they are: they are evidence.
"""

import hashlib
import sqlite3
import threading
from collections import OrderedDict
from dataclasses import dataclass

from pivision.config import Region
from pivision.devices import configs
from pivision.pictures.privacy import blurred

CACHE_BYTES = 24_000_000  # of blurred pictures in one process: a page of the timeline, and some more


@dataclass(frozen=True)
class Veil:
    """How a camera's pictures are shown now. `regions`: those in force now, whenever the picture was taken."""

    is_drawn: bool
    regions: tuple[Region, ...] = ()

    def over(self, jpeg: bytes) -> bytes:
        """The picture as it is shown. NotBlurred."""
        return _cache.blurred(jpeg, self.regions) if self.is_drawn else jpeg

    def tag(self, jpeg: bytes) -> str:
        """Another one whenever the picture looks different."""
        return _digest(jpeg, self.regions) if self.is_drawn else hashlib.sha256(jpeg).hexdigest()[:32]


def veil_of(db: sqlite3.Connection, device_id: int) -> Veil:
    """As the camera's setting says."""
    row = db.execute("SELECT privacy_blur FROM device WHERE id = ?", (device_id,)).fetchone()
    if row is not None and not row["privacy_blur"]:
        return Veil(is_drawn=False)
    return Veil(is_drawn=True, regions=configs.in_force(db, device_id).config.regions)


class _Cache:
    """The pictures that were asked for last. One is made at a time: a large one takes a lot of memory."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes, self._bytes = most_bytes, 0
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def blurred(self, jpeg: bytes, regions: tuple[Region, ...]) -> bytes:
        tag = _digest(jpeg, regions)
        with self._lock:
            if tag in self._kept:
                self._kept.move_to_end(tag)
                return self._kept[tag]
            made = self._kept[tag] = blurred(jpeg, regions)
            self._bytes += len(made)
            while self._bytes > self._most_bytes:
                self._bytes -= len(self._kept.popitem(last=False)[1])
            return made


def _digest(jpeg: bytes, regions: tuple[Region, ...]) -> str:
    return hashlib.sha256(repr(regions).encode() + hashlib.sha256(jpeg).digest()).hexdigest()[:32]


_cache = _Cache(CACHE_BYTES)
