"""A store in a folder of Dropbox, through the official SDK. It is imported only where such a store is opened.

Objects are files under the store's folder, named by their keys. Dropbox does not tell upper from lower case: keys that
differ in nothing else would be one file. A marker file tells the store from a folder that was emptied or mistaken.
"""

import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from dropbox.files import CommitInfo, FileMetadata, FolderMetadata, WriteMode

from station.errors import StoreError
from station.stores.dropbox.calls import Calls, Entrance
from station.stores.dropbox.download import open_stream
from station.stores.dropbox.errors import Declined, tags
from station.stores.dropbox.upload import Uploads
from station.stores.extras import About
from station.stores.meter import Meter
from station.stores.patience import Patience
from station.stores.store import MARKER, Entry, KeyExists, NoSuchKey, is_key, require_key

PAGE = 2000  # entries of a listing's answer, the most that Dropbox gives
MOST_LISTINGS = 3  # how often a listing is begun anew because its cursor was reset
ABSENT = {"not_found", "not_file", "not_folder"}


class DropboxStore:
    """Whole objects as files in Dropbox; see `station.stores.store.Store` for what each method promises.

    `state` is a folder of this host where an upload that was cut is remembered.
    """

    def __init__(
        self,
        name: str,
        folder: str,
        entrance: Entrance,
        *,
        state: Path | None = None,
        patience: Patience | None = None,
        meter: Meter | None = None,
    ) -> None:
        self.name = name
        self.meter = meter or Meter()
        self.folder = folder.rstrip("/")
        self._calls = Calls(entrance, patience or Patience())
        self._uploads = Uploads(self._calls, name, self.meter, state)
        self._is_there = False

    def initialise(self) -> None:
        """Make the folder a store. On a store it does nothing."""
        identity = json.dumps({"format": 1, "id": str(uuid.uuid4())}) + "\n"
        with suppress(KeyExists):
            self._send("set up the store", MARKER, identity.encode(), WriteMode.add)
        self._is_there = True

    def put(self, key: str, source: Path | bytes) -> None:
        require_key(key)
        self._require_store()
        self._send(f"store {key}", key, source, WriteMode.overwrite)

    def put_guarded(self, key: str, source: Path | bytes, guard: Callable[[], None]) -> None:
        """As `put`, unless `guard` raises right before the object appears; see `station.stores.extras`."""
        require_key(key)
        self._require_store()
        self._send(f"store {key}", key, source, WriteMode.overwrite, guard)

    def create(self, key: str, source: Path | bytes) -> None:
        require_key(key)
        self._require_store()
        what = f"create {key}"
        is_large = isinstance(source, Path) and source.stat().st_size > self._calls.piece_bytes
        if is_large and self._metadata(what, key) is not None and not self._uploads.may_be_done(self._path(key)):
            raise self._taken(key)
        self._send(what, key, source, WriteMode.add)

    @contextmanager
    def open(self, key: str) -> Iterator[BinaryIO]:
        require_key(key)
        self._require_store()
        try:
            stream = open_stream(self._calls, self._what(f"read {key}"), self._path(key))
        except Declined as why:
            if ABSENT.isdisjoint(tags(why.error)):
                raise
            raise NoSuchKey(f"{key} not read from {self.name}: there is no such object") from None
        with stream:
            yield stream

    def list(self, prefix: str = "") -> Iterator[Entry]:
        folder, _, _ = prefix.rpartition("/")
        found = self._entries(folder)
        if not found:
            self._is_there = False  # nothing at all: no such keys, or no store any more
        self._require_store()
        yield from sorted((entry for entry in found if entry.key.startswith(prefix)), key=lambda entry: entry.key)

    def delete(self, key: str) -> None:
        require_key(key)
        self._require_store()
        what = f"delete {key}"
        there = self._metadata(what, key)
        if not isinstance(there, FileMetadata):
            return  # nothing, or a folder: that would go with all that is in it
        try:
            self._run(what, lambda client: client.files_delete_v2(self._path(key), parent_rev=there.rev))
        except Declined as why:
            if ABSENT.isdisjoint(tags(why.error)):
                raise

    def copy(self, source: str, target: str) -> None:
        """Dropbox makes the copy; see `station.stores.extras`."""
        require_key(source)
        require_key(target)
        self._require_store()
        what = f"copy {source} to {target}"
        original = self._metadata(what, source)
        if not isinstance(original, FileMetadata):
            raise NoSuchKey(f"{source} not copied in {self.name}: there is no such object")
        try:
            self._run(what, lambda client: client.files_copy_v2(original.path_lower, self._path(target)))
        except Declined as why:
            if "conflict" not in tags(why.error) or "file_ancestor" in tags(why.error):
                raise
            there = self._metadata(what, target) if why.in_doubt else None
            if getattr(there, "content_hash", None) != original.content_hash:
                raise self._taken(target) from None

    def about(self) -> About:
        what = "ask about the account"
        account = self._run(what, lambda client: client.users_get_current_account())
        space = self._run(what, lambda client: client.users_get_space_usage())
        plan = space.allocation
        room = plan.get_team() if plan.is_team() else plan.get_individual() if plan.is_individual() else None
        free = max(0, room.allocated - (room.used if plan.is_team() else space.used)) if room else None
        return About("dropbox", self.folder or "/", account.email, int(space.used), free)

    def close(self) -> None:
        """End the connections that are kept open for the next call."""
        self._calls.close()

    def _send(self, what: str, key: str, source: Path | bytes, mode: WriteMode, *guard: Callable[[], None]) -> None:
        commit = CommitInfo(path=self._path(key), mode=mode, autorename=False, mute=True, strict_conflict=True)
        try:
            self._uploads.send(self._what(what), commit, source, *guard)
        except Declined as why:
            if mode.is_add() and "conflict" in tags(why.error) and "file_ancestor" not in tags(why.error):
                raise self._taken(key) from None
            raise
        except OSError as why:
            raise StoreError(f"Could not {self._what(what)}: {why.strerror or why} ({why.filename})") from why

    def _taken(self, key: str) -> KeyExists:
        return KeyExists(f"{key} not created in {self.name}: there is one already")

    def _require_store(self) -> None:
        """StoreError when the folder does not hold a store. Once it was found it is looked for after empty answers."""
        if self._is_there:
            return
        if self._metadata("find the store", MARKER) is None:
            raise StoreError(
                f"The store {self.name} is gone: {self.folder or '/'} in Dropbox does not hold one (no {MARKER} in it)",
                f"Was it moved or emptied, or is it another app's? `station store set-up {self.name}` begins another",
            )
        self._is_there = True

    def _metadata(self, what: str, key: str) -> Any:
        try:
            return self._run(what, lambda client: client.files_get_metadata(self._path(key)))
        except Declined as why:
            if ABSENT.isdisjoint(tags(why.error)):
                raise
            return None

    def _entries(self, folder: str) -> Sequence[Entry]:
        """The objects below a folder of the store; a cursor that is reset begins the listing anew."""
        path = self._path(folder) if folder else self.folder
        for _ in range(MOST_LISTINGS):
            try:
                return _keys(self._pages(f"list {folder or 'everything'}", path), folder, path.count("/"))
            except Declined as why:
                found = tags(why.error)
                if not ABSENT.isdisjoint(found):
                    return []
                if "reset" not in found:
                    raise
        raise StoreError(f"Could not list {path} in the store {self.name}: it changes all the time", "Try again")

    def _pages(self, what: str, path: str) -> Sequence[Any]:
        page = self._run(what, lambda client: client.files_list_folder(path, recursive=True, limit=PAGE))
        entries = list(page.entries)
        while page.has_more:
            cursor = page.cursor
            page = self._run(what, lambda client, cursor=cursor: client.files_list_folder_continue(cursor))
            entries.extend(page.entries)
        return entries

    def _run(self, what: str, call: Any) -> Any:
        return self._calls.run(self._what(what), call)

    def _what(self, what: str) -> str:
        return f"{what} in the store {self.name}"

    def _path(self, key: str) -> str:
        return f"{self.folder}/{key}"


def _keys(entries: Sequence[Any], folder: str, depth: int) -> Sequence[Entry]:
    """Keys and sizes of the files. The case of a name is right in the entry of its own: each folder gives its name."""
    names = {entry.path_lower: entry.name for entry in entries if isinstance(entry, (FolderMetadata, FileMetadata))}
    files = {entry.path_lower: entry for entry in entries if isinstance(entry, FileMetadata)}
    found = []
    for lowered, file in files.items():
        parts = lowered.split("/")
        shown = file.path_display.split("/")
        steps = range(depth + 1, len(parts))
        key = "/".join(names.get("/".join(parts[: step + 1]), shown[step]) for step in steps)
        key = f"{folder}/{key}" if folder else key
        if is_key(key):
            found.append(Entry(key, int(file.size)))
    return found
