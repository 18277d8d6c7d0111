"""A store in a folder of another machine, over SFTP. What speaks SSH is imported only where such a store is opened.

Objects are files under the folder, named by their keys, as in a directory store. New ones are written in `.incoming/`
and linked or renamed into place. A marker file tells the store from an empty mount point.
"""

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import BinaryIO

from station.stores.extras import About, CannotCopy
from station.stores.meter import Meter
from station.stores.sftp.download import NoFile, open_stream
from station.stores.sftp.entrance import Place
from station.stores.sftp.line import Absent, Line
from station.stores.sftp.naming import Names, make_folders
from station.stores.sftp.session import (
    COPY_BYTES,
    CREATE,
    READ,
    TRUNCATE,
    WRITE,
    Refusal,
    Session,
)
from station.stores.sftp.upload import FOLDER, LARGE_BYTES, Uploads
from station.stores.store import MARKER, Entry, KeyExists, NoSuchKey, is_key, require_key

COPY_AT_ONCE_BYTES = 64 * 1024 * 1024  # of one request: the server says nothing before it is done


class SftpStore:
    """Whole objects as files on another machine; see `station.stores.store.Store` for what each method promises."""

    def __init__(self, name: str, place: Place, *, meter: Meter | None = None, large_bytes: int = LARGE_BYTES) -> None:
        self.name = name
        self.place = place
        self.meter = meter or Meter()
        self._root = place.path.rstrip("/")
        self._line = Line(name, place)
        self._uploads = Uploads(self._line, large_bytes)
        self._names = Names(self._line)

    def initialise(self) -> None:
        """Make the folder a store. The only method that creates it; on a store it does nothing."""
        what = "set up the store"
        if self._line.run(what, lambda session: session.found(self._path(MARKER))) is not None:
            return

        def make(session: Session) -> None:
            make_folders(session, self._root)
            make_folders(session, self._path(FOLDER))

        self._line.run(what, make)
        identity = json.dumps({"format": 1, "id": str(uuid.uuid4())}) + "\n"
        with self._uploads.arrived(what, identity.encode(), self.meter) as fresh:
            self._names.give_new(what, fresh, MARKER)

    def put(self, key: str, source: Path | bytes) -> None:
        self.put_guarded(key, source, lambda: None)

    def put_guarded(self, key: str, source: Path | bytes, guard: Callable[[], None]) -> None:
        """As `put`, unless `guard` raises when all bytes are there; see `station.stores.extras`."""
        require_key(key)
        what = f"store {key}"
        with self._uploads.arrived(what, source, self.meter) as fresh:
            guard()
            self._names.give(what, fresh, key)

    def create(self, key: str, source: Path | bytes) -> None:
        require_key(key)
        what = f"create {key}"
        taken = KeyExists(f"{key} not created in {self.name}: there is one already")
        if isinstance(source, Path) and self._line.run(what, lambda session: session.found(self._path(key))):
            raise taken
        with self._uploads.arrived(what, source, self.meter) as fresh:
            if not self._names.give_new(what, fresh, key):
                raise taken

    @contextmanager
    def open(self, key: str) -> Iterator[BinaryIO]:
        require_key(key)
        try:
            stream = open_stream(self._line, f"read {key}", self._path(key))
        except (Absent, NoFile):
            raise NoSuchKey(f"{key} not read from {self.name}: there is no such object") from None
        with stream:
            yield stream

    def list(self, prefix: str = "") -> Iterator[Entry]:
        folder, _, _ = prefix.rpartition("/")

        def look(session: Session) -> list[Entry]:
            found = list(self._below(session, f"{folder}/" if folder else "", prefix))
            if not found:
                self._line.require_store(session)
            return found

        yield from self._line.run(f"list {prefix or 'everything'}", look)

    def delete(self, key: str) -> None:
        require_key(key)

        def remove(session: Session) -> None:
            try:
                session.remove(self._path(key))
            except Refusal:
                there = session.found(self._path(key))
                if there is None:
                    self._line.require_store(session)
                elif not S_ISDIR(there.st_mode or 0):
                    raise
                return
            folder = key
            with suppress(Refusal):  # the first that is not empty stays, and so do those above
                while "/" in folder:
                    folder = folder.rpartition("/")[0]
                    session.rmdir(self._path(folder))

        self._line.run(f"delete {key}", remove)

    def copy(self, source: str, target: str) -> None:
        """The server makes the copy; CannotCopy when it does not offer that. See `station.stores.extras`."""
        require_key(source)
        require_key(target)
        what = f"copy {source} to {target}"
        if self._line.run(what, lambda session: COPY_BYTES not in session.extensions):
            raise CannotCopy(f"{source} not copied in {self.name}: {self.place.server} cannot copy by itself")
        fresh = self._path(f"{FOLDER}/{uuid.uuid4().hex}")
        try:
            try:
                self._line.run(what, lambda session: self._copy_bytes(session, source, fresh))
            except (Absent, NoFile):
                raise NoSuchKey(f"{source} not copied in {self.name}: there is no such object") from None
            if not self._names.give_new(what, fresh, target):
                raise KeyExists(f"{target} not created in {self.name}: there is one already")
        finally:
            self._uploads.remove(fresh)

    def about(self) -> About:
        def look(session: Session) -> About:
            self._line.require_store(session)
            disk = session.disk(self._root)
            used = disk.total_bytes - disk.free_bytes if disk else None
            return About("sftp", str(self.place), self.place.user, used, disk.free_bytes if disk else None)

        return self._line.run("look at the disk", look)

    def close(self) -> None:
        """End the connection that is kept open for the next call."""
        self._line.drop()

    def _below(self, session: Session, path: str, prefix: str) -> Iterator[Entry]:
        """The objects in a folder and those below it, as keys sort: a folder counts with its slash."""
        found = []
        for entry in session.entries(self._path(path).rstrip("/")):
            mode = entry.st_mode or 0
            if is_key(entry.filename) and (S_ISDIR(mode) or S_ISREG(mode)):
                found.append((entry.filename + ("/" if S_ISDIR(mode) else ""), int(entry.st_size or 0)))
        for name, size in sorted(found):
            key = path + name
            if not (key.startswith(prefix) or prefix.startswith(key)):
                continue
            if name.endswith("/"):
                yield from self._below(session, key, prefix)
            else:
                yield Entry(key, size)

    def _copy_bytes(self, session: Session, source: str, fresh: str) -> None:
        original = session.open_handle(self._path(source), READ)
        try:
            size, _, is_file = session.size_of(original)
            if not is_file:
                raise NoFile
            made = session.open_handle(fresh, WRITE | CREATE | TRUNCATE)
            try:
                for offset in range(0, size, COPY_AT_ONCE_BYTES):
                    session.copy_bytes(original, made, offset, min(COPY_AT_ONCE_BYTES, size - offset))
                session.sync(made)
            finally:
                session.close_handle(made)
        finally:
            session.close_handle(original)

    def _path(self, key: str) -> str:
        return f"{self._root}/{key}"
