"""Making portable copies of a live database, and fetching them back. See portable.py for what lies in the store.

The current copy belongs to an epoch: before each write the lease is asked, and the record that is there is read, so
that an old primary does not put its copy over a newer one.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from station.clock import Clock
from station.durable import sync_folder
from station.errors import DamagedObject, LeaseLost, Refused, StationError
from station.points.holding import locked
from station.points.point import DatabaseId
from station.points.portable import (
    Copy,
    backup_key,
    current_key,
    known_copy,
    record_key,
    recorded_copies,
    stored_names,
    to_record,
)
from station.points.portablefile import OnBytes, prove_portable, size_and_sha256, write_portable
from station.points.portableread import read_copy
from station.points.restore import refuse_existing
from station.stores.cipher import SUFFIX, cipher_of
from station.stores.extras import copied, put_guarded
from station.stores.store import KeyExists, Store


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
        self._cipher = cipher_of(store)

    def upload(self, known: Standing | None = None, on_bytes: OnBytes | None = None) -> Stored:
        """Bring `database.db` up to date. What is there already is not sent again, with `known` not even read.

        LeaseLost when another host is primary; DatabaseError, DamagedObject, StoreError.
        """
        there = known_copy(self._store, self._source.identity)
        if there and known and self._is_as_new(there, known.digest):
            return self._renew(there, known.at)
        with self._spooled(on_bytes) as (made, plain):
            if there and self._is_as_new(there, made.digest):
                return self._renew(there, made.taken_at)
            copy, file = self._sealed(made, plain)
            self._record([*self._recorded()[-2:], copy])  # two, where a run was cut: either may lie there
            put_guarded(self._store, copy.object_key(self._current), file, self._guard)
        self._record([copy])
        self._drop_other(copy)
        return Stored(copy.object_key(self._current), copy, Sent.FILE)

    def back_up(self, name: str, known: Standing | None = None, on_bytes: OnBytes | None = None) -> Stored:
        """Keep a copy under the name. Refused when there is one of that name; else as `upload`."""
        key = backup_key(self._source.identity, name)
        if stored_names(self._store, key):
            raise _name_taken(name)
        there = known_copy(self._store, self._source.identity)
        if there and known and (kept := self._copied(key, there, known)):
            return kept
        with self._spooled(on_bytes) as (made, plain):
            if there and (kept := self._copied(key, there, Standing(made.digest, made.taken_at))):
                return kept
            copy, file = self._sealed(made, plain)
            self._still_ours()
            self._store.put(record_key(copy.object_key(key)), to_record([copy]))
            try:
                self._store.create(copy.object_key(key), file)
            except KeyExists as why:
                raise _name_taken(name) from why
        return Stored(copy.object_key(key), copy, Sent.FILE)

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
            file.with_name(file.name + SUFFIX).unlink(missing_ok=True)

    def _sealed(self, copy: Copy, file: Path) -> tuple[Copy, Path]:
        """The copy as the store is to have it. When that is encrypted the plain file is gone."""
        if self._cipher is None:
            return copy, file
        sealed = file.with_name(file.name + SUFFIX)
        key = self._cipher.encrypt(file, sealed)
        file.unlink()
        size_bytes, sha256 = size_and_sha256(sealed)
        return replace(copy, bytes=size_bytes, sha256=sha256, key=key), sealed

    def _is_as_new(self, there: Copy, digest: str) -> bool:
        """Whether a new copy of a database with that digest would be no other."""
        return there.digest == digest and there.key == (self._cipher.key_id if self._cipher else "")

    def _renew(self, there: Copy, at: datetime) -> Stored:
        copy = self._ours(there, at)
        self._record([copy])
        self._drop_other(copy)
        return Stored(copy.object_key(self._current), copy, Sent.NOTHING)

    def _drop_other(self, copy: Copy) -> None:
        """Take away the plain copy that was there before encryption was switched on, or the encrypted one."""
        for name in stored_names(self._store, self._current):
            if name != copy.object_key(self._current):
                self._guard()
                self._store.delete(name)

    def _ours(self, there: Copy, at: datetime) -> Copy:
        return replace(there, epoch=self._source.epoch, host=self._source.host, taken_at=at)

    def _recorded(self) -> list[Copy]:
        try:
            return recorded_copies(self._store, self._current)
        except DamagedObject:
            return []

    def _record(self, copies: list[Copy]) -> None:
        put_guarded(self._store, record_key(self._current), to_record(copies), self._guard)

    def _copied(self, key: str, there: Copy, now: Standing) -> Stored | None:
        """The backup, when the current copy is what it is to hold and the store copied that by itself."""
        if not self._is_as_new(there, now.digest):
            return None
        copy, target = self._ours(there, now.at), there.object_key(key)
        self._still_ours()
        self._store.put(record_key(target), to_record([copy]))
        try:
            done = copied(self._store, there.object_key(self._current), target)
        except KeyExists as why:
            raise _name_taken(key.rpartition("/")[2]) from why
        return Stored(target, copy, Sent.COPIED) if done else None

    def _guard(self) -> None:
        """LeaseLost when the lease, or the copy that is there, says that somebody else is primary."""
        self._still_ours()
        for other in self._recorded():
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
    """Write the portable copy called `key` to `target`, which must not exist; proved, and all of it or nothing.

    It is decrypted where it is encrypted, whatever the name says. Refused when there is something at `target`;
    DamagedObject when the copy is not what its record says; NoSuchKey; StoreError when the key to it is missing here.
    """
    refuse_existing(target)
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        copy = read_copy(store, key, partial, on_bytes)
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


def _name_taken(name: str) -> Refused:
    return Refused(f"No backup made: there is one named {name}", "Choose another name; none is written twice")
