"""The body of `station mirror APP`: keep the standby's copy equal to the newest whole point, until told to end."""

import time

from station.clock import Clock
from station.cluster.loop_report import HOST_DISK_ERRORS, LoopReport
from station.cluster.points_loop import ENDING, NUDGE, listen, waited
from station.errors import DamagedObject, StationError
from station.fleet import App, Host
from station.points.mirror import Mirror
from station.points.point import DatabaseId
from station.stores.store import Store

PROVE_EVERY_S = 900.0
_LONGEST_PAUSE_S = 30.0
_QUICK_S = 1.0  # who may be asked as often as this may be asked for everything each time
_HINT_EVERY = 6  # looks at a slower store: for a new chain


def mirror_loop(app: App, host: Host, store: Store, now: Clock, look_every_s: float = 1.0) -> None:
    """Returns on SIGTERM, between two points. What fails is reported and tried again with a growing pause. Busy.

    `look_every_s`: how often the store is asked for a new point.
    """
    listen(ENDING | {NUDGE})
    state = host.paths.state(app.name)
    shortest_s, hint_every = rhythm(app, look_every_s)
    cycles = []
    for name in app.databases:
        identity = DatabaseId(app.name, name)
        mirror = Mirror(state / "mirror", store, identity, hint_every=hint_every)
        cycles.append(_Cycle(mirror, LoopReport(state, name), host.name))
    pause_s = shortest_s
    while True:
        whole = all([cycle.run(now) for cycle in cycles])
        pause_s = shortest_s if whole else min(max(1.0, pause_s * 2), max(_LONGEST_PAUSE_S, shortest_s))
        if waited(pause_s):
            return


def rhythm(app: App, look_every_s: float) -> tuple[float, int]:
    """The pause between two looks, and of how many looks one is for a new chain."""
    if look_every_s <= _QUICK_S:
        return min(look_every_s, app.points.every_s), 1
    return look_every_s, _HINT_EVERY


class _Cycle:
    """One database: catch up, prove now and then, report."""

    def __init__(self, mirror: Mirror, report: LoopReport, host: str) -> None:
        self._host = host
        self._mirror = mirror
        self._report = report
        self._prove_at_s = 0.0

    def run(self, now: Clock) -> bool:
        try:
            reached = self._mirror.catch_up()
            damaged = self._mirror.damage[0].message if self._mirror.damage else None
            self._report.checked(reached, now(), self._mirror.file, damaged)
            if reached is not None and time.monotonic() >= self._prove_at_s:
                self._mirror.prove()
                self._prove_at_s = time.monotonic() + PROVE_EVERY_S
                self._report.proved(now())
        except DamagedObject as why:
            self._prove_at_s = 0.0
            self._report.failed(why.message)
            return False
        except StationError as why:
            self._report.failed(why.message)
            return False
        except HOST_DISK_ERRORS as why:
            self._report.failed_here(self._host, why)
            return False
        return True
