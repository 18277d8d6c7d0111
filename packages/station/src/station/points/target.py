"""One store that a database's points go to: what its last point held, what is on its way there, and what it is due.

What asks the store (`advance`) may run in a thread of its own; it and the rest never run at the same time.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from station.errors import DamagedObject, LeaseLost
from station.fleet import Keep
from station.points.catalog import damaged_chain_key, newest
from station.points.encryption import must_restart
from station.points.inventory import chain_started
from station.points.pagetable import Known, PageTable, Step, table_path
from station.points.pending import Outbox, Sealed
from station.points.point import DatabaseId, Point, chain_name
from station.points.publish import Contested, StillOurs, exists, is_placed, place, record
from station.points.replay import replay
from station.points.retention import LAST_NUMBER, outlived
from station.sqlite.hashes import Pages
from station.stores.cipher import cipher_of
from station.stores.store import NoSuchKey, Store, read

FEWEST_PAGES_FOR_A_NEW_BASE = 2000  # some 8 MB: below that a chain of many small changes costs less than a new copy
A_MOMENT = timedelta(milliseconds=1)
LOOK_EVERY = timedelta(minutes=1)  # how often a quiet database's last point is looked for, and a chain's damage
ENOUGH_FOR_A_NEW_CHAIN = timedelta(minutes=10)
LARGE_BYTES = 1024 * 1024  # an object that is worth a note when the store has it: it is not sent a second time


@dataclass(frozen=True)
class Origin:
    """Whose points these are: the database, the host it is on, and that host's folder for what it keeps about it."""

    identity: DatabaseId
    host: str
    state: Path


@dataclass(frozen=True)
class Rules:
    """How points are taken.

    With `keep` a chain also ends when it has outlived; without, as for the last point before a switch, it goes on as
    long as it can. `encoding` of changes: "plain" or "delta". After `confirm_every_s` the whole database is read again.
    """

    keep: Keep | None = None
    encoding: str = "plain"
    confirm_every_s: float = 21600.0


