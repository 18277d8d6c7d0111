"""Moving a mirror's copy to where the app has its database, so that a kill in the middle can be told from the start."""

import json
from pathlib import Path

from station.durable import durable_write
from station.errors import StationError
from station.points.holding import points_lock
from station.points.pagetable import Known, PageTable, table_path
from station.points.placing import Owner, hand_over, make_folder, move
from station.points.point import DatabaseId
from station.points.restore import refuse_existing


class HandOver:
    """The note that says which file was on its way to `target`: known again by its inode."""

    def __init__(self, folder: Path, identity: DatabaseId, target: Path, owner: Owner | None = None) -> None:
        self._note = folder / f"handover-{identity.database}.json"
        self._state = folder.parent
        self._folder = folder
        self._identity = identity
        self._target = target
        self._owner = owner

    def is_moved(self) -> bool:
        """An earlier run moved the file there already. Only to be asked when there is no copy left to move."""
        noted = self._noted()
        return noted is not None and self._target.exists() and noted | self._about(self._target) == noted

    def is_moved_from(self, copy: Path) -> bool:
        """An earlier run brought a copy of this very file there, and was killed before it took the file away."""
        if not self._target.exists() or not copy.exists():
            return False
        return self._noted() == self._about(self._target) | {"copy_of": copy.stat().st_ino}

    def move(self, known: Known) -> None:
        copy = self._folder / known.file
        refuse_existing(self._target)
        make_folder(self._target.parent, self._owner)
        with points_lock(self._state, self._identity, known.point.host):
            PageTable(table_path(self._state, self._identity)).save(known)
        try:
            hand_over(copy, self._owner)
            self._write_note(self._about(copy))
            copy_of = copy.stat().st_ino
            # on another file system it becomes another file: of that one too it must be known that it is ours
            move(copy, self._target, copied=lambda path: self._write_note(self._about(path) | {"copy_of": copy_of}))
        except OSError as why:
            raise StationError(
                f"{copy} not moved to {self._target}: {why.strerror}", "Look at the disk: is it full?"
            ) from why

    def _write_note(self, note: dict[str, str | int]) -> None:
        durable_write(self._note, json.dumps(note).encode())

    def _noted(self) -> dict[str, str | int] | None:
        try:
            return dict(json.loads(self._note.read_bytes()))
        except FileNotFoundError:
            return None

    def _about(self, file: Path) -> dict[str, str | int]:
        found = file.stat()
        return {"target": str(self._target), "device": found.st_dev, "inode": found.st_ino}
