"""The body of `station points APP`: take a restore point whenever something was written, until told to end."""

import signal
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from station.clock import Clock, to_text
from station.cluster.lease import Lease
from station.cluster.leaselook import LeaseLook
from station.cluster.loop_report import HOST_DISK_ERRORS, LoopReport, disk_trouble, point_fields
from station.cluster.pruning import Pruning
from station.cluster.roles import read_epoch
from station.cluster.rounds import Rounds
from station.cluster.storethread import StoreThread
from station.errors import LeaseLost, StationError
from station.fleet import App, Host, StoreSpec
from station.points.aside import forget_shadows
from station.points.pending import forget_other_stores
from station.points.point import DatabaseId
from station.points.publish import StillOurs
from station.points.taker import PointTaker
from station.points.target import Rules
from station.stores.opening import open_store

_LONGEST_PAUSE_S = 30.0
_SHORTEST_WAIT_S = 0.02
_GRACE_S = 0.5  # so long a point that is nearly there may keep the loop from ending
ENDING = {signal.SIGTERM, signal.SIGINT}
NUDGE = signal.SIGUSR1
DONE = signal.SIGUSR2  # a store's thread has ended a job

_until_the_process_ends: list[ExitStack] = []  # locks under which something is still being sent


def points_loop(app: App, host: Host, specs: Sequence[StoreSpec], now: Clock) -> None:
    """Takes points into the app's stores, the first of which holds the lease. Returns on SIGTERM, at once.

    LeaseLost when this host is not primary any more. Busy. A store that fails is reported and tried again with a
    growing pause, and holds up no other. In between, old points are pruned.
    """
    listen(ENDING | {NUDGE, DONE})
    epoch = read_epoch(host.paths.state(app.name))
    if epoch is None:
        raise LeaseLost(f"{host.name} is not primary of {app.name}: it has no role.json")
    with ExitStack() as held:
        loop = _Loop(app, host, specs, now, epoch, held)
        try:
            loop.run()
        finally:
            if not loop.is_at_rest_within(_GRACE_S):
                _until_the_process_ends.append(held.pop_all())


def listen(signals: set[signal.Signals]) -> None:
    """Keep these signals for when they are waited for, whichever thread the kernel hands them to.

    A library may have started threads before (numpy's does) that do not block them, and the default is to die.
    """
    me = threading.get_ident()
    for number in signals:
        signal.signal(number, lambda number, frame: signal.pthread_kill(me, number))
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)


def waited(pause_s: float) -> bool:
    """Wait for the pause, or less when nudged. True when it is time to end."""
    return _heard(ENDING | {NUDGE}, pause_s) in ENDING


def _heard(signals: set[signal.Signals], within_s: float) -> int | None:
    """The first of these signals within that time."""
    got = signal.sigtimedwait(signals, max(0.0, within_s))
    return None if got is None else got.si_signo


