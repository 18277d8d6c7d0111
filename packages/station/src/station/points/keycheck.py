"""Do the keys of this host open what a store holds? Reads the beginning of a few objects. Changes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass

from station.errors import DamagedObject, StationError
from station.points.catalog import read_point, recorded
from station.points.point import DatabaseId, Point
from station.points.portable import Kept, backup_key, current_key, known_copy, list_backups
from station.stores.cipher import decrypted
from station.stores.store import NoSuchKey, Store

CHAINS = 3  # the newest of a database, of each the base and the newest change
BACKUPS = 3


@dataclass(frozen=True)
class Tried:
    """One object: the key that its record names ("" when it is not encrypted), and why it does not open, if so."""

    object: str
    key: str
    problem: str | None = None


def try_newest(store: Store, identity: DatabaseId) -> Iterator[Tried]:
    """The newest objects of each kind of one database. StoreError when the store cannot be listed."""
    for chain, numbers in list(recorded(store, identity).items())[: -CHAINS - 1 : -1]:
        for seq in sorted({numbers[0], numbers[-1]}):
            try:
                point: Point = read_point(store, identity, chain, seq)
            except DamagedObject as why:
                yield Tried(f"{identity.prefix}{chain}/{seq:06d}.json", "", why.message)
                continue
            yield _tried(store, point.object_key, point.key)
    if (current := known_copy(store, identity)) is not None:
        yield _tried(store, current.object_key(current_key(identity)), current.key)
    kept: list[Kept] = list_backups(store, identity)[-BACKUPS:]
    for each in kept:
        if each.copy is not None:
            yield _tried(store, backup_key(identity, each.name), each.copy.key)


def _tried(store: Store, key: str, key_id: str) -> Tried:
    try:
        with store.open(key) as stored, decrypted(store, stored, key_id, key) as clear:
            clear.read(1)  # whose beginning decrypts was encrypted to this key, and is what was written
    except NoSuchKey:
        return Tried(key, key_id, f"{key} is missing")
    except StationError as why:
        return Tried(key, key_id, why.message)
    return Tried(key, key_id)
