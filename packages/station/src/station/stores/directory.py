"""A store in a directory: a USB disk, a network drive, or a folder beside the demo.

Objects are ordinary files under the directory, named by their keys. New ones are written in `.incoming/` and linked
or renamed into place, so a reader never meets half an object. A marker file tells the store from an empty mount point:
a disk that is not mounted is an error, never a new store on the card below it.
"""

import ctypes
import errno
import json
import os
import shutil
import stat
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, TypeVar

from station.durable import sync_folder
from station.errors import StoreError
from station.stores.extras import About
from station.stores.incoming import Incoming
from station.stores.meter import Meter
from station.stores.store import MARKER, Entry, KeyExists, NoSuchKey, require_key

NO_HARD_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}
AT_FDCWD = -100
RENAME_NOREPLACE = 1
IN_USE = {errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR, errno.EBUSY}
MOST_ATTEMPTS = 100  # at giving a file its name, while others take its emptied folder away

Given = TypeVar("Given")


class DirectoryStore:
    """Whole objects as files in a directory; see `station.stores.store.Store` for what each method promises."""

    def __init__(self, name: str, path: Path, *, meter: Meter | None = None) -> None:
        self.name = name
        self.path = path
        self.meter = meter or Meter()
        self._durable: dict[Path, int] = {}  # folders whose names are on the disk for certain, with their inodes

    @property
    def is_there(self) -> bool:
        """Whether the directory has been made a store."""
        return self._marker.exists()

    def initialise(self) -> None:
        """Make the directory a store. The only method that creates it; on a store it does nothing."""
        with self._refusals("set up"):
            if self.is_there:
                return
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)  # it holds all that the apps know
            with Incoming(self.path).file(self._identity()) as fresh:
                _place_new(fresh, self._marker)
            sync_folder(self.path)

    def put(self, key: str, source: Path | bytes) -> None:
        self.put_guarded(key, source, lambda: None)

    def put_guarded(self, key: str, source: Path | bytes, guard: Callable[[], None]) -> None:
        """As `put`, unless `guard` raises when all bytes are there; see `station.stores.extras`."""
        final = self._file(key)
        with self._refusals(f"store {key}"):
            self._require_root()
            with self._incoming().file(source) as fresh:
                guard()
                self._place(final, lambda: fresh.replace(final))

    def create(self, key: str, source: Path | bytes) -> None:
        final = self._file(key)
        with self._refusals(f"create {key}"):
            self._require_root()
            if final.exists() or not self._create(final, source):
                raise KeyExists(f"{key} not created in {self.name}: there is one already")

    @contextmanager
    def open(self, key: str) -> Iterator[BinaryIO]:
        file = self._file(key)
        with self._refusals(f"read {key}"):
            self._require_root()
            try:
                stream = file.open("rb")
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as why:
                raise NoSuchKey(f"{key} not read from {self.name}: there is no such object") from why
        with stream:
            yield stream

    def list(self, prefix: str = "") -> Iterator[Entry]:
        with self._refusals(f"list {prefix or 'everything'}"):
            self._require_root()
            folder, _, _ = prefix.rpartition("/")
            yield from self._below(self.path / folder, f"{folder}/" if folder else "", prefix)

    def delete(self, key: str) -> None:
        file = self._file(key)
        with self._refusals(f"delete {key}"):
            self._require_root()
            file.unlink(missing_ok=True)
            self._sync(self._without_empty(file.parent))

    def copy(self, source: str, target: str) -> None:
        """A second file, not a second name: a person may open either and write into it."""
        with self.open(source):
            self.create(target, self._file(source))

    def about(self) -> About:
        with self._refusals("look at"):
            self._require_root()
            disk = shutil.disk_usage(self.path)
        return About("directory", str(self.path), used_bytes=disk.used, free_bytes=disk.free)

    @property
    def _marker(self) -> Path:
        return self.path / MARKER

    def _identity(self) -> bytes:
        return (json.dumps({"format": 1, "id": str(uuid.uuid4())}) + "\n").encode()

    def _file(self, key: str) -> Path:
        require_key(key)
        return self.path / key

    def _require_root(self) -> None:
        if not self._marker.exists():
            raise StoreError(
                f"The store {self.name} is gone: {self.path} does not hold one (no {MARKER} in it)",
                f"Is the disk mounted? If it is gone for good: `station store set-up {self.name}`",
            )

    def _incoming(self) -> Incoming:
        return Incoming(self.path, self.meter)

    def _make_folders(self, folder: Path) -> None:
        """Make what is missing of a folder of the store, durably. The store itself is never made anew.

        A folder that somebody else has just made may not be durable yet: the first time it is met it is made so.
        """
        if folder == self.path:
            return
        self._make_folders(folder.parent)
        with suppress(FileExistsError):
            folder.mkdir()
        there = folder.stat()
        if not stat.S_ISDIR(there.st_mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))
        if self._durable.get(folder) != there.st_ino:
            sync_folder(folder.parent)
            self._durable[folder] = there.st_ino

    def _place(self, final: Path, give_name: Callable[[], Given]) -> Given:
        """Give the file its name, durably; its folder is made again when a racing `delete` took it away."""
        for attempt in range(MOST_ATTEMPTS):
            try:
                self._make_folders(final.parent)
                given = give_name()
                break
            except FileNotFoundError:
                self._require_root()
                if attempt == MOST_ATTEMPTS - 1:
                    raise
        with suppress(FileNotFoundError):  # placed, and deleted again already
            sync_folder(final.parent)
        return given

    def _without_empty(self, folder: Path) -> Path:
        """Take the folder away while it is empty, and those above it; the first that stays."""
        while folder != self.path:
            try:
                folder.rmdir()
            except FileNotFoundError:
                pass  # never there, or another was quicker
            except OSError as why:
                if why.errno not in IN_USE:
                    raise
                return folder
            self._durable.pop(folder, None)
            folder = folder.parent
        return folder

    def _sync(self, folder: Path) -> None:
        """Make durable which names are gone; the folder may be gone too by now, by another's `delete`."""
        while True:
            try:
                sync_folder(folder)
            except FileNotFoundError:
                if folder == self.path:
                    raise
                folder = folder.parent
            else:
                return

    def _create(self, final: Path, source: Path | bytes) -> bool:
        with self._incoming().file(source) as fresh:
            return self._place(final, lambda: _place_new(fresh, final))

    def _below(self, folder: Path, path: str, prefix: str) -> Iterator[Entry]:
        for name, entry in _in_order_of_key(folder):
            key = path + name
            if not (key.startswith(prefix) or prefix.startswith(key)):
                continue
            if name.endswith("/"):
                if not (entry.is_symlink() and self._leads_up(entry.path)):
                    yield from self._below(Path(entry.path), key, prefix)
                continue
            try:
                yield Entry(key, entry.stat().st_size)
            except FileNotFoundError:
                continue  # deleted while we were listing, or a link to nothing
            except OSError as why:
                if why.errno != errno.ELOOP:
                    raise

    def _leads_up(self, link: str) -> bool:
        """Whether it is a folder that the link itself lies in: who follows it never comes to an end."""
        return any(Path(link).samefile(above) for above in Path(link).parents if above.is_relative_to(self.path))

    @contextmanager
    def _refusals(self, what: str) -> Iterator[None]:
        try:
            yield
        except OSError as why:
            raise StoreError(
                f"Could not {what} in the store {self.name}: {why.strerror or why} ({self.path})",
                "Look at the disk: is it mounted, full, or read-only?",
            ) from why


