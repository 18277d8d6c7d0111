"""The body of `station points APP`: take a restore point whenever something was written, until told to end."""

import signal
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from station.clock import Clock
from station.cluster.lease import Lease
from station.cluster.loop_report import HOST_DISK_ERRORS, LoopReport
from station.cluster.pruning import Pruning
from station.cluster.roles import read_epoch
from station.errors import LeaseLost, StationError
from station.fleet import App, Host
from station.points.catalog import newest
from station.points.point import DatabaseId, Point
from station.points.taker import PointTaker
from station.points.target import Rules
from station.stores.store import Store

_LONGEST_PAUSE_S = 30.0
_A_MOMENT_S = 0.1  # so long, and one call of the store, a point may have to wait for the pruning
_BREATH_S = 0.3  # between two moments of pruning: others want the disk and the processor too
ENDING = {signal.SIGTERM, signal.SIGINT}
NUDGE = signal.SIGUSR1


def points_loop(app: App, host: Host, store: Store, now: Clock) -> None:
    """Returns on SIGTERM, between two points. LeaseLost when this host is not primary any more. Busy.

    A store that fails is reported and tried again with a growing pause. In between, old points are pruned.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING | {NUDGE})
    state = host.paths.state(app.name)
    epoch = read_epoch(state)
    if epoch is None:
        raise LeaseLost(f"{host.name} is not primary of {app.name}: it has no role.json")
    lease = Lease(store, app.name)
    pruning = Pruning(app, store, epoch, now, lambda line: print(line, flush=True))  # noqa: T201 - into the unit's log
    with ExitStack() as stack:
        cycles = []
        for name, database in app.databases.items():
            identity = DatabaseId(app.name, name)
            file = host.paths.database(app.name, database)
            taker = stack.enter_context(PointTaker(file, identity, store, state, host.name, rules=Rules(keep=app.keep)))
            cycles.append(_Cycle(taker, identity, LoopReport(state, name), file))
        pause_s = app.points.every_s
        while True:
            began_s = time.monotonic()
            whole = all([cycle.run(epoch, lease, store, now, pruning.trouble) for cycle in cycles])
            pause_s = app.points.every_s if whole else min(max(1.0, pause_s * 2), _LONGEST_PAUSE_S)
            if rested(began_s + pause_s, pruning if whole else None):
                return


def rested(until_s: float, pruning: Pruning | None) -> bool:
    """Wait until then, or less when nudged, and use the time to prune. True when it is time to end."""
    while pruning is not None and pruning.go_on(min(_A_MOMENT_S, until_s - time.monotonic())):
        if until_s - time.monotonic() <= _BREATH_S:
            break
        got = signal.sigtimedwait(ENDING | {NUDGE}, _BREATH_S)
        if got is not None:
            return got.si_signo in ENDING
    return waited(until_s - time.monotonic())


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

    def run(self, epoch: int, lease: Lease, store: Store, now: Clock, trouble: Mapping[str, str | None]) -> bool:
        """Whether it worked. LeaseLost ends the loop. `trouble` is what else to report, by database."""
        try:
            taken = self._taker.take(epoch, now(), still_ours=lambda: lease.require(epoch))
            self._last = taken or self._last or newest(store, self._identity, epoch=epoch)
        except LeaseLost:
            raise
        except StationError as why:
            self._report.failed(why.message)
            return False
        except HOST_DISK_ERRORS as why:
            self._report.failed_here(self._taker.host, why)
            return False
        self._report.checked(self._last, now(), self._file, trouble[self._identity.database])
        return True
