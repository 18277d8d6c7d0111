"""Numbers for pictures that only rise, whatever happens to the power: a thousand are reserved at each write."""

import json
import os
import secrets
from pathlib import Path

BLOCK = 1000


class Numbers:
    """`life` names this counter: one that starts anew, on a new card, has another, so that no number comes twice."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "numbers.json"
        try:
            found = json.loads(self._file.read_text(encoding="utf-8"))
            self.life, self._reserved = str(found["life"]), int(found["reserved"])
        except (OSError, ValueError, KeyError, TypeError):
            self.life, self._reserved = secrets.token_hex(8), 0
        self._last = self._reserved

    def next(self) -> int:
        """A number that none of this life had before."""
        if self._last >= self._reserved:
            self._reserve(self._last + BLOCK)
        self._last += 1
        return self._last

    def settle(self) -> None:
        """At an orderly end: what was reserved and not given is given back, so that no number seems to be lost."""
        if self._last < self._reserved:
            self._reserve(self._last)

    def _reserve(self, until: int) -> None:
        new = self._file.with_suffix(".new")
        with new.open("w", encoding="utf-8") as file:
            json.dump({"life": self.life, "reserved": until}, file)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._file)
        folder = os.open(self._file.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        self._reserved = until
