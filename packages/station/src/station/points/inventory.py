"""What lies in a store under one database, object by object, by one listing; no object is opened, only records.

It is taken in small steps, so that a loop that has something more urgent to do can stop between any two.
"""

import json
import re
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from station.clock import from_text
from station.errors import DamagedObject
from station.points.catalog import read_point
from station.points.point import DatabaseId, Point
from station.stores.store import NoSuchKey, Store, read

_KEY = re.compile(
    r"(?P<chain>\d{6}-[^/]+)/"
    r"(?P<file>(?P<record>\d{6})\.json|(?P<change>\d{6})\.(?:wal\.zst|delta)(?:\.age)?|base\.db\.zst(?:\.age)?"
    r"|(?P<script>restore\.(?:sh|py)))"
)
_STARTED = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z")

Result = TypeVar("Result")
Steps = Generator[None, None, Result]
"""Work that yields after every small step and returns its result."""


@dataclass(frozen=True)
class Chain:
    """One chain as it lies in the store: sizes by number, and the points of the records that can be read.

    `files`: the names of the objects by number, where they are not those of a plain chain. There is more than one when
    a killed run was about to store the point in another way.
    """

    name: str
    records: Mapping[int, int] = field(default_factory=dict)
    objects: Mapping[int, int] = field(default_factory=dict)
    script_bytes: int | None = None
    points: Mapping[int, Point] = field(default_factory=dict)
    files: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    scripts: tuple[str, ...] = ("restore.sh",)

    @property
    def epoch(self) -> int:
        return int(self.name[:6])

    @property
    def started_at(self) -> datetime | None:
        """When the chain was begun, as its name says; None when it says nothing."""
        return chain_started(self.name)

    def whole(self) -> list[Point]:
        """The points that restore as far as a listing tells: from the base on, each with its record and its object."""
        found: list[Point] = []
        while (point := self.points.get(len(found))) and self.objects.get(len(found)) == point.object_bytes:
            found.append(point)
        return found


@dataclass(frozen=True)
class Inventory:
    """The chains of a database in order of name, and the names of the points that a saved divergence counts from."""

    identity: DatabaseId
    chains: tuple[Chain, ...]
    diverged_from: frozenset[str] = frozenset()

    @property
    def unreferenced(self) -> list[tuple[str, int]]:
        """Key and size of every object without a record: a run that goes on, or was killed, or a prune cut short."""
        found = []
        for chain in self.chains:
            numbers = sorted(chain.objects.keys() - chain.records.keys())
            for number in numbers:
                keys = object_keys(self.identity, chain, number)
                found += [(key, chain.objects[number] if key == keys[0] else 0) for key in keys]
            if chain.script_bytes is not None and not chain.records and not chain.objects:
                keys = script_keys(self.identity, chain)
                found += [(key, chain.script_bytes if key == keys[0] else 0) for key in keys]
        return found


class Stocktaking:
    """Takes inventories of one database. Records never change, so each is read only once."""

    def __init__(self, store: Store, identity: DatabaseId) -> None:
        self._store = store
        self._identity = identity
        self._read: dict[str, dict[int, Point]] = {}

    def steps(self) -> Steps[Inventory]:
        """StoreError. A record that cannot be read, or went away meanwhile, leaves its number without a point."""
        listed: dict[str, _Listed] = {}
        for entry in self._store.list(self._identity.prefix):
            if found := _KEY.fullmatch(entry.key.removeprefix(self._identity.prefix)):
                listed.setdefault(found["chain"], _Listed()).add(found, entry.size_bytes)
            yield
        self._read = {name: self._read.get(name, {}) for name in listed}
        chains = []
        for name in sorted(listed):
            points = yield from self._points(name, listed[name].records)
            chains.append(listed[name].chain(name, points))
        diverged_from = yield from self._diverged_from()
        return Inventory(self._identity, tuple(chains), diverged_from)

    def _points(self, chain: str, numbers: Mapping[int, int]) -> Steps[dict[int, Point]]:
        known = self._read[chain]
        for number in sorted(numbers):
            if number not in known:
                try:
                    known[number] = read_point(self._store, self._identity, chain, number)
                except DamagedObject:
                    continue
                yield
        return {number: known[number] for number in numbers if number in known}

    def _diverged_from(self) -> Steps[frozenset[str]]:
        found = set()
        for entry in self._store.list(f"{self._identity.app}/divergence/"):
            if entry.key.endswith(".json"):
                found.add(self._since(entry.key))
                yield
        return frozenset(found - {""})

    def _since(self, key: str) -> str:
        try:
            said = json.loads(read(self._store, key))
            return str(said["since"]) if said["database"] == self._identity.database else ""
        except (NoSuchKey, ValueError, TypeError, KeyError):
            return ""  # without its record a divergence belongs to no point


class _Listed:
    """What one listing says of a chain, as it comes."""

    def __init__(self) -> None:
        self.records: dict[int, int] = {}
        self._objects: dict[int, dict[str, int]] = {}
        self._scripts: dict[str, int] = {}

    def add(self, found: re.Match[str], size_bytes: int) -> None:
        if found["record"]:
            self.records[int(found["record"])] = size_bytes
        elif found["script"]:
            self._scripts[found["file"]] = size_bytes
        else:
            self._objects.setdefault(int(found["change"] or 0), {})[found["file"]] = size_bytes

    def chain(self, name: str, points: Mapping[int, Point]) -> Chain:
        return Chain(
            name,
            self.records,
            {number: _size_of(sizes, points.get(number)) for number, sizes in self._objects.items()},
            sum(self._scripts.values()) if self._scripts else None,
            points,
            {number: tuple(sizes) for number, sizes in self._objects.items()},
            tuple(self._scripts),
        )


def _size_of(sizes: Mapping[str, int], point: Point | None) -> int:
    """Of the object that the point's record names; of all that is there when it names none of it."""
    name = point.object_key.rpartition("/")[2] if point else ""
    return sizes.get(name, sum(sizes.values()))


def finish(steps: Steps[Result]) -> Result:
    """Go all the steps without a pause."""
    while True:
        try:
            next(steps)
        except StopIteration as done:
            result: Result = done.value
            return result


def take_inventory(store: Store, identity: DatabaseId) -> Inventory:
    """The inventory of this moment. StoreError."""
    return finish(Stocktaking(store, identity).steps())


def chain_started(name: str) -> datetime | None:
    """The time in a chain's name."""
    parts = _STARTED.fullmatch(name.rpartition("-")[2])
    if parts is None:
        return None
    year, month, day, hour, minute, second, milli = parts.groups()
    try:
        return from_text(f"{year}-{month}-{day}T{hour}:{minute}:{second}.{milli}Z")
    except ValueError:
        return None


def record_key(identity: DatabaseId, chain: str, number: int) -> str:
    return f"{identity.prefix}{chain}/{number:06d}.json"


def object_keys(identity: DatabaseId, chain: Chain, number: int) -> list[str]:
    """What lies there for that number."""
    names = chain.files.get(number) or (f"{number:06d}.wal.zst" if number else "base.db.zst",)
    return [f"{identity.prefix}{chain.name}/{name}" for name in names]


def script_keys(identity: DatabaseId, chain: Chain) -> list[str]:
    return [f"{identity.prefix}{chain.name}/{name}" for name in chain.scripts]
