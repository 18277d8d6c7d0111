"""Pruning an app's databases beside the taking of points: now and then, a moment at a time, never in a point's way."""

import time
from collections.abc import Callable

from station.clock import Clock
from station.errors import StationError
from station.fleet import App
from station.points.backups import pruning_copies
from station.points.inventory import Steps, Stocktaking
from station.points.point import DatabaseId
from station.points.prune import pruning
from station.points.publish import StillOurs
from station.points.retention import Plan
from station.stores.store import Store

EVERY_S = 3600.0
FIRST_AFTER_S = (
    300.0  # a loop that starts has other things to do, and one that dies again and again must not list all day
)

Say = Callable[[str], None]


class Pruning:
    """Prunes one store while it is `still_ours`. `trouble` says of each database why its last prune failed."""

    def __init__(self, app: App, store: Store, still_ours: StillOurs, now: Clock, say: Say) -> None:
        self.trouble: dict[str, str | None] = dict.fromkeys(app.databases)
        self._app = app
        self._store = store
        self._now = now
        self._say = say
        self._still_ours = still_ours
        self._stocks = {name: Stocktaking(store, DatabaseId(app.name, name)) for name in app.databases}
        self._waiting: list[str] = []
        self._under_way: tuple[str, float, Steps[Plan]] | None = None
        self._due_s = time.monotonic() + FIRST_AFTER_S

    def go_on(self, for_s: float) -> bool:
        """Prune for about so long, one step at least, when it is time for it. Whether there is more to do now.

        What fails is told and tried again at the next time; a lease that is lost is for the taker of points to notice.
        """
        until_s = time.monotonic() + for_s
        while self._under_way is not None or self._begin():
            self._step()
            if time.monotonic() >= until_s:
                return True
        return False

    def _begin(self) -> bool:
        """Take up the next database. False when there is none left for now."""
        if not self._waiting:
            if time.monotonic() < self._due_s:
                return False
            self._due_s = time.monotonic() + EVERY_S
            self._waiting = list(self._stocks)
        name = self._waiting.pop(0)
        steps = self._all_of(name)
        self._under_way = (name, time.monotonic(), steps)
        return True

    def _all_of(self, name: str) -> Steps[Plan]:
        """The points, and then backups and records of drills."""
        keep, now = self._app.keep, self._now()
        done = yield from pruning(self._stocks[name], self._store, keep, now, self._still_ours)
        copies = yield from pruning_copies(self._store, DatabaseId(self._app.name, name), keep, now, self._still_ours)
        if copies.keys:
            self._say(
                f"pruned app={self._app.name} database={name} backups={len(copies.freed_backups)} of={copies.backups} "
                f"drills={len(copies.freed_drills)} of={copies.drills} bytes={copies.freed_bytes}"
            )
        return done

    def _step(self) -> None:
        assert self._under_way is not None
        name, began_s, steps = self._under_way
        try:
            next(steps)
        except StopIteration as done:
            self._end(name, None)
            self._tell(name, done.value, time.monotonic() - began_s)
        except StationError as why:
            self._end(name, f"Old restore points not freed: {why.message}")

    def _end(self, name: str, trouble: str | None) -> None:
        self.trouble[name] = trouble
        self._under_way = None
        if trouble:
            self._say(trouble)

    def _tell(self, name: str, done: Plan, took_s: float) -> None:
        if done.freed:
            self._say(
                f"pruned app={self._app.name} database={name} points={done.freed_points} of={done.points} "
                f"unreferenced={done.freed_unreferenced} bytes={done.freed_bytes} took_s={took_s:.1f}"
            )
