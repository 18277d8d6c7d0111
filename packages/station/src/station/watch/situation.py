"""Everything that the readiness checks look at, and what can be measured from it: how old the copy is. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from station.watch.statuses import AppStatus, DatabaseStatus, HostState, HostStatus, LeaseSeen
from station.watch.storelog import StoreNews


@dataclass(frozen=True)
class Situation:
    """Everything the checks look at. `primary` holds the lease as far as known, `target` is the standby to take it.

    `fresh_s` is how old a copy may be while it still counts as the primary's own. `stores`: the app's, the first of
    which `store` tells of; `every_s`: how often each gets a point.
    """

    app: str
    databases: tuple[str, ...]
    lease: LeaseSeen | None
    primary: str | None
    target: str | None
    fresh_s: float
    statuses: Mapping[str, HostStatus]
    store: StoreNews
    now: datetime
    stores: tuple[str, ...] = ()
    every_s: Mapping[str, float] = field(default_factory=dict)

    def host(self, name: str | None) -> HostStatus:
        absent = HostStatus(name or "?", HostState.ABSENT, trouble="it has never run here")
        return self.statuses.get(name or "", absent)

    def on(self, name: str | None) -> AppStatus | None:
        return self.host(name).apps.get(self.app)

    def copy(self, database: str) -> DatabaseStatus | None:
        app = self.on(self.target)
        return app.databases.get(database) if app and app.role == "standby" else None

    def source(self, database: str) -> DatabaseStatus | None:
        app = self.on(self.primary)
        return app.databases.get(database) if app else None

    def age_s(self, moment: datetime) -> float:
        return max(0.0, (self.now - moment).total_seconds())


def complete_up_to(situation: Situation) -> datetime | None:
    """The moment up to which the standby surely has everything, by the primary's clock. None without a whole copy."""
    moments = [_complete_up_to(situation, database) for database in situation.databases]
    known = [moment for moment in moments if moment is not None]
    return min(known) if known and len(known) == len(moments) else None


def _complete_up_to(situation: Situation, database: str) -> datetime | None:
    held, source = situation.copy(database), situation.source(database)
    if held is None or held.point is None:
        return None
    if source and source.checked_at and _same(held, source):
        return max(held.point.taken_at, source.checked_at)  # nothing newer was there when the primary last looked
    return held.point.taken_at


def _same(held: DatabaseStatus, source: DatabaseStatus) -> bool:
    return held.point is not None and source.point is not None and held.point.name == source.point.name


def loss_s(situation: Situation) -> float | None:
    """The most that would be lost if the primary died now and a failover followed. None when there is no copy."""
    moment = complete_up_to(situation)
    return None if moment is None else situation.age_s(moment)


def copy_taken_at(situation: Situation) -> datetime | None:
    """When the oldest of the standby's copies was taken."""
    points = [held.point.taken_at for each in situation.databases if (held := situation.copy(each)) and held.point]
    return min(points) if points else None


def copy_checked_s(situation: Situation) -> float | None:
    """How long ago the standby last looked for something newer."""
    looks = [held.checked_at for each in situation.databases if (held := situation.copy(each)) and held.checked_at]
    return situation.age_s(min(looks)) if looks else None
