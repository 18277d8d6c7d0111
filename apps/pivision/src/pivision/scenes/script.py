"""Who comes when and does what: visits with reaches, people who only pass, and what has to be told of it. Pure."""

import math
from dataclasses import dataclass
from enum import StrEnum

from pivision.scenes.people import Person, Point, Pose
from pivision.scenes.stand import Piece, Stand, View
from pivision.scenes.truth import Expected, Topic

STOCK_TOLERANCE_S = 25.0  # after the last one has gone: three stable frames, and time to be sure
VISIT_TOLERANCE_S = 3.0
_WALK_S = 2.0
_REACH_S = 0.7


class Deed(StrEnum):
    """What a hand does with the goods."""

    TAKE = "take"
    ADD = "add"
    SWAP = "swap"  # another thing stands there afterwards
    NUDGE = "nudge"  # moved by a few pixels: the same goods, no other stock
    TOUCH = "touch"


@dataclass(frozen=True)
class Reach:
    """A hand that goes to a spot, stays `lasts_s`, and comes back; `piece`: what is there afterwards."""

    at_s: float
    lasts_s: float
    slot: str
    index: int
    deed: Deed
    piece: Piece | None = None
    carried: Piece | None = None

    @property
    def done_s(self) -> float:
        return self.at_s + 0.6 * self.lasts_s


@dataclass(frozen=True)
class Visit:
    """Somebody at the stand: in the picture from `begin_s`, there a walk later, leaving at `leave_s`."""

    who: Person
    begin_s: float
    leave_s: float
    x: float
    from_left: bool
    reaches: tuple[Reach, ...]
    rests: bool  # a hand lies on the table between the reaches
    walk_s: float = _WALK_S

    @property
    def there_s(self) -> float:
        return self.begin_s + self.walk_s

    @property
    def end_s(self) -> float:
        return self.leave_s + self.walk_s


@dataclass(frozen=True)
class Pass:
    """Somebody who goes by behind the stand, and may stop for a while; `pace`: widths of the picture a second."""

    who: Person
    begin_s: float
    pace: float
    from_left: bool
    tall: float
    stops_s: float = 0.0
    shadow: float = 0.0  # 0..1: how dark a shadow they throw across the goods


def pose_of(visit: Visit, stand: Stand, at_s: float) -> Pose | None:
    """How the visitor stands then; None when out of the picture."""
    if not visit.begin_s <= at_s <= visit.end_s:
        return None
    away = max(_ease((visit.there_s - at_s) / visit.walk_s), _ease((at_s - visit.leave_s) / visit.walk_s))
    outside = -0.2 if visit.from_left == (at_s < visit.leave_s) else 1.2
    x = (visit.x + (outside - visit.x) * away) * stand.width
    x += 1.3 * math.sin(at_s * 1.7 + visit.x * 9) + 0.8 * math.sin(at_s * 0.61)
    tall, foot = {View.ACROSS: (0.98, 1.10), View.FRONT: (0.95, 1.06), View.SHELF: (1.5, 2.38)}[stand.view]
    walks = away > 0.02
    hand, carried = _hand(visit, stand, at_s, x)
    hands: tuple[Point | None, Point | None] = (hand, None)
    lean = 0.0 if hand is None else max(-0.10, min(0.10, (hand[0] - x) / (3 * stand.height)))
    resting = None
    if visit.rests and not walks:
        resting = _rest(stand, x, at_s)
        hands = (hand or (resting[0] - 0.16 * stand.height, resting[1]), resting)
    elif hand is not None and hand[0] > x:
        hands = (None, hand)
    side = 1 if visit.from_left == (at_s < visit.leave_s) else -1
    facing = 2 if stand.view is View.FRONT else 0
    return Pose(
        foot=(x, foot * stand.height),
        tall=tall * stand.height,
        stride=at_s * 7.0 if walks else None,
        hands=hands,
        turned=side if walks and facing == 0 else facing,
        lean=lean,
        carried=carried.sprite if carried else None,
    )