def _in_order_of_key(folder: Path) -> "list[tuple[str, os.DirEntry[str]]]":
    """The names in a folder as keys sort: a folder counts with its slash, and hidden files are not there."""
    try:
        with os.scandir(folder) as entries:
            shown = [entry for entry in entries if not entry.name.startswith(".")]
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted((f"{entry.name}/" if _is_folder(entry) else entry.name, entry) for entry in shown)


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError as why:
        if why.errno != errno.ELOOP:
            raise
        return False


def _place_new(fresh: Path, final: Path) -> bool:
    """Give the file its final name unless the name is taken; exactly one of any number of racers is told True."""
    try:
        os.link(fresh, final)
    except FileExistsError:
        return _is_same(fresh, final)  # a network drive may have lost the answer to a link that was made
    except OSError as why:
        if why.errno not in NO_HARD_LINKS:
            raise
        return rename_exclusively(fresh, final)
    return True


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except FileNotFoundError:
        return False


def rename_exclusively(fresh: Path, final: Path) -> bool:
    """What `_place_new` does, for file systems without hard links (exFAT, FAT): Linux can rename without replacing."""
    libc = ctypes.CDLL(None, use_errno=True)
    here = ctypes.c_int(AT_FDCWD)
    failed = libc.renameat2(here, os.fsencode(fresh), here, os.fsencode(final), ctypes.c_uint(RENAME_NOREPLACE))
    why = ctypes.get_errno()
    if failed and why != errno.EEXIST:
        raise OSError(why, os.strerror(why))
    return not failed
