"""Putting a point into a store: its object first, its record last, so that whatever is recorded is whole."""

from collections.abc import Callable
from pathlib import Path

from station.errors import DamagedObject, LeaseLost, StoreError
from station.points.catalog import newest_chain_key
from station.points.objects import check_object
from station.points.point import DatabaseId, Point, to_record
from station.points.script import RESTORE_PY, restore_scripts
from station.stores.store import KeyExists, NoSuchKey, Store, read

StillOurs = Callable[[], None]


class Contested(StoreError):
    """Another object of that name is there, and no record: a run left it, or another writer is about to record it."""


def place(store: Store, point: Point, file: Path, *, over: bool = False) -> None:
    """Store the point's object. LeaseLost when another writer has recorded the point; StoreError.

    Contested when another object is there without a record, unless that may be written `over`.
    """
    try:
        store.create(point.object_key, file)
    except KeyExists as why:
        if exists(store, point.record_key):
            raise _another_writer(point) from why
        if _is_same(store, point):
            return  # left by a run of ours that was killed before it recorded the point
        if not over:
            raise Contested(
                f"{point.object_key} not stored in {store.name}: another object is there, and no record of it",
                "Does another station run as this host? If nobody records it, it is written over in a minute",
            ) from why
        store.put(point.object_key, file)


def is_placed(store: Store, point: Point) -> bool:
    """Whether something of the object's size is there."""
    listed = store.list(point.object_key)
    return any(entry.key == point.object_key and entry.size_bytes == point.object_bytes for entry in listed)


def record(store: Store, point: Point, since: Point | None, still_ours: StillOurs) -> None:
    """The point exists from the moment its record does. `since`: the point before it in its chain.

    `still_ours` raises LeaseLost when it is not ours to record; LeaseLost too when another writer was quicker.
    """
    if point.is_base or (since and _lacks_script(store, since, point)):
        for name, script in restore_scripts().items():
            store.put(f"{point.folder}/{name}", script)
    still_ours()
    try:
        store.create(point.record_key, to_record(point))
    except KeyExists as why:
        raise _another_writer(point) from why
    if point.is_base:
        store.put(newest_chain_key(DatabaseId(point.app, point.database)), point.chain.encode())


def exists(store: Store, key: str) -> bool:
    """Whether there is an object under the key."""
    try:
        read(store, key)
    except NoSuchKey:
        return False
    return True


def _lacks_script(store: Store, since: Point, point: Point) -> bool:
    """Whether the first delta comes into a chain that was begun when there were none, and no script that reads them."""
    return point.encoding != since.encoding == "plain" and not exists(store, f"{point.folder}/{RESTORE_PY}")


def _is_same(store: Store, point: Point) -> bool:
    try:
        check_object(store, point)
    except DamagedObject:
        return False
    return True


def _another_writer(point: Point) -> LeaseLost:
    return LeaseLost(
        f"The point {point.name} was recorded by another writer of {point.app}/{point.database}",
        "Two stations run as this host: stop one of them",
    )
