"""What an import changes: rows compared as multisets, then told as booked, cancelled, moved or repriced. Pure."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from bookedbiz.importing.spots import Spot
from bookedbiz.workbook.rows import Row


@dataclass(frozen=True)
class Difference:
    """Of one month: rows to add, ids of spots to remove, and how many are there already and keep their ids."""

    added: list[Row]
    removed: list[int]
    unchanged: int


def difference(stored: Iterable[tuple[int, int]], rows: Iterable[Row]) -> Difference:
    """Compare (id, hash) of stored spots with rows. Of equal rows as many stay as there are on both sides."""
    ids: dict[int, list[int]] = defaultdict(list)
    for spot_id, row_hash in stored:
        ids[row_hash].append(spot_id)
    added = []
    unchanged = 0
    for row in rows:
        same = ids.get(row.row_hash)
        if same:
            same.pop()
            unchanged += 1
        else:
            added.append(row)
    return Difference(added, sorted(spot_id for left in ids.values() for spot_id in left), unchanged)


class ChangeKey(NamedTuple):
    """What one line of the change report is about."""

    kind: str
    month: int
    bill_code_id: int
    sales_person_id: int
    contract_id: int | None
    columns: str


@dataclass
class Amounts:
    """How many spots, and their money before and after."""

    spots: int = 0
    gross_before_cents: int = 0
    gross_after_cents: int = 0
    net_before_cents: int = 0
    net_after_cents: int = 0


@dataclass
class Changes:
    """The change report, by contract and kind."""

    lines: dict[ChangeKey, Amounts] = field(default_factory=dict)

    def add(self, before: Spot | None, after: Spot | None) -> None:
        now = after or before
        assert now is not None
        columns = _differing(before, after) if before and after else ()
        key = ChangeKey(
            _kind(before, after, columns), now.month, now.bill_code_id, now.sales_person_id, now.contract_id,
            ",".join(columns),
        )  # fmt: skip
        amounts = self.lines.get(key)
        if amounts is None:
            amounts = self.lines[key] = Amounts()
        amounts.spots += 1
        if before:
            amounts.gross_before_cents += before.gross_cents or 0
            amounts.net_before_cents += before.net_cents or 0
        if after:
            amounts.gross_after_cents += after.gross_cents or 0
            amounts.net_after_cents += after.net_cents or 0


def tell_changes(removed: Sequence[Spot], added: Sequence[Spot]) -> Changes:
    """Pair what was removed with what was added where both are the same order, and name what differs."""
    changes = Changes()
    left, new = list(removed), list(added)
    for identity in (_same_airing, _same_line):
        pairs, left, new = _pair(left, new, identity)
        for before, after in pairs:
            changes.add(before, after)
    for spot in left:
        changes.add(spot, None)
    for spot in new:
        changes.add(None, spot)
    return changes


# Which import brought it and how its month was found is no change of the spot.
_NOT_TOLD = frozenset({"row_hash", "batch_id", "month_derived"})
_MOVED = frozenset({"air_day", "time_in_s", "time_out_s", "length_s", "market_id", "sheet_id"})
_TOLD = tuple((index, name) for index, name in enumerate(Spot._fields) if name not in _NOT_TOLD)


def _differing(before: Spot, after: Spot) -> tuple[str, ...]:
    return tuple(name for index, name in _TOLD if before[index] != after[index])


def _kind(before: Spot | None, after: Spot | None, columns: Sequence[str]) -> str:
    if before is None:
        return "booked"
    if after is None:
        return "cancelled"
    if "gross_cents" in columns:
        return "repriced"
    return "moved" if _MOVED.intersection(columns) else "edited"


def _same_airing(spot: Spot) -> Hashable:
    return (spot.month, spot.contract_id, spot.line, spot.air_day, spot.time_in_s, spot.unit)


def _same_line(spot: Spot) -> Hashable:
    return (spot.month, spot.contract_id, spot.line, spot.unit)


def _pair(
    removed: list[Spot], added: list[Spot], identity: Callable[[Spot], Hashable]
) -> tuple[list[tuple[Spot, Spot]], list[Spot], list[Spot]]:
    """Pairs, and what is left of both. Rows without a contract are paired with nothing."""
    if not removed:
        return [], removed, added
    waiting: dict[Hashable, list[Spot]] = defaultdict(list)
    for spot in removed:
        waiting[identity(spot)].append(spot)
    pairs, new = [], []
    for spot in added:
        partners = waiting.get(identity(spot)) if spot.contract_id is not None else None
        if partners:
            pairs.append((partners.pop(0), spot))
        else:
            new.append(spot)
    return pairs, [spot for spots in waiting.values() for spot in spots], new
