"""An upload that was begun and not ended, kept on this host so that the next run goes on where the last one stopped."""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from station.durable import sync_folder
from station.stores.incoming import Incoming

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Upload = TypeVar("Upload", bound="DataclassInstance")


class Underway(Generic[Upload]):
    """The one upload that is under way from this host into one store. Without a file it lives in memory only.

    `kind` is what an upload is to that kind of store; made without arguments it is none.
    """

    def __init__(self, file: Path | None, kind: type[Upload]) -> None:
        self._file = file
        self._kind = kind
        self.upload = kind()

    def keep(self, upload: Upload) -> None:
        """Note how far it is, durably."""
        self.upload = upload
        if self._file is None:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with Incoming(self._file.parent).file(json.dumps(asdict(upload)).encode()) as fresh:
            fresh.replace(self._file)
        sync_folder(self._file.parent)

    def forget(self) -> None:
        self.upload = self._kind()
        if self._file is not None:
            self._file.unlink(missing_ok=True)

    def left(self) -> Upload:
        """What the last run left; an empty one when it left nothing that can be read."""
        if self._file is not None:
            with suppress(OSError, ValueError, TypeError):
                return self._kind(**json.loads(self._file.read_bytes()))
        return self._kind()


@contextmanager
def own_file(folder: Path | None, name: str) -> Iterator[Path | None]:
    """The file for the upload under way, locked; None when another process has it, or there is no folder."""
    if folder is None:
        yield None
        return
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
        else:
            yield folder / f"{name}.json"
