"""Which points are kept and what may go: decided from a listing, the rule and the time. Pure.

A change needs its base and every change before it, so what goes is a whole chain, or a chain's end after its last kept
point. Periods are counted by those that have points, not back from now: a clock that is wrong deletes nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from station.fleet import Keep
from station.points.inventory import Chain, Inventory, chain_started, object_keys, record_key, script_keys
from station.points.point import Point

GRACE = timedelta(days=1)  # a mirror or a restore may still read the chain that was the newest until a moment ago
MOST_CHANGES = 20_000  # of one chain: a restore opens every one of them (docs/decisions.md)
LAST_NUMBER = 999_999  # six digits is what a key has
FULL_COPY_HOUR = 3  # a full copy reads and sends the whole database: at night, if anything is written then
_PERIODS = {"hourly": "%Y-%m-%d %H:00%z", "daily": "%Y-%m-%d", "weekly": "%G-W%V", "monthly": "%Y-%m"}


class Reason(NamedTuple):
    """Why a point is kept: for `last`, for being the last of a period, or because something counts from it."""

    kind: str
    period: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.period}".rstrip()


AHEAD = Reason("ahead of the clock")
DIVERGENCE = Reason("divergence")
NEWEST = "the newest chain"
JUST_ENDED = "ended less than a day ago"
NAMELESS = "its name tells no time"


@dataclass(frozen=True)
class Freed:
    """What may go of one chain. Keys in the order in which they have to go: newest first, records before objects."""

    chain: str
    numbers: tuple[int, ...]
    unreferenced: int
    damaged: int
    entire: bool
    keys: tuple[str, ...]
    bytes: int


@dataclass(frozen=True)
class Plan:
    """`kept` are the points that the rule names, in order of time; `points` counts all there are.

    `resting` are the chains that are not touched whatever the rule says, and why. `damaged_kept` says of which points
    that no longer restore something is left because there is nothing better of their period.
    """

    points: int
    bytes: int
    kept: Mapping[Point, tuple[Reason, ...]]
    resting: Mapping[str, str]
    damaged_kept: Mapping[str, tuple[Reason, ...]]
    freed: tuple[Freed, ...] = field(default=())

    @property
    def freed_points(self) -> int:
        return sum(len(freed.numbers) for freed in self.freed)

    @property
    def freed_bytes(self) -> int:
        return sum(freed.bytes for freed in self.freed)

    @property
    def freed_unreferenced(self) -> int:
        return sum(freed.unreferenced for freed in self.freed)


def keep(points: Iterable[Point], rule: Keep, now: datetime) -> set[Point]:
    """The points that the rule names. What these need to be restored is not among them."""
    return set(reasons(points, rule, now))


def reasons(points: Iterable[Point], rule: Keep, now: datetime) -> dict[Point, tuple[Reason, ...]]:
    """The points that the rule names, in order of time, and for what it names them.

    A point ahead of `now` is kept and counts for nothing: a clock that jumped must not push the others out.
    """
    newest_first = sorted(points, key=_order, reverse=True)
    found = _reasons([point.taken_at for point in newest_first], rule, now)
    return {newest_first[place]: found[place] for place in sorted(found, reverse=True)}


def plan(inventory: Inventory, rule: Keep, now: datetime) -> Plan:
    """What is kept of this inventory, and what may go."""
    chains = inventory.chains
    whole = [point for chain in chains for point in chain.whole()]
    kept = reasons(whole, rule, now)
    for point, reason in _counted_from(inventory, whole):
        kept[point] = (*kept.get(point, ()), reason)
    damaged = _damaged_kept(chains, whole, rule, now)
    resting = _resting(chains, now)
    last_kept: dict[str, int] = {}
    for chain, number in [*((point.chain, point.seq) for point in kept), *damaged]:
        last_kept[chain] = max(number, last_kept.get(chain, 0))
    freed = [_freed(inventory, chain, last_kept.get(chain.name, -1)) for chain in chains if chain.name not in resting]
    return Plan(
        points=sum(len(chain.records) for chain in chains),
        bytes=sum(_all_bytes(chain) for chain in chains),
        kept={point: kept[point] for point in sorted(kept, key=_order)},
        resting=resting,
        damaged_kept={f"{chain}/{number:06d}": why for (chain, number), why in damaged.items()},
        freed=tuple(each for each in freed if each.keys),
    )


def outlived(last: Point, rule: Keep, now: datetime) -> bool:
    """Whether the chain that `last` ends is so long or so old that the next change should begin another.

    `full_every_days` is the most; the turn is at FULL_COPY_HOUR before that, so that it does not fall into the day.
    """
    started = chain_started(last.chain)
    if last.seq >= MOST_CHANGES or started is None:
        return last.seq >= MOST_CHANGES
    every = timedelta(days=rule.full_every_days)
    latest = (started + every).astimezone(_zone(rule))
    turn = latest.replace(hour=FULL_COPY_HOUR, minute=0, second=0, microsecond=0)
    if turn > latest:
        turn -= timedelta(days=1)
    return now >= (turn if turn - started > every / 2 else latest)


def _reasons(newest_first: Sequence[datetime], rule: Keep, now: datetime) -> dict[int, tuple[Reason, ...]]:
    """By place in the sequence; for each kind at most as many as the rule says."""
    ahead = sum(1 for moment in newest_first if moment > now)
    found: dict[int, list[Reason]] = defaultdict(list, {place: [AHEAD] for place in range(ahead)})
    for place in range(ahead, min(ahead + rule.last, len(newest_first))):
        found[place].append(Reason("last"))
    zone = _zone(rule)
    for kind, form in _PERIODS.items():
        left = getattr(rule, kind)
        period = ""
        for place in range(ahead, len(newest_first)) if left else ():
            here = newest_first[place].astimezone(zone).strftime(form)
            if here == period:
                continue
            if not left:
                break
            period, left = here, left - 1
            found[place].append(Reason(kind, period))
    return {place: tuple(why) for place, why in found.items()}


def _zone(rule: Keep) -> tzinfo:
    return UTC if rule.zone == "UTC" else ZoneInfo(rule.zone)


def _counted_from(inventory: Inventory, whole: Sequence[Point]) -> Iterator[tuple[Point, Reason]]:
    """What somebody may still build on: the point that a divergence counts from, the end of the epoch before."""
    for point in whole:
        if point.name in inventory.diverged_from:
            yield point, DIVERGENCE
    epochs = sorted({chain.epoch for chain in inventory.chains if chain.records})
    if len(epochs) > 1:
        before = [point for point in whole if point.epoch == epochs[-2]]
        for point in sorted(before, key=_order)[-1:]:
            # the host that held it may be away still, and come back with pages that nobody else has
            yield point, Reason("last of epoch", str(point.epoch))


def _damaged_kept(
    chains: Sequence[Chain], whole: Sequence[Point], rule: Keep, now: datetime
) -> dict[tuple[str, int], tuple[Reason, ...]]:
    """The points that do not restore, where the rule names a period of which nothing restores."""
    broken = [
        (moment, chain.name, number) for chain in chains for number, moment in _moments(chain, len(chain.whole()))
    ]
    if not broken:
        return {}
    better = {reason for why in reasons(whole, rule, now).values() for reason in why} - {AHEAD}
    everything = sorted([*broken, *((point.taken_at, "", 0) for point in whole)], reverse=True)
    found = _reasons([moment for moment, _, _ in everything], rule, now)
    alone = {everything[place][1:]: tuple(each for each in why if each not in better) for place, why in found.items()}
    return {name: why for name, why in alone.items() if name[0] and why}


def _moments(chain: Chain, first: int) -> Iterator[tuple[int, datetime]]:
    """The records from number `first` on, each with its time, or the last time before it that is known."""
    moment = chain.started_at or datetime.max.replace(tzinfo=UTC)
    for number in sorted(chain.records):
        moment = chain.points[number].taken_at if number in chain.points else moment
        if number >= first:
            yield number, moment


def _resting(chains: Sequence[Chain], now: datetime) -> dict[str, str]:
    recorded = [chain.name for chain in chains if chain.records]
    found = {chain.name: NEWEST for chain in chains if not recorded or chain.name >= recorded[-1]}
    for chain, successor in pairwise(chains):
        if chain.name in found:
            continue
        began, ended = chain.started_at, successor.started_at
        if began is None or ended is None:
            found[chain.name] = NAMELESS
        elif now - max(began, ended) < GRACE:
            found[chain.name] = JUST_ENDED
    return found


def _freed(inventory: Inventory, chain: Chain, last_kept: int) -> Freed:
    identity, name = inventory.identity, chain.name
    numbers = sorted((number for number in chain.records if number > last_kept), reverse=True)
    objects = sorted((number for number in chain.objects if number > last_kept), reverse=True)
    script = script_keys(identity, chain) if last_kept < 0 and chain.script_bytes is not None else []
    keys = [record_key(identity, name, number) for number in numbers]
    keys += [key for number in objects for key in object_keys(identity, chain, number)]
    whole = len(chain.whole())
    return Freed(
        chain=name,
        numbers=tuple(numbers),
        unreferenced=len(set(objects) - set(numbers)) + (len(script) if not numbers and not objects else 0),
        damaged=sum(1 for number in numbers if number >= whole),
        entire=last_kept < 0,
        keys=(*keys, *script),
        bytes=sum(chain.records[number] for number in numbers)
        + sum(chain.objects[number] for number in objects)
        + (chain.script_bytes or 0 if script else 0),
    )


def _all_bytes(chain: Chain) -> int:
    return sum(chain.records.values()) + sum(chain.objects.values()) + (chain.script_bytes or 0)


def _order(point: Point) -> tuple[datetime, int, str, int]:
    return point.taken_at, point.epoch, point.chain, point.seq
