"""The rounds of a points loop for one database: read it when a store is due, hand what was sealed to that store.

Every store fails, waits and catches up by itself.
"""

import math
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from station.cluster.loop_report import HOST_DISK_ERRORS, disk_trouble
from station.cluster.storethread import Job
from station.errors import LeaseLost, StationError
from station.points.publish import StillOurs
from station.points.taker import PointTaker
from station.points.target import Target

_SHORTEST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 30.0  # between two tries of a store that fails

Start = Callable[[int, Job], None]
"""Begin the job in the thread of the app's store of that number."""


class Errand:
    """What is done for one store. While it is `busy` nobody but the store's thread touches its target."""

    def __init__(self, target: Target, every_s: float) -> None:
        self.target = target
        self.busy = False
        self.wanted = True  # a point that holds all that was written by now, if there is anything new
        self.error: str | None = None
        self.sending_since: datetime | None = None
        self.checked_at: datetime | None = None  # the last point held all that was written until then
        self.took_s: float | None = None  # to read, send and record the last point
        self._every = timedelta(seconds=every_s)
        self._wanted_at: datetime | None = None
        self._read_at: datetime | None = None
        self._read_at_s = 0.0
        self._failure: BaseException | None = None
        self._handed = False
        self._pause_s = 0.0
        self._retry_at_s = 0.0

    @property
    def retry_in_s(self) -> float:
        """How long a store that failed is left alone."""
        return max(0.0, self._retry_at_s - time.monotonic())

    def want(self, now: datetime, *, hurry: bool) -> None:
        """A point is wanted when the store's interval is over, or somebody asks for one."""
        if hurry:
            self._retry_at_s = 0.0
        if hurry or self._wanted_at is None or abs(now - self._wanted_at) >= self._every:
            self.wanted, self._wanted_at = True, now

    def hand(self, start: Start, epoch: int, now: datetime, still_ours: StillOurs) -> None:
        """Have the store's thread do what needs the store."""
        self.busy = self._handed = True
        self.sending_since = now
        start(self.target.number, lambda: self._work(epoch, now, still_ours))

    def was_read(self, now: datetime, began_s: float) -> None:
        """What it lacked is sealed."""
        self.wanted, self._read_at, self._read_at_s = False, now, began_s

    def lacks_nothing(self, now: datetime) -> None:
        """The last point holds all that was written by now."""
        self.wanted, self.checked_at, self.error = False, now, None

    def collect(self) -> None:
        """Take note of how the work went that is over. LeaseLost; a bug is raised as it is."""
        if self.busy or not self._handed:
            return
        self._handed, self.sending_since = False, None
        failure, self._failure = self._failure, None
        if failure is not None:
            self.fail(failure)
            return
        self.error, self._pause_s = None, 0.0
        if self.target.published is not None and self._read_at is not None:
            self.checked_at, self._read_at = self._read_at, None
            self.took_s = time.monotonic() - self._read_at_s
        self.target.published = None

    def fail(self, why: BaseException) -> None:
        """Leave the store alone for a while. What is no trouble of a store or a disk is raised."""
        if isinstance(why, LeaseLost) or not isinstance(why, (StationError, *HOST_DISK_ERRORS)):
            raise why
        self.error = why.message if isinstance(why, StationError) else disk_trouble(self.target.host, why)
        self.wanted = True
        self._pause_s = min(max(_SHORTEST_PAUSE_S, self._pause_s * 2), _LONGEST_PAUSE_S)
        self._retry_at_s = time.monotonic() + self._pause_s

    def _work(self, epoch: int, now: datetime, still_ours: StillOurs) -> None:
        try:
            self.target.advance(epoch, now, still_ours)
        except BaseException as why:  # noqa: BLE001 - raised or told by `collect`
            self._failure = why
        self.busy = False


class Rounds:
    """`ours` raises LeaseLost, for each store, when a point is not ours to record; `start` begins a job there."""

    def __init__(
        self, taker: PointTaker, every_s: Sequence[float], ours: Sequence[StillOurs], start: Start, epoch: int
    ) -> None:
        self.errands = [Errand(target, each) for target, each in zip(taker.targets, every_s, strict=True)]
        self._taker = taker
        self._ours = ours
        self._start = start
        self._epoch = epoch

    @property
    def retry_in_s(self) -> float:
        """How soon a store that failed may be tried again; infinite when there is no such store."""
        return min((each.retry_in_s for each in self.errands if each.error and not each.busy), default=math.inf)

    def want(self, now: datetime, *, hurry: bool = False) -> None:
        """The next interval has begun; `hurry`: everybody is due."""
        for each in self.errands:
            each.want(now, hurry=hurry)

    def go(self, now: datetime) -> None:
        """Do what can be done now, without waiting for any store. LeaseLost; DatabaseError, OSError of this host."""
        for each in self.errands:
            each.collect()
        free = [each for each in self.errands if not each.busy and not each.retry_in_s]
        for each in free:
            if not each.target.is_ready:
                self._hand(each, now)
        lagging = [each for each in free if not each.busy and each.wanted and self._lags(each, now)]
        if lagging:
            self._read(lagging, now)
        for each in free:
            if not each.busy and each.target.is_look_due(now):
                self._hand(each, now)

    def _lags(self, each: Errand, now: datetime) -> bool:
        if self._taker.lags(each.target, self._epoch):
            return True
        each.lacks_nothing(now)
        return False

    def _read(self, lagging: Sequence[Errand], now: datetime) -> None:
        began_s = time.monotonic()
        failures = self._taker.read([each.target for each in lagging], self._epoch, now)
        for each in lagging:
            if (why := failures.get(each.target.name)) is not None:
                each.fail(why)
            elif each.target.sealed is not None:
                each.was_read(now, began_s)
                self._hand(each, now)
            else:
                each.lacks_nothing(now)

    def _hand(self, each: Errand, now: datetime) -> None:
        each.hand(self._start, self._epoch, now, self._ours[each.target.number])
