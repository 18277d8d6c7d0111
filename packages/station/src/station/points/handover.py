"""Moving a mirror's copy to where the app has its database, so that a kill in the middle can be told from the start."""

import json
from pathlib import Path

from station.errors import StationError
from station.points.holding import durable_write, points_lock
from station.points.pagetable import Known, PageTable, table_path
from station.points.point import DatabaseId
from station.points.restore import refuse_existing
from station.stores.incoming import sync_folder


class HandOver:
    """The note that says which file was on its way to `target`: known again by its inode."""

    def __init__(self, folder: Path, identity: DatabaseId, target: Path) -> None:
        self._note = folder / f"handover-{identity.database}.json"
        self._state = folder.parent
        self._folder = folder
        self._identity = identity
        self._target = target

    def is_moved(self) -> bool:
        """An earlier run moved the file there already. Only to be asked when there is no copy left to move."""
        if not self._note.exists() or not self._target.exists():
            return False
        note = json.loads(self._note.read_bytes())
        return bool(note == self._about(self._target))

    def move(self, known: Known) -> None:
        copy = self._folder / known.file
        refuse_existing(self._target)
        self._target.parent.mkdir(parents=True, exist_ok=True)
        with points_lock(self._state, self._identity, known.point.host):
            PageTable(table_path(self._state, self._identity)).save(known)
        durable_write(self._note, json.dumps(self._about(copy)).encode())
        try:
            copy.rename(self._target)
        except OSError as why:
            raise StationError(
                f"{copy} not moved to {self._target}: {why.strerror}", "Both must lie on one file system"
            ) from why
        sync_folder(self._target.parent)
        sync_folder(self._folder)

    def _about(self, file: Path) -> dict[str, str | int]:
        found = file.stat()
        return {"target": str(self._target), "device": found.st_dev, "inode": found.st_ino}
