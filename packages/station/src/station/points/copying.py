"""Making portable copies of a live database, and fetching them back. See portable.py for what lies in the store.

The current copy belongs to an epoch: before each write the lease is asked, and the record that is there is read, so
that an old primary does not put its copy over a newer one.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from station.clock import Clock, to_text
from station.errors import DamagedObject, LeaseLost, Refused, StationError
from station.points.holding import locked
from station.points.point import DatabaseId
from station.points.portable import (
    UPLOAD_HINT,
    Copy,
    backup_key,
    current_key,
    known_copy,
    record_key,
    recorded_copies,
    stored_bytes,
    to_record,
)
from station.points.portablefile import OnBytes, prove_portable, write_portable
from station.points.restore import refuse_existing
from station.stores.extras import copied, put_guarded
from station.stores.incoming import sync_folder
from station.stores.store import KeyExists, Store

BLOCK_BYTES = 1 << 20


@dataclass(frozen=True)
class Source:
    """The live database that is copied, on its primary."""

    identity: DatabaseId
    database: Path
    state: Path
    host: str
    epoch: int


@dataclass(frozen=True)
class Standing:
    """What the database held at a moment, as its restore point says; saves reading it again."""

    digest: str
    at: datetime


class Sent(StrEnum):
    """How a copy came into the store."""

    FILE = "file"  # its bytes were sent
    COPIED = "copied"  # the store copied what it had
    NOTHING = "nothing"  # it was there


@dataclass(frozen=True)
class Stored:
    """A portable copy that is in the store now."""

    key: str
    copy: Copy
    sent: Sent


class Copier:
    """Makes copies of one database in one store; it holds their lock while it is open (context manager `copier`)."""

    def __init__(self, source: Source, store: Store, still_ours: Callable[[], None], now: Clock) -> None:
        self._source = source
        self._store = store
        self._still_ours = still_ours
        self._now = now
        self._current = current_key(source.identity)

    def upload(self, known: Standing | None = None, on_bytes: OnBytes | None = None) -> Stored:
        """Bring `database.db` up to date. What is there already is not sent again, with `known` not even read.

        LeaseLost when another host is primary; DatabaseError, DamagedObject, StoreError.
        """
        there = known_copy(self._store, self._source.identity)
        if there and known and there.digest == known.digest:
            return self._renew(there, known.at)
        with self._spooled(on_bytes) as (copy, file):
            if there and there.digest == copy.digest:
                return self._renew(there, copy.taken_at)
            self._record([*([there] if there else []), copy])
            put_guarded(self._store, self._current, file, self._guard)
        self._record([copy])
        return Stored(self._current, copy, Sent.FILE)

    def back_up(self, name: str, known: Standing | None = None, on_bytes: OnBytes | None = None) -> Stored:
        """Keep a copy under the name. Refused when there is one of that name; else as `upload`."""
        key = backup_key(self._source.identity, name)
        if stored_bytes(self._store, key) is not None:
            raise _name_taken(name)
        there = known_copy(self._store, self._source.identity)
        if there and known and there.digest == known.digest:
            copy = self._ours(there, known.at)
            if self._copy_there(key, copy):
                return Stored(key, copy, Sent.COPIED)
        with self._spooled(on_bytes) as (copy, file):
            if there and there.digest == copy.digest and self._copy_there(key, copy):
                return Stored(key, copy, Sent.COPIED)
            self._still_ours()
            self._store.put(record_key(key), to_record([copy]))
            try:
                self._store.create(key, file)
            except KeyExists as why:
                raise _name_taken(name) from why
        return Stored(key, copy, Sent.FILE)

    def sweep(self) -> None:
        """Remove what a killed run left on this host."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for leftover in self._folder.iterdir():
            leftover.unlink()

    @property
    def _folder(self) -> Path:
        return self._source.state / "copies" / self._source.identity.database

    @contextmanager
    def _spooled(self, on_bytes: OnBytes | None) -> Iterator[tuple[Copy, Path]]:
        """A proved copy on this host, gone when the block is left."""
        file = self._folder / "database.db"
        try:
            taken_at = self._now()
            made = write_portable(self._source.database, file, on_bytes)
            yield (
                Copy(
                    app=self._source.identity.app,
                    database=self._source.identity.database,
                    epoch=self._source.epoch,
                    host=self._source.host,
                    taken_at=taken_at,
                    page_size=made.pages.page_size,
                    page_count=made.pages.page_count,
                    digest=made.pages.digest,
                    wal=made.wal,
                    bytes=made.bytes,
                    sha256=made.sha256,
                ),
                file,
            )
        finally:
            file.unlink(missing_ok=True)

    def _renew(self, there: Copy, at: datetime) -> Stored:
        copy = self._ours(there, at)
        self._record([copy])
        return Stored(self._current, copy, Sent.NOTHING)

    def _ours(self, there: Copy, at: datetime) -> Copy:
        return replace(there, epoch=self._source.epoch, host=self._source.host, taken_at=at)

    def _record(self, copies: list[Copy]) -> None:
        put_guarded(self._store, record_key(self._current), to_record(copies), self._guard)

    def _copy_there(self, key: str, copy: Copy) -> bool:
        """Whether the store copied the current copy to `key` by itself."""
        self._still_ours()
        self._store.put(record_key(key), to_record([copy]))
        try:
            return copied(self._store, self._current, key)
        except KeyExists as why:
            raise _name_taken(key.rpartition("/")[2]) from why

    def _guard(self) -> None:
        """LeaseLost when the lease, or the copy that is there, says that somebody else is primary."""
        self._still_ours()
        try:
            recorded = recorded_copies(self._store, self._current)
        except DamagedObject:
            return
        for other in recorded:
            if other.epoch > self._source.epoch:
                raise LeaseLost(
                    f"{self._current} not written: {other.host} wrote it in epoch {other.epoch}, ours is "
                    f"{self._source.epoch}",
                    "`station status` shows who is primary",
                )


