"""The body of `station points APP`: take a restore point whenever something was written, until told to end."""

import signal
import time
from contextlib import ExitStack
from pathlib import Path

from station.clock import Clock
from station.cluster.lease import Lease
from station.cluster.loop_report import LoopReport
from station.cluster.roles import read_epoch
from station.errors import LeaseLost, StationError
from station.fleet import App, Host
from station.points.catalog import newest
from station.points.point import DatabaseId, Point
from station.points.taker import PointTaker
from station.stores.store import Store

_LONGEST_PAUSE_S = 30.0
ENDING = {signal.SIGTERM, signal.SIGINT}
NUDGE = signal.SIGUSR1


def points_loop(app: App, host: Host, store: Store, now: Clock) -> None:
    """Returns on SIGTERM, between two points. LeaseLost when this host is not primary any more. Busy.

    A store that fails is reported and tried again with a growing pause.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING | {NUDGE})
    state = host.paths.state(app.name)
    epoch = read_epoch(state)
    if epoch is None:
        raise LeaseLost(f"{host.name} is not primary of {app.name}: it has no role.json")
    lease = Lease(store, app.name)
    with ExitStack() as stack:
        cycles = []
        for name, database in app.databases.items():
            identity = DatabaseId(app.name, name)
            file = host.paths.database(app.name, database)
            taker = stack.enter_context(PointTaker(file, identity, store, state, host.name))
            cycles.append(_Cycle(taker, identity, LoopReport(state, name), file))
        pause_s = app.points.every_s
        while True:
            began_s = time.monotonic()
            whole = all([cycle.run(epoch, lease, store, now) for cycle in cycles])
            pause_s = app.points.every_s if whole else min(max(1.0, pause_s * 2), _LONGEST_PAUSE_S)
            if waited(pause_s - (time.monotonic() - began_s)):
                return


def waited(pause_s: float) -> bool:
    """Wait for the pause, or less when nudged. True when it is time to end."""
    got = signal.sigtimedwait(ENDING | {NUDGE}, max(0.0, pause_s))
    return got is not None and got.si_signo in ENDING


class _Cycle:
    """One database: take, remember what was published last, report."""

    def __init__(self, taker: PointTaker, identity: DatabaseId, report: LoopReport, file: Path) -> None:
        self._taker = taker
        self._identity = identity
        self._report = report
        self._file = file
        self._last: Point | None = None

    def run(self, epoch: int, lease: Lease, store: Store, now: Clock) -> bool:
        """Whether it worked. LeaseLost ends the loop."""
        try:
            taken = self._taker.take(epoch, now(), still_ours=lambda: lease.require(epoch))
            self._last = taken or self._last or newest(store, self._identity, epoch=epoch)
        except LeaseLost:
            raise
        except StationError as why:
            self._report.failed(why.message)
            return False
        self._report.checked(self._last, now(), self._file)
        return True