def pose_of_pass(one: Pass, stand: Stand, at_s: float) -> Pose | None:
    went = at_s - one.begin_s
    half_s = 0.55 / one.pace
    if went > half_s:
        went = max(half_s, went - one.stops_s)
    share = went * one.pace
    if not 0 <= share <= 1.3:
        return None
    x = (share - 0.15) if one.from_left else (1.15 - share)
    stands = one.stops_s > 0 and share == half_s * one.pace
    return Pose(
        foot=(x * stand.width, stand.ground_y * stand.height + 0.12 * one.tall * stand.height),
        tall=one.tall * stand.height,
        stride=None if stands else at_s * 8.0,
        turned=1 if one.from_left else -1,
    )


def hand_span(visit: Visit) -> tuple[float, float]:
    """From when to when a hand is over the goods."""
    first = min(each.at_s for each in visit.reaches) - _REACH_S / 2
    last = max(each.at_s + each.lasts_s for each in visit.reaches) + _REACH_S / 2
    return (visit.there_s, visit.leave_s) if visit.rests else (first, last)


def expected(visits: tuple[Visit, ...], stand: Stand) -> tuple[Expected, ...]:
    """What has to be told of these visits; those who are there together are one."""
    found: list[Expected] = []
    for group in _together(visits):
        begin, end = min(each.begin_s for each in group), max(each.end_s for each in group)
        spans = [(each.begin_s + 0.7, each.end_s - 0.7) for each in group]
        if stand.view is not View.FRONT:
            spans = [hand_span(each) for each in group]
        first, last = min(each[0] for each in spans), max(each[1] for each in spans)
        early = min(first, begin)
        found.append(Expected(Topic.INTERACTION, first, last, VISIT_TOLERANCE_S, earliest_s=early - 1))
        found += [Expected(Topic.STOCK, at, end, STOCK_TOLERANCE_S, slot) for slot, at in _changes(group)]
    return tuple(found)


def _changes(group: tuple[Visit, ...]) -> list[tuple[str, float]]:
    """The slots that look different afterwards, and when that was done."""
    last: dict[str, float] = {}
    for reach in (reach for visit in group for reach in visit.reaches):
        if reach.deed in (Deed.TAKE, Deed.ADD, Deed.SWAP):
            last[reach.slot] = max(last.get(reach.slot, 0.0), reach.done_s)
    return sorted(last.items(), key=lambda each: each[1])


def _together(visits: tuple[Visit, ...]) -> list[tuple[Visit, ...]]:
    groups: list[tuple[Visit, ...]] = []
    for visit in sorted(visits, key=lambda each: each.begin_s):
        if groups and visit.begin_s < max(each.end_s for each in groups[-1]) + 1:
            groups[-1] = (*groups[-1], visit)
        else:
            groups.append((visit,))
    return groups


def _ease(share: float) -> float:
    held = min(1.0, max(0.0, share))
    return held * held * (3 - 2 * held)


def _rest(stand: Stand, x: float, at_s: float) -> Point:
    y = {View.ACROSS: 0.64, View.FRONT: 0.66, View.SHELF: 0.72}[stand.view]
    return x + 0.10 * stand.height + 0.7 * math.sin(at_s * 0.9), y * stand.height + 0.5 * math.sin(at_s * 1.3)


def _hand(visit: Visit, stand: Stand, at_s: float, x: float) -> tuple[Point | None, Piece | None]:
    """Where the reaching hand is and what it holds."""
    carried: Piece | None = None
    for reach in visit.reaches:
        if reach.deed is Deed.ADD and at_s < reach.done_s:
            carried = carried or reach.piece
        if reach.deed in (Deed.TAKE, Deed.SWAP) and at_s >= reach.done_s:
            carried = reach.carried
        out = max(_ease((reach.at_s - at_s) / _REACH_S), _ease((at_s - reach.at_s - reach.lasts_s) / _REACH_S))
        if out >= 1:
            continue
        slot = next(each for each in stand.slots if each.name == reach.slot)
        spot = slot.spots[reach.index]
        target = (spot.x + 2.0 * math.sin(at_s * 5), spot.y - 0.55 * slot.ware.height * slot.unit)
        home = (
            x + 0.05 * stand.width,
            {View.ACROSS: 0.56, View.FRONT: 0.62, View.SHELF: 1.25}[stand.view] * stand.height,
        )
        return (target[0] + (home[0] - target[0]) * out, target[1] + (home[1] - target[1]) * out), carried
    return None, None
