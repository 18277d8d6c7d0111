"""Which restore points there are: read from the records in the store, found by moment or by name."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from station.clock import to_text
from station.errors import DamagedObject, NoSuchPoint
from station.points.point import DatabaseId, Point, from_record
from station.stores.store import NoSuchKey, Store, read

RECORD = re.compile(r"(?P<chain>\d{6}-[^/]+)/(?P<seq>\d{6})\.json")


@dataclass(frozen=True)
class Catalog:
    """Every point in order of `taken_at`, and by its key why a record could not be read."""

    points: list[Point] = field(default_factory=list)
    damaged: dict[str, DamagedObject] = field(default_factory=dict)


def list_points(store: Store, identity: DatabaseId) -> list[Point]:
    """The points whose records can be read, in order of `taken_at`."""
    return read_catalog(store, identity).points


def read_catalog(store: Store, identity: DatabaseId) -> Catalog:
    catalog = Catalog()
    for chain, numbers in recorded(store, identity).items():
        for seq in numbers:
            try:
                catalog.points.append(read_point(store, identity, chain, seq))
            except DamagedObject as why:
                catalog.damaged[f"{identity.prefix}{chain}/{seq:06d}.json"] = why
    catalog.points.sort(key=lambda point: (point.taken_at, point.epoch, point.chain, point.seq))
    return catalog


def recorded(store: Store, identity: DatabaseId) -> dict[str, list[int]]:
    """The chains and the numbers of their records, without reading any; the newest chain and number last.

    The name of a chain begins with its epoch and ends with its start, and one epoch has one host: names sort by time.
    """
    chains: dict[str, list[int]] = {}
    for entry in store.list(identity.prefix):
        if found := RECORD.fullmatch(entry.key.removeprefix(identity.prefix)):
            chains.setdefault(found["chain"], []).append(int(found["seq"]))
    return {chain: sorted(chains[chain]) for chain in sorted(chains)}


def newest_chain_key(identity: DatabaseId) -> str:
    """Where the taker notes the chain that it has begun: a hint that saves a mirror most listings, and no more."""
    return f"{identity.prefix}newest"


def damaged_chain_key(identity: DatabaseId) -> str:
    """Where a mirror notes the chain in which it met a damaged object: its taker then begins another."""
    return f"{identity.prefix}damaged"


def recorded_after(store: Store, identity: DatabaseId, point: Point, *, hint: bool = True) -> list[int] | None:
    """The numbers that follow `point` in its chain, without a listing. None when its chain may not be the newest.

    One call for each number, and one that finds nothing. Without `hint` one less: a new chain is not noticed.
    """
    try:
        if hint and read(store, newest_chain_key(identity)).decode(errors="replace") != point.chain:
            return None
    except NoSuchKey:
        return None
    numbers: list[int] = []
    with suppress(NoSuchKey):
        while True:
            number = point.seq + 1 + len(numbers)
            read(store, f"{point.folder}/{number:06d}.json")
            numbers.append(number)
    return numbers


def read_point(store: Store, identity: DatabaseId, chain: str, seq: int) -> Point:
    """The point with that name. DamagedObject when its record is missing, unreadable or of another point."""
    key = f"{identity.prefix}{chain}/{seq:06d}.json"
    try:
        point = from_record(read(store, key), key)
    except NoSuchKey as why:
        raise DamagedObject(f"The record {key} is missing", "Run `station db verify` to see what is whole") from why
    if point.record_key != key:
        raise DamagedObject(f"The record {key} is of another point: {point.record_key}", "It was moved or copied")
    return point


def newest(store: Store, identity: DatabaseId, *, epoch: int | None = None) -> Point | None:
    """The last point of the newest chain (of that epoch) whose record can be read."""
    for chain, numbers in reversed(recorded(store, identity).items()):
        if epoch is not None and int(chain[:6]) != epoch:
            continue
        for seq in reversed(numbers):
            try:
                return read_point(store, identity, chain, seq)
            except DamagedObject:
                continue
    return None


def point_at(points: Sequence[Point], moment: datetime) -> Point:
    """The newest point that was taken at or before the moment. NoSuchPoint."""
    if found := [point for point in points if point.taken_at <= moment]:
        return max(found, key=lambda point: (point.taken_at, point.epoch, point.chain, point.seq))
    first = f"the first is of {to_text(min(point.taken_at for point in points))}" if points else "there is none at all"
    raise NoSuchPoint(f"There is no restore point of {to_text(moment)} or before: {first}", "`station db list-points`")


def point_named(points: Sequence[Point], text: str) -> Point:
    """The point with that name, or the only one whose name ends or begins with the text. NoSuchPoint."""
    exact = [point for point in points if point.name == text]
    close = exact or [point for point in points if point.name.endswith(text) or point.name.startswith(text)]
    if len(close) == 1:
        return close[0]
    why = f"{len(close)} points match" if close else "no point matches"
    raise NoSuchPoint(f"There is no restore point named {text}: {why}", "`station db list-points` prints the names")
