"""Bringing a database back from Litestream's replica: into a new file, checked, whole or not at all.

Which of the two engines is fresher is decided by `freshest`, which is pure.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from station.clock import from_text, to_text
from station.cluster.litestream import REPLICA, place_lines, replica_key
from station.cluster.litestream_program import Program
from station.durable import sync_folder, write_private
from station.errors import DamagedObject, NoSuchPoint, StationError
from station.fleet import Litestream, StoreSpec
from station.points.placing import Owner, hand_over
from station.points.point import DatabaseId
from station.points.restore import refuse_existing
from station.sqlite.scan import check_integrity
from station.stores.store import Store


@dataclass(frozen=True)
class Replica:
    """A replica of one epoch. `newest`: when the last of it was shipped, to the second; None when it holds nothing."""

    epoch: int
    newest: datetime | None


@dataclass(frozen=True)
class Own:
    """The newest restore point there is, by its epoch and moment; None in its place when there is none."""

    epoch: int
    taken_at: datetime


@dataclass(frozen=True)
class Choice:
    """Which engine it is, and why, in a sentence."""

    engine: str
    why: str


class Replicas:
    """The replicas of one database in one store."""

    def __init__(self, program: Program, spec: StoreSpec, identity: DatabaseId) -> None:
        self._program = program
        self._spec = spec
        self._identity = identity

    def epochs(self, store: Store) -> list[int]:
        """The epochs that a replica lies there of, the highest last. `store` is the one of our spec. StoreError."""
        folder = replica_key(self._identity.app, self._identity.database)
        names = {entry.key.removeprefix(folder).partition("/")[0] for entry in store.list(folder)}
        return sorted(int(name) for name in names if name.isdecimal())

    def newest(self, epoch: int) -> Replica:
        """The replica of that epoch. StoreError."""
        with self._described(epoch) as (options, database):
            lines = self._program.ask("generations", *options, str(database)).splitlines()[1:]
        ends = [moment for line in lines if (moment := _end_of(line)) is not None]
        return Replica(epoch, max(ends, default=None))

    def restore(
        self, replica: Replica, target: Path, at: datetime | None = None, *, owner: Owner | None = None
    ) -> None:
        """Write the database, as of `at` or the newest, to `target`, which must be new. The `owner`'s.

        Refused when there is something; DamagedObject when SQLite finds fault with what came; StoreError.
        """
        refuse_existing(target)
        partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with self._described(replica.epoch) as (options, database):
                moment = ["-timestamp", to_text(at)] if at else []
                words = ["restore", *options, *moment, "-o", str(partial), str(database)]
                self._program.ask(*words, within_s=None)
            fault = check_integrity(partial)
            if fault:
                raise DamagedObject(
                    f"Litestream's replica of epoch {replica.epoch} restores, and SQLite finds fault with it: {fault}",
                    "Try an earlier moment with --at, or our own points: --engine own",
                )
            hand_over(partial, owner)
            _settle(partial, target)
        except OSError as why:
            raise StationError(f"{target} not written: {why.strerror or why}", "Look at the disk: is it full?") from why
        finally:
            for suffix in ("", "-wal", "-shm", ".tmp", ".tmp-wal", ".tmp-shm"):
                with suppress(OSError):
                    partial.with_name(partial.name + suffix).unlink(missing_ok=True)

    @contextmanager
    def _described(self, epoch: int) -> Iterator[tuple[list[str], Path]]:
        """The options that name the replica, and the database they name it by. Litestream wants that file to exist."""
        with tempfile.TemporaryDirectory(prefix="station-litestream-") as folder:
            database, file = Path(folder) / self._identity.database, Path(folder) / "litestream.yml"
            database.touch()
            key = replica_key(self._identity.app, self._identity.database, epoch)
            lines = ["dbs:", f'  - path: "{database}"', "    replicas:", f"      - name: {REPLICA}"]
            write_private(file, "\n".join([*lines, *place_lines(self._spec, key)]) + "\n")
            yield ["-no-expand-env", "-config", str(file)], database


def freshest(own: Own | None, replica: Replica | None, lease_epoch: int, wanted: Litestream) -> Choice:
    """Which engine holds the newest state of the database. Pure.

    Only a replica of the lease's own epoch can win: what an older primary's holds beyond the last point may be what it
    wrote alone, after it had lost the lease. The moment of a replica is when a file was shipped, which may be later
    than what is in it, by as long as shipping takes; so it must be ahead of our point by more than that.
    """
    if replica is None or replica.newest is None:
        if own is None:
            raise NoSuchPoint("Neither engine holds anything to restore", "Look at `station db info`")
        return Choice("own", "Litestream's replica holds nothing")
    if own is None:
        return Choice("litestream", "there is no restore point of our own")
    moments = f"our newest point is of {to_text(own.taken_at)}, Litestream's replica of {to_text(replica.newest)}"
    if replica.epoch < max(lease_epoch, own.epoch):
        return Choice("own", f"Litestream's replica is of epoch {replica.epoch}, an older primary's; {moments}")
    if own.epoch < replica.epoch:
        return Choice("litestream", f"our newest point is of epoch {own.epoch}, an older primary's; {moments}")
    margin = timedelta(seconds=wanted.sync_every_s + 2)  # the replica's moments are whole seconds
    if replica.newest > own.taken_at + margin:
        return Choice("litestream", moments)
    return Choice("own", f"Litestream's is not surely newer: {moments}")


def pick(replicas: Replicas, epochs: list[int]) -> Replica:
    """The replica of the highest epoch that holds anything. NoSuchPoint when none does."""
    for epoch in reversed(epochs):
        found = replicas.newest(epoch)
        if found.newest is not None:
            return found
    raise NoSuchPoint("Litestream's replica holds nothing", "Was it ever started? Look at `station status`")


def _end_of(line: str) -> datetime | None:
    """The last column of a line of `litestream generations`."""
    try:
        return from_text(line.rsplit(maxsplit=1)[-1])
    except (ValueError, IndexError):
        return None


def _settle(partial: Path, target: Path) -> None:
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    refuse_existing(target)
    partial.rename(target)
    sync_folder(target.parent)
