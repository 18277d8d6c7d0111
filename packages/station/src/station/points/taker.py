"""Taking restore points of one live database into its stores: one reading of the database serves them all."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from station.clock import to_text
from station.errors import DamagedObject, StationError
from station.points.aside import Shadows
from station.points.holding import points_lock
from station.points.point import DatabaseId, Point
from station.points.publish import StillOurs
from station.points.reading import draft, gather, refresh, seal
from station.points.target import Origin, Rules, Target
from station.sqlite.follow import LogOvertaken, Moment
from station.sqlite.hashes import Pages
from station.sqlite.scan import Database
from station.stores.store import Store

Failures = dict[str, StationError]


class PointTaker:
    """Takes the points of a database. Holds its lock and a connection while it is open (context manager).

    `state` is where it keeps page tables and the outbox. Busy when another taker is at it.
    """

    def __init__(
        self, database: Path, identity: DatabaseId, store: Store, state: Path, host: str, *, rules: Rules | None = None
    ) -> None:
        self.host = host
        self.trouble: str | None = None  # why the log is not believed any more
        self._origin = Origin(identity, host, state)
        self._rules = rules or Rules()
        self._database = Database(database)
        self.targets = [Target(self._origin, store, self._rules, 0)]
        self._held = ExitStack()
        self._reading = 0
        self._shadowless = False
        self._seen: int | None = None  # data_version of the last reading
        self._read_all_at: datetime | None = None

    def also_into(self, store: Store) -> None:
        """Take points into this store too. It fails and catches up by itself."""
        self.targets.append(Target(self._origin, store, self._rules, len(self.targets)))

    def __enter__(self) -> Self:
        self._held.enter_context(points_lock(self._origin.state, self._origin.identity, self.host))
        (self._origin.state / "outbox").mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._database.close()
        self._held.close()

    @property
    def last(self) -> Point | None:
        """The point of the first store that the next one will be compared with, as far as it is known."""
        return self.targets[0].last

    def take(
        self, epoch: int, now: datetime, *, still_ours: StillOurs, force: bool = False, full: bool = False
    ) -> Point | None:
        """Record a point of this moment in the first store. None when no page differs from the last point's.

        `still_ours` is called right before the point is recorded and raises LeaseLost when it is not ours to record.
        `force` reads the database even when SQLite says that nothing was written; `full` starts a new chain with a
        full copy whatever changed. LeaseLost too when another writer recorded the point; DatabaseError; StoreError.
        What an earlier run has sealed and not sent is sent first.
        """
        first = self.targets[0]
        first.published = None
        first.advance(epoch, now, still_ours)
        while force or full or self.lags(first, epoch):
            for why in self.read([first], epoch, now, full=full).values():
                raise why
            if (sealed := first.sealed) is None:
                break
            first.advance(epoch, now, still_ours)
            if first.last == sealed.point:
                break
            force = True  # its chain was gone from the store: once more, with a full copy
        return first.published

    def lags(self, target: Target, epoch: int) -> bool:
        """Whether the target's last point may not hold all that was written."""
        if target.ours(epoch) is None or target.equals != self._reading or self._seen is None:
            return True
        return self._database.changed_since(self._seen)

    def read(self, targets: Sequence[Target], epoch: int, now: datetime, *, full: bool = False) -> Failures:
        """Seal a point of this moment for every target that lacks something; all of them must be ready.

        What went wrong for one store alone is returned by its name. DatabaseError; OSError of this host's disk.
        """
        with suppress(LogOvertaken):
            return self._read(targets, epoch, now, full)
        self._read_all_at = None  # the log passed the moment while it was read: once without it
        return self._read(targets, epoch, now, full)

    def _read(self, targets: Sequence[Target], epoch: int, now: datetime, full: bool) -> Failures:
        failures: Failures = {}
        with ExitStack() as held:
            with self._database.reading() as snapshot:
                moment = snapshot.follow() if self.trouble is None else None
                believed = None if full or self._is_confirmation_due(now) else moment
                shadows = self._shadows(snapshot.page_size, epoch, held)
                drafts = []
                for target in targets:
                    if believed is not None and target.holds(epoch, believed.pages):
                        continue
                    with _noting(failures, target):
                        drafts.append(draft(target, snapshot, epoch, now, shadows=shadows, full=full))
                        held.enter_context(drafts[-1].spool)
                pages = gather(snapshot, drafts, believed, shadows)
                if believed is None or pages is not believed.pages:
                    self._confirm(moment, pages, now)
                self._seen = snapshot.data_version
            self._reading += 1
            sealed = [each for each in drafts if full or not each.target.holds(epoch, pages)]
            for each in sealed:
                with _noting(failures, each.target):
                    seal(each, pages, epoch, self._origin)
            if any(isinstance(why, DamagedObject) for why in failures.values()):
                self._shadowless = True  # a difference did not read back: memory or disk fails, or we do
            if shadows is not None and self._shadowless:
                shadows.give_up()
            elif shadows is not None:
                refresh(shadows, [each for each in sealed if each.target.name not in failures], pages.page_count)
        for target in targets:
            if target.name not in failures:
                target.equals = self._reading
        return failures

    def _shadows(self, page_size: int, epoch: int, held: ExitStack) -> Shadows | None:
        if self._rules.encoding != "delta" or self._shadowless:
            return None
        shadows = held.enter_context(Shadows(self._origin.state, self._origin.identity, page_size))
        for target in self.targets:
            if (stands := target.stands(epoch)) is not None and stands.page_size == page_size:
                shadows.serve(target.name, stands)
        return shadows

    def _is_confirmation_due(self, now: datetime) -> bool:
        if self._read_all_at is None:
            return True
        return abs(now - self._read_all_at).total_seconds() >= self._rules.confirm_every_s

    def _confirm(self, moment: Moment | None, pages: Pages, now: datetime) -> None:
        """Compare what the log told with what is there. When they differ, it is not believed again."""
        since, self._read_all_at = self._read_all_at, now
        if moment is None or moment.agrees_with(pages) is not False:
            return
        count = len(pages.differing(moment.pages.hashes))
        self.trouble = (
            f"{count} pages of {self._origin.identity.app}/{self._origin.identity.database} changed and its log did "
            f"not tell: points since {to_text(since) if since else 'the start'} may lack them, the next one does not"
        )


@contextmanager
def _noting(failures: Failures, target: Target) -> Iterator[None]:
    """What fails for one target alone is noted, and the others go on."""
    try:
        yield
    except StationError as why:
        failures[target.name] = why
