"""The standby's verified local copy. Whatever is killed when, it is one restore point or the next, and knows which.

FOLDER/main-0.db         the copy; or main-1.db: a chain that has to be fetched gets the other name and takes over
FOLDER/main-0.db-wal     there while a change is being written into the copy, and only then
FOLDER/pages-main.db     which file, which point, and its page hashes; changes in one transaction
"""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from pathlib import Path

from station.durable import sync_folder
from station.errors import DamagedObject, NoSuchPoint, StoreError
from station.points.catalog import damaged_chain_key, read_point, recorded, recorded_after
from station.points.handover import HandOver
from station.points.holding import locked
from station.points.mirrorfile import discard, log_of, take_over, waiting_change
from station.points.pagetable import Known, PageTable
from station.points.placing import Owner
from station.points.point import DatabaseId, Point, to_record
from station.points.replay import CopyDiffers, replay
from station.points.restore import OnProgress, Progress, reading
from station.sqlite.scan import scan_file
from station.stores.store import Store

QUIET_AFTER = 3  # looks that found nothing: whoever writes points has begun a chain by then, or writes none
LIST_EVERY = 60  # calls of `catch_up`; the hint that serves between them may be missing, or a stale primary's


class Mirror:
    """Follows the newest chain of a database. One run at a time: Busy for the second.

    While nothing comes, of `hint_every` calls of `catch_up` one asks whether there is a new chain; that costs a call of
    the store more.
    After `catch_up`, `damage` says which objects of the store it could not use; this object does not try them again.
    """

    def __init__(self, folder: Path, store: Store, identity: DatabaseId, *, hint_every: int = 1) -> None:
        self.folder = folder
        self.damage: list[DamagedObject] = []
        self._store = store
        self._identity = identity
        self._names = tuple(f"{identity.database}-{number}.db" for number in (0, 1))
        self._table = PageTable(folder / f"pages-{identity.database}.db")
        self._next = folder / f"next-{identity.database}.wal"
        self._given_up: dict[str, DamagedObject] = {}
        self._calls = 0
        self._quiet = 0  # calls in a row that found nothing
        self._hint_every = hint_every

    @property
    def position(self) -> Point | None:
        """The point that the copy was last known to equal; after a kill `catch_up` may find it one further."""
        known = self._table.load()
        return known.point if known and (self.folder / known.file).exists() else None

    @property
    def file(self) -> Path:
        """The copy, an ordinary SQLite file. Not to be opened while `catch_up` runs."""
        known = self._table.load()
        return self.folder / (known.file if known else self._names[0])

    def catch_up(self, *, progress: OnProgress | None = None) -> Point | None:
        """Take over what is new in the store; the newest whole point that the copy now equals, None if there is none.

        A damaged object is passed by: the copy stays at, or gets to, the next best point. It never goes back.
        """
        with self._locked():
            self.damage = []
            try:
                return self._catch_up(self._settle(), progress)
            except CopyDiffers as why:  # the copy is wrong, not the store
                self.damage.append(why)
                self._throw_away()
                return self._catch_up(None, progress)

    def _catch_up(self, known: Known | None, progress: OnProgress | None) -> Point | None:
        for chain, numbers in reversed(self._chains(known).items()):
            if known and chain < known.point.chain:
                break
            if not known or chain > known.point.chain:
                started = self._start(known, chain, progress)
                if not started:
                    continue
                known = started
            known = self._follow(known, numbers, progress)
            break
        return known.point if known else None

    def prove(self) -> None:
        """Read the whole copy. DamagedObject when it is not, page by page, what its position says."""
        with self._locked():
            known = self._settled()
            file = self.folder / known.file
            if scan_file(file).hashes != known.pages.hashes:
                raise DamagedObject(
                    f"The mirror {file} is not the point {known.point.name}: its digest differs",
                    f"Something wrote to it, or the disk loses data: remove {self.folder}, and it is fetched again",
                )

    def release(self, target: Path, owner: Owner | None = None) -> None:
        """Move the copy to `target`, where nothing may be, and forget it. Run again after a kill it finishes.

        There it is the `owner`'s.

        The page table goes to the database's taker: what the copy held counts as published. Refused; NoSuchPoint.
        """
        with self._locked():
            hand_over = HandOver(self.folder, self._identity, target, owner)
            if hand_over.is_moved_from(self.file):
                discard(self.file)
            elif self.position is not None or not hand_over.is_moved():
                hand_over.move(self._settled())
            self._table.forget()

    def _settled(self) -> Known:
        known = self._settle()
        if known is None:
            raise NoSuchPoint(f"There is no mirror in {self.folder}", "`station mirror` fetches it")
        return known

    def _settle(self) -> Known | None:
        """Finish what a killed run began, and remove what it left."""
        known = self._table.load()
        if known and not (self.folder / known.file).exists():
            known = None
        for name in self._names:
            if known is None or name != known.file:
                discard(self.folder / name)
        if known is None:
            self._table.forget()
            return None
        try:
            change = waiting_change(self.folder / known.file, self._next)
            return self._take_over(known, change) if change and change != known.point else self._clean(known)
        except DamagedObject as why:
            self.damage.append(why)
            self._throw_away()
            return None

    def _throw_away(self) -> None:
        self._table.forget()
        for name in self._names:
            discard(self.folder / name)

    def _start(self, known: Known | None, chain: str, progress: OnProgress | None) -> Known | None:
        """Get to the base of another chain: by nothing when it is what the copy already holds."""

        def fetch() -> Known:
            base = read_point(self._store, self._identity, chain, 0)
            if known and _content(known.point) == _content(base):
                return self._save(replace(known, point=base))
            return self._fetch(known, base, progress)

        return self._unless_damaged(f"{chain}/{0:06d}", fetch)

    def _fetch(self, known: Known | None, base: Point, progress: OnProgress | None) -> Known:
        file = self.folder / next(name for name in self._names if known is None or name != known.file)
        if progress:
            progress(Progress(0, 1, base.object_bytes))
        partial = file.with_name(f"{file.name}.partial")
        with partial.open("wb") as stream:
            pages = replay(self._store, base, None, copy_to=stream)
            stream.flush()
            os.fsync(stream.fileno())
        partial.rename(file)
        sync_folder(self.folder)
        fetched = self._save(Known(base, pages, file=file.name))
        if known:
            discard(self.folder / known.file)
        return fetched

    def _follow(self, known: Known, numbers: list[int], progress: OnProgress | None) -> Known:
        ahead = [seq for seq in numbers if seq > known.point.seq]
        chain = known.point.chain
        for done, seq in enumerate(ahead):

            def advance(known: Known = known, seq: int = seq, done: int = done) -> Known:
                # A number that is missing between the records is a record that was lost: reading it says so.
                point = read_point(self._store, self._identity, chain, known.point.seq + 1)
                if progress:
                    progress(Progress(done, len(ahead), point.object_bytes))
                return self._advance(known, point)

            further = self._unless_damaged(f"{chain}/{known.point.seq + 1:06d}", advance)
            if further is None:
                break
            known = further
        return known

    def _advance(self, known: Known, point: Point) -> Known:
        with self._next.open("wb") as stream, (self.folder / known.file).open("rb") as copy:
            old = reading(copy, point.page_size)
            replay(self._store, point, known.pages, copy_to=stream, old=old)  # raises before anything of it is used
            stream.flush()
            os.fsync(stream.fileno())
        record = self._next.with_suffix(".json")
        with record.open("wb") as stream:
            stream.write(to_record(point))
            stream.flush()
            os.fsync(stream.fileno())
        sync_folder(self.folder)  # the record must not come later than the log it explains
        self._next.rename(log_of(self.folder / known.file))
        sync_folder(self.folder)
        return self._take_over(known, point)

    def _take_over(self, known: Known, point: Point) -> Known:
        pages = take_over(self.folder / known.file, known.pages, point)
        return self._clean(self._save(Known(point, pages, file=known.file)))

    def _chains(self, known: Known | None) -> dict[str, list[int]]:
        """The chains and their numbers. Mostly just what follows in the own chain: a listing costs more every day."""
        self._calls += 1
        if known and self._calls % LIST_EVERY != 1:
            hint = self._quiet < QUIET_AFTER or self._calls % self._hint_every == 0
            ahead = recorded_after(self._store, self._identity, known.point, hint=hint)
            self._quiet = self._quiet + 1 if ahead == [] else 0
            if ahead is not None:
                return {known.point.chain: ahead}
        return recorded(self._store, self._identity)

    def _unless_damaged(self, name: str, fetch: Callable[[], Known]) -> Known | None:
        try:
            if name in self._given_up:
                raise self._given_up[name]
            return fetch()
        except CopyDiffers:
            raise
        except DamagedObject as why:
            if name not in self._given_up:
                self._tell_the_taker(name.partition("/")[0])
            self._given_up[name] = why
            self.damage.append(why)
            return None

    def _tell_the_taker(self, chain: str) -> None:
        with suppress(StoreError):  # a hint: without it the chain ends when it is old
            self._store.put(damaged_chain_key(self._identity), chain.encode())

    def _save(self, known: Known) -> Known:
        self._table.save(known)
        return known

    def _clean(self, known: Known) -> Known:
        copy = self.folder / known.file
        for suffix in ("-wal", "-shm"):
            copy.with_name(copy.name + suffix).unlink(missing_ok=True)
        self._next.unlink(missing_ok=True)
        self._next.with_suffix(".json").unlink(missing_ok=True)
        sync_folder(self.folder)
        return known

    def _locked(self) -> AbstractContextManager[None]:
        what = f"The mirror of {self._identity.app}/{self._identity.database}"
        return locked(self.folder / f"{self._identity.database}.lock", what, os.uname().nodename)


def _content(point: Point) -> tuple[int, int, str]:
    return point.page_size, point.page_count, point.digest