@contextmanager
def copier(source: Source, store: Store, still_ours: Callable[[], None], now: Clock) -> Iterator[Copier]:
    """The copier of that database. Busy, naming the holder, when another run on this host makes a copy of it."""
    what = f"A portable copy of {source.identity.app}/{source.identity.database}"
    with locked(source.state / f"copies-{source.identity.database}.lock", what, source.host):
        made = Copier(source, store, still_ours, now)
        made.sweep()
        try:
            yield made
        finally:
            with suppress(OSError):
                made.sweep()


def fetch(store: Store, key: str, target: Path, on_bytes: OnBytes | None = None) -> Copy:
    """Write the portable copy under `key` to `target`, which must not exist; proved, and all of it or nothing.

    Refused when there is something at `target`; DamagedObject when it is not what its record says; NoSuchKey.
    """
    refuse_existing(target)
    recorded = recorded_copies(store, key)
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        copy = _copy_of(key, recorded, _read_to(store, key, partial, on_bytes, stored_bytes(store, key) or 0))
        prove_portable(partial, copy.digest, copy.wal)
        refuse_existing(target)
        partial.rename(target)
        sync_folder(target.parent)
    except OSError as why:
        raise StationError(f"{target} not written: {why.strerror or why}", "Look at the disk: is it full?") from why
    finally:
        with suppress(OSError):
            partial.unlink()
    return copy


def _read_to(store: Store, key: str, partial: Path, on_bytes: OnBytes | None, all_bytes: int) -> str:
    """The SHA-256 of what was read and written."""
    found, done = hashlib.sha256(), 0
    with store.open(key) as stream, partial.open("wb") as file:
        while block := stream.read(BLOCK_BYTES):
            found.update(block)
            file.write(block)
            done += len(block)
            if on_bytes is not None:
                on_bytes(done, all_bytes)
        file.flush()
        os.fsync(file.fileno())
    return found.hexdigest()


def _copy_of(key: str, recorded: list[Copy], sha256: str) -> Copy:
    for copy in recorded:
        if copy.sha256 == sha256:
            return copy
    if not recorded:
        raise DamagedObject(f"{key} has no record, so nobody can say whether it is whole", UPLOAD_HINT)
    last = recorded[-1]
    raise DamagedObject(f"{key} is not the file that its record of {to_text(last.taken_at)} names", UPLOAD_HINT)


def _name_taken(name: str) -> Refused:
    return Refused(f"No backup made: there is one named {name}", "Choose another name; none is written twice")