class Target:
    """A store of a database, the `number`th of the app. The first one's page table is the one that others read."""

    def __init__(self, origin: Origin, store: Store, rules: Rules, number: int) -> None:
        self.name = store.name
        self.store = store
        self.number = number
        self.sealed: Sealed | None = None
        self.equals = -1  # the reading of the database that the last point, or the look at it, was made from
        self.published: Point | None = None  # by this taker
        self._origin = origin
        self._rules = rules
        self._table = PageTable(table_path(origin.state, origin.identity, store.name if number else ""))
        self.outbox = Outbox(origin.state / "outbox", origin.identity.database, store.name)
        self._known: Known | None = None
        self._settled = False  # the table is what the store says it is
        self._looked_at: datetime | None = None
        self._contested: tuple[str, datetime] | None = None  # the object that is there and not ours, and since when
        self._latest_at: datetime | None = None  # taken_at of the newest point in the store

    @property
    def host(self) -> str:
        return self._origin.host

    @property
    def last(self) -> Point | None:
        """The point that the next one will be compared with, as far as it is known."""
        return self._known.point if self._known else None

    @property
    def is_ready(self) -> bool:
        """Whether the next point may be read: it is known what the store has, and nothing is on its way to it."""
        return self._settled and self.sealed is None

    def is_look_due(self, now: datetime) -> bool:
        """Whether the last point should be looked for again."""
        return self._known is not None and (self._looked_at is None or abs(now - self._looked_at) >= LOOK_EVERY)

    def ours(self, epoch: int) -> Known | None:
        """What the last point held, when it is of this epoch and this host: its chain may grow."""
        known = self._known
        return known if known and known.point.epoch == epoch and known.point.host == self._origin.host else None

    def stands(self, epoch: int) -> Pages | None:
        """What the next change will be compared with, as far as it is known; also while the point before is sent."""
        sealed = self.sealed  # first: what is sent becomes known before it is forgotten
        known = sealed.after if sealed else self._known
        return known.pages if known and known.point.epoch == epoch else None

    def holds(self, epoch: int, pages: Pages) -> bool:
        """Whether the last point is ours and has these very pages."""
        ours = self.ours(epoch)
        return ours is not None and ours.pages == pages

    def base_of_change(self, epoch: int, page_size: int, page_count: int, now: datetime) -> Known | None:
        """What to compare with. None when a new chain has to start. StoreError when the store's key cannot be used."""
        ours = self.ours(epoch)
        if ours is None or ours.pages.page_size != page_size or must_restart(ours.point, cipher_of(self.store)):
            return None
        if not ours.pages.page_count or not page_count:
            return None  # a log cannot express that every page is gone, nor follow a base that has none
        if ours.point.seq == LAST_NUMBER or (self._rules.keep and outlived(ours.point, self._rules.keep, now)):
            return None
        enough = max(ours.pages.page_count, FEWEST_PAGES_FOR_A_NEW_BASE)
        return ours if ours.changed_since_base <= enough else None

    def place(self, before: Known | None, epoch: int, now: datetime) -> tuple[str, int, datetime]:
        """Chain, number and time. Time never goes back, though a Pi's clock does: points must sort by it."""
        moment = now if self._latest_at is None else max(now, self._latest_at + A_MOMENT)
        if before is not None:
            return before.point.chain, before.point.seq + 1, moment
        moment += self.number * A_MOMENT  # no two stores have chains of one name
        return chain_name(epoch, self._origin.host, moment), 0, moment

    def seal(self, written: Path, after: Known, step: Step | None) -> None:
        """From now on this is on its way: it is sent by `advance`, of this process or another. OSError."""
        self.sealed = self.outbox.keep(written, after, step)

    def advance(self, epoch: int, now: datetime, still_ours: StillOurs) -> None:
        """Do all that needs the store: find out what it has, send what is on its way, look after its last point.

        `still_ours` is called right before a point is recorded and raises LeaseLost when it is not ours to record.
        LeaseLost too when another writer recorded the point; StoreError; DatabaseError and OSError of this host's disk.
        """
        settled, self._settled = self._settled, False
        if not settled:
            self._settle(epoch)
        if self.sealed is not None:
            self._send(self.sealed, now, still_ours)
        if self.is_look_due(now):
            self._look(now)
        self._settled = True

    def _settle(self, epoch: int) -> None:
        """Have table, outbox and store agree."""
        self.equals = -1
        latest = newest(self.store, self._origin.identity)
        known = self._table.load()
        self._latest_at = latest.taken_at if latest else None
        self.sealed = sealed = self.outbox.load(known)
        if sealed is not None and sealed.point == latest:
            self._remember(sealed)
            return
        self._known = self._agreed(known, latest, epoch)
        if sealed is None or not self._may_go(sealed, latest, epoch):
            self._drop()

    def _may_go(self, sealed: Sealed, latest: Point | None, epoch: int) -> bool:
        """Whether what an earlier run sealed still follows what the store has."""
        point = sealed.point
        if point.epoch != epoch or point.host != self._origin.host or must_restart(point, cipher_of(self.store)):
            return False
        if sealed.step is None:
            return latest is None or latest.taken_at < point.taken_at
        return self._known is not None and self._known.point == sealed.step.since == latest

    def _agreed(self, known: Known | None, latest: Point | None, epoch: int) -> Known | None:
        """What the last point held, as table and store say. None when a new chain has to start."""
        if latest is None or (known and known.point == latest):
            return known
        if latest.epoch != epoch or latest.host != self._origin.host:
            return known  # of another epoch: the next point starts a chain anyway
        try:
            return self._catch_up(latest, known)
        except DamagedObject:
            return None

    def _catch_up(self, latest: Point, known: Known | None) -> Known | None:
        """A run of ours was killed after it had recorded `latest`, and before the table knew."""
        if latest.is_base:
            found = Known(latest, replay(self.store, latest, None))
        elif known and known.point.chain == latest.chain and known.point.seq + 1 == latest.seq:
            pages = replay(self.store, latest, known.pages)
            found = Known(latest, pages, known.changed_since_base + latest.changed_pages)
        elif known and known.point.taken_at > latest.taken_at and exists(self.store, known.point.record_key):
            return known  # a listing that is behind
        else:
            return None
        self._table.save(found)
        return found

    def _send(self, sealed: Sealed, now: datetime, still_ours: StillOurs) -> None:
        point, step = sealed.point, sealed.step
        if step is not None and not exists(self.store, step.since.record_key):
            self._known = None  # somebody deleted it, or it is another disk
            self._drop()
            return
        try:
            if not (sealed.placed and is_placed(self.store, point)):
                self._place(sealed, now)
                if point.object_bytes >= LARGE_BYTES:
                    self.outbox.note_placed(point)
            record(self.store, point, step.since if step else None, still_ours)
        except LeaseLost:
            self._drop()
            raise
        self._remember(sealed)
        self.published = point

    def _place(self, sealed: Sealed, now: datetime) -> None:
        """Whoever else is about to record that point gets the time for it: nothing of his is written over."""
        key, since = self._contested or ("", now)
        over = key == sealed.point.object_key and abs(now - since) >= LOOK_EVERY
        try:
            place(self.store, sealed.point, sealed.file, over=over)
        except Contested:
            self._contested = (sealed.point.object_key, since if key == sealed.point.object_key else now)
            raise

    def _remember(self, sealed: Sealed) -> None:
        self._table.save(sealed.after, sealed.step)
        self._known = sealed.after
        self._latest_at = sealed.point.taken_at
        self._drop()

    def _drop(self) -> None:
        self.sealed = None
        self.outbox.clear()

    def _look(self, now: datetime) -> None:
        """Forget the last point when the store has lost it (somebody deleted it, or it is another disk), or its chain
        is damaged: the next point starts a new one."""
        assert self._known is not None
        point = self._known.point
        if not exists(self.store, point.record_key) or self._is_damaged(point.chain, now):
            self._known = None
        self._looked_at = now

    def _is_damaged(self, chain: str, now: datetime) -> bool:
        """Whether a mirror met damage in the chain. A disk that damages everything is not filled with full copies."""
        started = chain_started(chain)
        if started is not None and timedelta() <= now - started < ENOUGH_FOR_A_NEW_CHAIN:
            return False
        try:
            return read(self.store, damaged_chain_key(self._origin.identity)) == chain.encode()
        except NoSuchKey:
            return False