class _Loop:
    """The databases of one app, and a thread for each of its stores."""

    def __init__(
        self, app: App, host: Host, specs: Sequence[StoreSpec], now: Clock, epoch: int, held: ExitStack
    ) -> None:
        self._now = now
        state = host.paths.state(app.name)
        stores = [open_store(spec, state) for spec in specs]
        first = Lease(stores[0], app.name)
        look = LeaseLook(Lease(open_store(specs[0]), app.name), epoch)
        prunings = [
            Pruning(app, store, look.require if number else lambda: first.require(epoch), now, _say)
            for number, store in enumerate(stores)
        ]
        me = threading.get_ident()
        self._threads = [
            StoreThread(store.name, pruning.go_on, lambda: signal.pthread_kill(me, DONE))
            for store, pruning in zip(stores, prunings, strict=True)
        ]
        ours: list[StillOurs] = [lambda: first.require(epoch)]
        ours += [look.require_if_it_can_be_seen] * (len(stores) - 1)
        each_s = [spec.every_s or app.points.every_s for spec in specs]
        self._tick_s = min(each_s)
        spread_s = [0.0 if every_s == self._tick_s else every_s - self._tick_s / 2 for every_s in each_s]
        rules = Rules(app.keep, app.points.encoding, app.points.confirm_every_s)
        self._databases = []
        for name, database in app.databases.items():
            file, identity = host.paths.database(app.name, database), DatabaseId(app.name, name)
            taker = held.enter_context(PointTaker(file, identity, stores[0], state, host.name, rules=rules))
            for store in stores[1:]:
                taker.also_into(store)
            forget_other_stores(state / "outbox", name, {store.name for store in stores})
            if rules.encoding == "plain":
                forget_shadows(state, identity)
            rounds = Rounds(taker, spread_s, ours, lambda number, job: self._threads[number].begin(job), epoch)
            self._databases.append(_Database(name, file, taker, rounds, LoopReport(state, name), prunings))

    def run(self) -> None:
        due_s, hurry = time.monotonic(), False
        while True:
            now_s = time.monotonic()
            if hurry or now_s >= due_s:
                due_s = now_s + self._tick_s
                for each in self._databases:
                    each.want(self._now, hurry=hurry)
            for each in self._databases:
                each.go(self._now)
            self._raise_failures()
            until_s = min([due_s - time.monotonic(), *(each.retry_in_s for each in self._databases)])
            got = _heard(ENDING | {NUDGE, DONE}, max(until_s, _SHORTEST_WAIT_S))
            if got in ENDING:
                return
            hurry = got == NUDGE

    def is_at_rest_within(self, pause_s: float) -> bool:
        """Whether no store is being sent to any more."""
        until_s = time.monotonic() + pause_s
        while any(each.is_busy for each in self._databases):
            if time.monotonic() >= until_s:
                return False
            _heard({DONE}, until_s - time.monotonic())
        return True

    def _raise_failures(self) -> None:
        for thread in self._threads:
            if thread.failure is not None:
                raise thread.failure


class _Database:
    """One database: its rounds, and what is told of them."""

    def __init__(
        self,
        name: str,
        file: Path,
        taker: PointTaker,
        rounds: Rounds,
        report: LoopReport,
        prunings: Sequence[Pruning],
    ) -> None:
        self._name = name
        self._file = file
        self._taker = taker
        self._rounds = rounds
        self._report = report
        self._prunings = prunings
        self._error: str | None = None
        self._pause_s = 0.0
        self._retry_at_s = 0.0

    @property
    def is_busy(self) -> bool:
        return any(each.busy for each in self._rounds.errands)

    @property
    def retry_in_s(self) -> float:
        """How soon something that failed may be tried again."""
        if self._error is not None:
            return max(0.0, self._retry_at_s - time.monotonic())
        return self._rounds.retry_in_s

    def want(self, now: Clock, *, hurry: bool) -> None:
        if hurry:
            self._retry_at_s = 0.0
        self._rounds.want(now(), hurry=hurry)

    def go(self, now: Clock) -> None:
        """Do what can be done now, and report. LeaseLost ends the loop."""
        if self._error is not None and time.monotonic() < self._retry_at_s:
            return
        try:
            self._rounds.go(now())
        except LeaseLost:
            raise
        except (StationError, *HOST_DISK_ERRORS) as why:
            self._error = why.message if isinstance(why, StationError) else disk_trouble(self._taker.host, why)
            self._pause_s = min(max(1.0, self._pause_s * 2), _LONGEST_PAUSE_S)
            self._retry_at_s = time.monotonic() + self._pause_s
        else:
            self._error, self._pause_s = None, 0.0
        self._tell()

    def _tell(self) -> None:
        first, *others = self._rounds.errands
        self._report.stores = {
            each.target.name: {
                "point": point_fields(each.target.last),
                "error": each.error or self._prunings[each.target.number].trouble[self._name],
                "sending_since": to_text(each.sending_since) if each.sending_since else None,
            }
            for each in others
        }
        trouble = self._taker.trouble or self._prunings[0].trouble[self._name]
        if error := self._error or first.error:
            self._report.failed(error)
        elif first.checked_at is not None:
            self._report.checked(first.target.last, first.checked_at, self._file, trouble, first.took_s)


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - into the unit's log
