"""Visits made up from chance, so that each does what can be done with the goods that are there."""

from dataclasses import dataclass

from pivision.scenes.goods import WARES, Sprite, sprite
from pivision.scenes.people import person
from pivision.scenes.script import Deed, Pass, Reach, Visit
from pivision.scenes.stand import Display, Piece, Slot, View
from pivision.scenes.textures import Chance, Colour, between

_FIRST_S = 35.0  # long enough to know the place before anybody comes
_LAST_S = 45.0  # and to tell what was done at the end


@dataclass(frozen=True)
class Habit:
    """What those who come are like. Seconds as (least, most); `deeds`: each with its weight."""

    pause_s: tuple[float, float] = (38.0, 75.0)
    reaches: tuple[int, int] = (1, 2)
    lasts_s: tuple[float, float] = (1.2, 2.6)
    stands_s: tuple[float, float] = (0.5, 2.5)  # before the first reach, and after the last
    deeds: tuple[tuple[Deed, float], ...] = ((Deed.TAKE, 5.0), (Deed.ADD, 1.5), (Deed.TOUCH, 2.5), (Deed.SWAP, 0.7))
    company: float = 0.0  # how often somebody comes along
    like: Colour | None = None  # clothes as what is behind them
    rests: float = 0.3


@dataclass(frozen=True)
class Passing:
    """How often people go by behind, how fast (widths a second), how large, and whether they stop."""

    pause_s: tuple[float, float] = (6.0, 20.0)
    pace: tuple[float, float] = (0.10, 0.35)
    tall: tuple[float, float] = (0.34, 0.46)
    stops_s: tuple[float, float] = (0.0, 0.0)
    shadow: float = 0.0


@dataclass
class _Shelf:
    """The goods as they will be by then, and the slots that this company has changed: each changes once in a visit."""

    display: Display
    pieces: dict[tuple[str, int], Piece]
    changed: set[str]


def visits(
    rng: Chance, display: Display, length_s: float, habit: Habit, away: tuple[tuple[float, float], ...] = ()
) -> tuple[Visit, ...]:
    """Visits one after the other, the last one early enough to be told. Nobody comes in the spans `away`."""
    shelf = _Shelf(display, dict(display.pieces), set())
    found: list[Visit] = []
    at_s = _FIRST_S + between(rng, 0, 10)
    while at_s < length_s - _LAST_S - 20:
        blocked = [end for begin, end in away if begin - 25 < at_s < end]
        if blocked:
            at_s = blocked[0]
            continue
        shelf.changed.clear()
        first = _visit(rng, shelf, at_s, habit)
        found.append(first)
        end_s = first.end_s
        if rng.random() < habit.company:
            other = _visit(rng, shelf, at_s + between(rng, 0.5, 4.0), habit)
            found.append(other)
            end_s = max(end_s, other.end_s)
        at_s = end_s + between(rng, *habit.pause_s)
    return tuple(found)


def passes(rng: Chance, length_s: float, passing: Passing) -> tuple[Pass, ...]:
    found = []
    at_s = between(rng, 2.0, 12.0)
    while at_s < length_s:
        one = Pass(
            who=person(rng.integers(1 << 30)),
            begin_s=at_s,
            pace=between(rng, *passing.pace),
            from_left=bool(rng.random() < 0.5),
            tall=between(rng, *passing.tall),
            stops_s=between(rng, *passing.stops_s),
            shadow=passing.shadow,
        )
        found.append(one)
        at_s += 0.7 / one.pace + between(rng, *passing.pause_s)
    return tuple(found)


def _visit(rng: Chance, shelf: _Shelf, at_s: float, habit: Habit) -> Visit:
    stand = shelf.display.stand
    slot = stand.slots[int(rng.integers(0, len(stand.slots)))]
    walk_s = between(rng, 1.4, 2.6)
    reach_s = at_s + walk_s + 0.4 + between(rng, *habit.stands_s)
    reaches: list[Reach] = []
    for _ in range(int(rng.integers(habit.reaches[0], habit.reaches[1] + 1))):
        reach = _reach(rng, shelf, slot, (reach_s, between(rng, *habit.lasts_s)), habit)
        reaches.append(reach)
        reach_s = reach.at_s + reach.lasts_s + between(rng, 1.5, 2.2)
        if rng.random() < 0.5 and stand.view is not View.SHELF:
            slot = _neighbour(stand.slots, slot)
    middle = sum(each.x for each in slot.spots) / len(slot.spots) / stand.width
    return Visit(
        who=person(rng.integers(1 << 30), habit.like),
        begin_s=at_s,
        leave_s=reaches[-1].at_s + reaches[-1].lasts_s + 0.8 + between(rng, *habit.stands_s),
        x=middle + between(rng, -0.06, 0.06),
        from_left=bool(rng.random() < 0.5),
        reaches=tuple(reaches),
        rests=bool(rng.random() < habit.rests),
        walk_s=walk_s,
    )


def _reach(rng: Chance, shelf: _Shelf, slot: Slot, when: tuple[float, float], habit: Habit) -> Reach:
    taken = shelf.pieces
    deed = Deed.TOUCH if slot.name in shelf.changed else _deed(rng, habit)
    full = [each for each in range(len(slot.spots)) if (slot.name, each) in taken]
    bare = [each for each in range(len(slot.spots)) if (slot.name, each) not in taken]
    if deed is Deed.ADD and not bare:
        deed = Deed.TAKE
    if deed in (Deed.TAKE, Deed.SWAP, Deed.NUDGE) and not full:
        deed = Deed.ADD
    index = (bare if deed is Deed.ADD else full or bare)[0 if deed is Deed.ADD else -1]
    here = slot.name, index
    was = taken.get(here)
    piece = was
    if deed is Deed.TAKE:
        piece = None
    elif deed is Deed.ADD:
        piece = shelf.display.new(slot)
    elif deed is Deed.SWAP:
        piece = Piece(_other(rng, slot))
    elif deed is Deed.NUDGE and was is not None:
        piece = Piece(was.sprite, (was.moved[0] + int(rng.choice((-2, -1, 1, 2))), was.moved[1]))
    if deed is not Deed.TOUCH:
        shelf.changed.add(slot.name)
    if piece is None:
        taken.pop(here, None)
    else:
        taken[here] = piece
    return Reach(when[0], when[1], slot.name, index, deed, piece, was)


def _deed(rng: Chance, habit: Habit) -> Deed:
    total = sum(weight for _deed, weight in habit.deeds)
    at = between(rng, 0, total)
    for deed, weight in habit.deeds:
        at -= weight
        if at <= 0:
            return deed
    return habit.deeds[-1][0]


def _other(rng: Chance, slot: Slot) -> Sprite:
    """Another ware than the slot's, about as wide."""
    others = [
        each
        for each in WARES
        if each is not slot.ware and abs(each.width - slot.ware.width) < 0.6 and each.height < 1.6
    ]
    return sprite(others[int(rng.integers(0, len(others)))], slot.unit, rng)


def _neighbour(slots: tuple[Slot, ...], slot: Slot) -> Slot:
    """The slot in the other row, on the same side."""
    return slots[(slots.index(slot) + 2) % len(slots)]
