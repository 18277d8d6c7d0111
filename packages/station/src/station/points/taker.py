"""Taking restore points of one live database into one store."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from station.errors import DamagedObject, LeaseLost
from station.fleet import Keep
from station.points.catalog import damaged_chain_key, newest, newest_chain_key
from station.points.holding import locked
from station.points.inventory import chain_started
from station.points.objects import BaseSpool, ChangeSpool, Spool
from station.points.pagetable import Known, PageTable
from station.points.point import DatabaseId, Point, chain_name, to_record
from station.points.replay import replay
from station.points.retention import LAST_NUMBER, outlived
from station.points.script import restore_script
from station.sqlite.scan import Database, Snapshot
from station.stores.store import KeyExists, NoSuchKey, Store, read

FEWEST_PAGES_FOR_A_NEW_BASE = 2000  # some 8 MB: below that a chain of many small changes costs less than a new copy
A_MOMENT = timedelta(milliseconds=1)
LOOK_EVERY = timedelta(minutes=1)  # how often a quiet database's last point is looked for, and a chain's damage
ENOUGH_FOR_A_NEW_CHAIN = timedelta(minutes=10)

StillOurs = Callable[[], None]


class PointTaker:
    """Takes the points of a database. Holds its lock and a connection while it is open (context manager).

    `state` is where it keeps the page table and the outbox. Busy when another taker is at it. With `keep` a chain also
    ends when it has outlived; without, as for the last point before a switch, it goes on as long as it can.
    """

    def __init__(
        self, database: Path, identity: DatabaseId, store: Store, state: Path, host: str, *, keep: Keep | None = None
    ) -> None:
        self._identity = identity
        self._store = store
        self.host = self._host = host
        self._keep = keep
        self._state = state
        self._outbox = state / "outbox"
        self._table = PageTable(table_path(state, identity))
        self._database = Database(database)
        self._held = ExitStack()
        self._known: Known | None = None
        self._settled = False  # the table is what the store says it is
        self._seen: int | None = None  # data_version of the snapshot that the last point or look was taken from
        self._looked_at: datetime | None = None
        self._latest_at: datetime | None = None  # taken_at of the newest point in the store

    def __enter__(self) -> Self:
        self._held.enter_context(points_lock(self._state, self._identity, self._host))
        self._held.enter_context(self._database)
        self._outbox.mkdir(parents=True, exist_ok=True)
        for leftover in self._outbox.glob(f"{self._identity.database}-*"):
            leftover.unlink()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._held.close()

    @property
    def last(self) -> Point | None:
        """The point that the next one will be compared with, as far as it is known."""
        return self._known.point if self._known else None

    def take(
        self, epoch: int, now: datetime, *, still_ours: StillOurs, force: bool = False, full: bool = False
    ) -> Point | None:
        """Record a point of this moment. None when no page differs from the last point's.

        `still_ours` is called right before the point is recorded and raises LeaseLost when it is not ours to record.
        `force` reads the database even when SQLite says that nothing was written; `full` starts a new chain with a
        full copy whatever changed. LeaseLost too when another writer recorded the point; DatabaseError; StoreError.
        """
        settled, self._settled = self._settled, False
        if not settled:
            self._known, self._seen = self._reconcile(epoch), None
        elif not (force or full) and self._is_quiet(epoch, now):
            self._settled = True
            return None
        self._look(now)
        point = self._take(epoch, now, still_ours, full)
        self._settled = True
        return point

    def _take(self, epoch: int, now: datetime, still_ours: StillOurs, full: bool) -> Point | None:
        ours = self._ours(epoch)
        with ExitStack() as held:
            with self._database.reading() as snapshot:
                before = None if full else self._base_of_change(ours, snapshot, now)
                chain, seq, moment = self._place(before, epoch, now)
                spool = held.enter_context(self._spool(chain, seq, before, snapshot))
                pages = snapshot.scan(spool.add, before.pages.hashes if before else b"")
                seen = snapshot.data_version
            if ours and pages == ours.pages and not full:
                self._seen = seen
                return None
            object_bytes, object_sha256 = spool.seal(pages.page_count)
            point = Point(
                app=self._identity.app,
                database=self._identity.database,
                chain=chain,
                seq=seq,
                epoch=epoch,
                host=self._host,
                taken_at=moment,
                page_size=pages.page_size,
                page_count=pages.page_count,
                changed_pages=spool.pages,
                digest=pages.digest,
                object_bytes=object_bytes,
                object_sha256=object_sha256,
            )
            publish(self._store, point, spool.path, still_ours)
        self._remember(Known(point, pages, (before.changed_since_base + spool.pages) if before else 0))
        self._seen = seen
        return point

    def _ours(self, epoch: int) -> Known | None:
        """The last point, when it is of this epoch and this host: its chain may grow."""
        known = self._known
        return known if known and known.point.epoch == epoch and known.point.host == self._host else None

    def _base_of_change(self, ours: Known | None, snapshot: Snapshot, now: datetime) -> Known | None:
        """The point to compare with. None when a new chain has to start."""
        if ours is None or ours.pages.page_size != snapshot.page_size:
            return None
        if not ours.pages.page_count or not snapshot.page_count:
            return None  # a log cannot express that every page is gone, nor follow a base that has none
        if ours.point.seq == LAST_NUMBER or (self._keep and outlived(ours.point, self._keep, now)):
            return None
        enough = max(ours.pages.page_count, FEWEST_PAGES_FOR_A_NEW_BASE)
        return ours if ours.changed_since_base <= enough else None

    def _place(self, before: Known | None, epoch: int, now: datetime) -> tuple[str, int, datetime]:
        """Chain, number and time. Time never goes back, though a Pi's clock does: points must sort by it."""
        moment = now if self._latest_at is None else max(now, self._latest_at + A_MOMENT)
        if before is not None:
            return before.point.chain, before.point.seq + 1, moment
        return chain_name(epoch, self._host, moment), 0, moment

    def _spool(self, chain: str, seq: int, before: Known | None, snapshot: Snapshot) -> Spool:
        path = self._outbox / f"{self._identity.database}-{seq:06d}.zst"
        if before is None:
            return BaseSpool(path, snapshot.page_size, snapshot.page_count)
        return ChangeSpool(path, snapshot.page_size, f"{chain}/{seq:06d}")

    def _is_quiet(self, epoch: int, now: datetime) -> bool:
        if self._seen is None or self._ours(epoch) is None or self._database.changed_since(self._seen):
            return False
        if self._looked_at is None or abs(now - self._looked_at) >= LOOK_EVERY:
            self._look(now)
        return self._known is not None

    def _look(self, now: datetime) -> None:
        """Forget the last point when the store has lost it (somebody deleted it, or it is another disk), or its chain
        is damaged: the next point starts a new one."""
        is_due = self._looked_at is None or abs(now - self._looked_at) >= LOOK_EVERY
        if self._known is not None:
            try:
                read(self._store, self._known.point.record_key)
                if is_due and self._is_damaged(self._known.point.chain, now):
                    self._known = None
            except NoSuchKey:
                self._known = None
        if is_due:
            self._looked_at = now

    def _is_damaged(self, chain: str, now: datetime) -> bool:
        """Whether a mirror met damage in the chain. A disk that damages everything is not filled with full copies."""
        started = chain_started(chain)
        if started is not None and timedelta() <= now - started < ENOUGH_FOR_A_NEW_CHAIN:
            return False
        try:
            return read(self._store, damaged_chain_key(self._identity)) == chain.encode()
        except NoSuchKey:
            return False

    def _reconcile(self, epoch: int) -> Known | None:
        """What the last point held, as table and store agree. None when a new chain has to start."""
        known = self._table.load()
        latest = newest(self._store, self._identity)
        self._latest_at = latest.taken_at if latest else None
        if latest is None or (known and known.point == latest):
            return known
        if latest.epoch != epoch or latest.host != self._host:
            return known  # of another epoch: the next point starts a chain anyway
        try:
            return self._catch_up(latest, known)
        except DamagedObject:
            return None

    def _catch_up(self, latest: Point, known: Known | None) -> Known | None:
        """A run of ours was killed after it had recorded `latest`, and before the table knew."""
        if latest.is_base:
            found = Known(latest, replay(self._store, latest, None))
        elif known and known.point.chain == latest.chain and known.point.seq + 1 == latest.seq:
            pages = replay(self._store, latest, known.pages)
            found = Known(latest, pages, known.changed_since_base + latest.changed_pages)
        else:
            return None
        self._table.save(found)
        return found

    def _remember(self, known: Known) -> None:
        self._table.save(known)
        self._known = known
        self._latest_at = known.point.taken_at


