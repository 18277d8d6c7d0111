"""How every store of an app stands: how old its newest point is, and what is wrong with it. Pure.

The first store is the one that is read here; of the others the primary tells. A store stands as well as the worst of
the app's databases in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from station.watch.situation import Situation
from station.watch.statuses import DatabaseStatus, PointSeen
from station.watch.wording import clock_time, length

FIRST_REPORT_S = 15.0  # a new primary has opened its stores and looked at what they hold by then
LATE_LEAST_S = 60.0  # a store that is behind for less is not worth a word
ON_ITS_WAY_S = 5.0
PERIODS = 3  # so many points may be missed


@dataclass(frozen=True)
class StoreStand:
    """One store. `taken_at`: of its newest point. `behind_since`: since when there is something it does not hold.

    `late`: it is behind for longer than `late_after_s`, and nothing else is known to be wrong. `fresh`: it lacks
    nothing that its rhythm would have brought. `awaited`: the primary began a moment ago, and did not tell of it yet.
    """

    store: str
    first: bool
    taken_at: datetime | None
    behind_since: datetime | None
    sending_since: datetime | None
    error: str | None
    late: bool
    known: bool = True
    fresh: bool = True
    awaited: bool = False

    @property
    def well(self) -> bool:
        return self.awaited or self._well

    @property
    def _well(self) -> bool:
        return self.known and self.error is None and self.taken_at is not None and not self.late


def late_after_s(every_s: float) -> float:
    """How long a store may be behind that gets a point every so many seconds."""
    return max(LATE_LEAST_S, PERIODS * every_s + 5)


def store_stands(situation: Situation) -> tuple[StoreStand, ...]:
    """Every store of the app, in its order."""
    first = [_first(situation, name) for name in situation.stores[:1]]
    return (*first, *(_other(situation, name) for name in situation.stores[1:]))


def _first(situation: Situation, name: str) -> StoreStand:
    view = situation.store.view
    moments = [source.point.taken_at for source in _sources(situation) if source and source.point]
    seen = view.points[-1].taken_at if view and view.points else None
    taken_at = max([*([seen] if seen else []), *moments], default=None)
    return StoreStand(name, True, taken_at, None, None, situation.store.error, late=False)


def _other(situation: Situation, name: str) -> StoreStand:
    each = [_database(situation, name, database) for database in situation.databases]
    moments = [stand.taken_at for stand in each]
    known = all(stand.known for stand in each)
    silent = not known or any((stand.taken_at, stand.error, stand.sending_since) == (None,) * 3 for stand in each)
    return StoreStand(
        store=name,
        first=False,
        taken_at=None if None in moments else min((moment for moment in moments if moment), default=None),
        behind_since=_earliest([stand.behind_since for stand in each]),
        sending_since=_earliest([stand.sending_since for stand in each]),
        error=next((stand.error for stand in each if stand.error), None),
        late=any(stand.late for stand in each),
        known=known,
        fresh=all(stand.fresh for stand in each),
        awaited=silent and _has_just_begun(situation),
    )


def _has_just_begun(situation: Situation) -> bool:
    """Whether the primary took over, or its points unit started, a moment ago."""
    app, lease = situation.on(situation.primary), situation.lease
    began = [unit.since for unit in (app.units if app else ()) if unit.name == "points"]
    moments = [lease.taken_at if lease else None, *began]
    return any(moment and situation.age_s(moment) < FIRST_REPORT_S for moment in moments)


def _database(situation: Situation, name: str, database: str) -> StoreStand:
    source = situation.source(database)
    said = source.stores.get(name) if source else None
    if source is None or said is None:
        return StoreStand(name, False, None, None, None, None, late=False, known=False)
    behind_since = None if said.point is None else _behind_since(situation, source, said.point)
    waited = [moment for moment in (behind_since, said.sending_since) if moment]
    every_s = situation.every_s.get(name, 0.0)
    late_s = late_after_s(every_s)
    return StoreStand(
        store=name,
        first=False,
        taken_at=said.point.taken_at if said.point else None,
        behind_since=behind_since,
        sending_since=said.sending_since,
        error=said.error,
        late=any(situation.age_s(moment) > late_s for moment in waited),
        fresh=behind_since is None or situation.age_s(behind_since) <= every_s + ON_ITS_WAY_S,
    )


def _behind_since(situation: Situation, source: DatabaseStatus, held: PointSeen) -> datetime | None:
    """When the first point was taken that the store lacks. None when it holds what the first store holds."""
    if source.point is None or source.point.digest == held.digest or source.point.taken_at <= held.taken_at:
        return None
    view = situation.store.view
    newer = [
        point.taken_at
        for point in (view.points if view else ())
        if point.database == source.name and point.taken_at > held.taken_at and point.digest != held.digest
    ]
    return min([*newer, source.point.taken_at])


def _sources(situation: Situation) -> Sequence[DatabaseStatus | None]:
    return [situation.source(database) for database in situation.databases]


def _earliest(moments: Sequence[datetime | None]) -> datetime | None:
    return min((moment for moment in moments if moment), default=None)


def store_trouble(stand: StoreStand, now: datetime) -> str:
    """What is wrong with a store that is not well, in a clause."""
    if stand.awaited:
        return f"{stand.store} waits for the first report"
    if stand.error is not None:
        clause = stand.error[:1].lower() + stand.error[1:]
        return clause if stand.store in clause else f"{stand.store}: {clause}"
    if not stand.known:
        return f"nobody has told of {stand.store} yet"
    if stand.taken_at is None:
        sending = f", sending since {clock_time(stand.sending_since, now)}" if stand.sending_since else " yet"
        return f"{stand.store} has no point of this primary{sending}"
    if stand.behind_since is not None:
        return f"{stand.store} is behind by {length((now - stand.behind_since).total_seconds())}"
    since = f" since {clock_time(stand.sending_since, now)}" if stand.sending_since else ""
    return f"sending to {stand.store}{since}"
