"""What is on its way to a store, kept here until it has arrived: the very same bytes are sent again after a cut.

outbox/DATABASE@STORE.incoming   an object being written
outbox/DATABASE@STORE.sealed     the object of a point, as the store is to get it
outbox/DATABASE@STORE.pending    the point, and the hashes of its pages; what is sealed counts from when it is there
outbox/DATABASE@STORE.placed     names the object when the store has it and only the record is missing
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from station.durable import durable_write
from station.errors import DamagedObject
from station.points.pagetable import Known, Step
from station.points.point import Point, from_record, to_record
from station.sqlite.hashes import HASH_BYTES, Pages

FORMAT = 1


@dataclass(frozen=True)
class Sealed:
    """A point that is ready to be sent. `after` is what the page table holds from then on; `step` None: a full copy."""

    after: Known
    step: Step | None
    file: Path
    placed: bool = False

    @property
    def point(self) -> Point:
        return self.after.point


class Outbox:
    """The one thing that is on its way from a database to a store."""

    def __init__(self, folder: Path, database: str, store: str) -> None:
        self._folder = folder
        self._stem = f"{database}@{store}"
        self.incoming = self._path("incoming")

    def keep(self, written: Path, after: Known, step: Step | None) -> Sealed:
        """Seal the object that was `written`, durably. OSError."""
        file = self._path("sealed")
        written.rename(file)
        numbers = step.numbers if step else np.empty(0, np.uint32)
        header = {
            "format": FORMAT,
            "since": step.since.name if step else "",
            "changed_since_base": after.changed_since_base,
            "pages": len(numbers),
            "record": to_record(after.point).decode(),
        }
        rows = rows_of(after.pages)[numbers - 1] if step else rows_of(after.pages)
        content = json.dumps(header).encode() + b"\n" + numbers.astype("<u4").tobytes() + rows.tobytes()
        durable_write(self._path("pending"), content)
        return Sealed(after, step, file)

    def load(self, known: Known | None) -> Sealed | None:
        """What an earlier run has sealed. None: there is nothing, it is not whole, or does not follow `known`."""
        file = self._path("sealed")
        try:
            first, _, body = self._path("pending").read_bytes().partition(b"\n")
            header = json.loads(first)
            point = from_record(header["record"].encode(), "of the outbox")
            if header["format"] != FORMAT or not _is_whole(file, point):
                return None
            after, step = _read_note(header, point, body, known)
        except (OSError, ValueError, KeyError, TypeError, DamagedObject):
            return None
        if after.pages.page_count != point.page_count or after.pages.digest != point.digest:
            return None
        return Sealed(after, step, file, self._placed() == point.object_key)

    def note_placed(self, point: Point) -> None:
        """The store has the object. OSError."""
        durable_write(self._path("placed"), point.object_key.encode())

    def clear(self) -> None:
        """Take away whatever is there; the note first, for what is sealed counts with it alone."""
        for suffix in ("pending", "pending.partial", "placed", "placed.partial", "sealed", "incoming"):
            self._path(suffix).unlink(missing_ok=True)

    def _placed(self) -> str:
        try:
            return self._path("placed").read_text(encoding="utf-8")
        except (OSError, ValueError):
            return ""

    def _path(self, suffix: str) -> Path:
        return self._folder / f"{self._stem}.{suffix}"


def rows_of(pages: Pages) -> NDArray[np.uint64]:
    """The hashes as one row of two numbers per page, page 1 first."""
    return np.frombuffer(pages.hashes, dtype="<u8").reshape(-1, HASH_BYTES // 8)


def forget_other_stores(folder: Path, database: str, stores: set[str]) -> None:
    """Drop what is on its way to stores that are no longer this app's."""
    for file in folder.glob(f"{database}@*"):
        if file.name.partition("@")[2].partition(".")[0] not in stores:
            file.unlink(missing_ok=True)


def _read_note(header: dict[str, Any], point: Point, body: bytes, known: Known | None) -> tuple[Known, Step | None]:
    """What the page table will hold, and the step that leads there. ValueError when it does not follow `known`."""
    if not header["since"]:
        return Known(point, Pages(point.page_size, body), header["changed_since_base"]), None
    if known is None or known.point.name != header["since"]:
        raise ValueError("it follows another point")
    numbers = np.frombuffer(body, dtype="<u4", count=header["pages"]).astype(np.uint32)
    rows = body[numbers.nbytes :]
    found = (rows[at : at + HASH_BYTES] for at in range(0, len(rows), HASH_BYTES))
    pages = known.pages.changed(dict(zip(numbers.tolist(), found, strict=True)), point.page_count)
    return Known(point, pages, header["changed_since_base"]), Step(known.point, numbers)


def _is_whole(file: Path, point: Point) -> bool:
    if file.stat().st_size != point.object_bytes:
        return False
    with file.open("rb") as whole:
        return hashlib.file_digest(whole, "sha256").hexdigest() == point.object_sha256