def publish(store: Store, point: Point, spool: Path, still_ours: StillOurs) -> None:
    """Object first, record last: the point exists from the moment its record does. LeaseLost when it is not ours."""
    try:
        store.create(point.object_key, spool)
    except KeyExists as why:
        if _exists(store, point.record_key):
            raise _another_writer(point) from why
        store.put(point.object_key, spool)  # left by a run of ours that was killed before it recorded the point
    if point.is_base:
        store.put(f"{point.folder}/restore.sh", restore_script())
    still_ours()
    try:
        store.create(point.record_key, to_record(point))
    except KeyExists as why:
        raise _another_writer(point) from why
    if point.is_base:
        store.put(newest_chain_key(DatabaseId(point.app, point.database)), point.chain.encode())


def table_path(state: Path, identity: DatabaseId) -> Path:
    """Where the page table of a database's last point is."""
    return state / f"pages-{identity.database}.db"


def points_lock(state: Path, identity: DatabaseId, host: str) -> AbstractContextManager[None]:
    """The lock of everyone who needs the page table to stay as it is."""
    what = f"Taking points of {identity.app}/{identity.database}"
    return locked(state / f"points-{identity.database}.lock", what, host)


def _exists(store: Store, key: str) -> bool:
    try:
        read(store, key)
    except NoSuchKey:
        return False
    return True


def _another_writer(point: Point) -> LeaseLost:
    return LeaseLost(
        f"The point {point.name} was recorded by another writer of {point.app}/{point.database}",
        "Two stations run as this host: stop one of them",
    )
