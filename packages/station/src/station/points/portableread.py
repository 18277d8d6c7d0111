"""Reading a portable copy back from a store into a file, decrypted if need be; and which of the recorded it is."""

import os
from pathlib import Path
from typing import BinaryIO, cast

from station.clock import to_text
from station.errors import DamagedObject
from station.points.objects import Counting
from station.points.portable import UPLOAD_HINT, Copy, recorded_copies, stored_names
from station.points.portablefile import OnBytes
from station.stores.cipher import SUFFIX, decrypted
from station.stores.store import Store

BLOCK_BYTES = 1 << 20


def read_copy(store: Store, key: str, target: Path, on_bytes: OnBytes | None = None) -> Copy:
    """Write the copy called `key` to `target`, durably, and say which of those that are recorded it is.

    The pages are not looked at yet. DamagedObject when it is none of them; NoSuchKey; StoreError, which names the key,
    when it is encrypted and this host cannot decrypt it; OSError of `target`.
    """
    recorded = recorded_copies(store, key) + recorded_copies(store, f"{key}{SUFFIX}")
    there = stored_names(store, key)
    names = [name for name in _newest_first(key, recorded) if name in there] or [*there, key][:1]
    for name in names[:-1]:  # two lie there only when a run was cut that wrote the first encrypted one, or plain one
        try:
            return _read_one(store, name, recorded, target, on_bytes)
        except DamagedObject:
            continue
    return _read_one(store, names[-1], recorded, target, on_bytes)


def _newest_first(key: str, recorded: list[Copy]) -> list[str]:
    return list(dict.fromkeys(copy.object_key(key) for copy in reversed(recorded)))


def _read_one(store: Store, name: str, recorded: list[Copy], target: Path, on_bytes: OnBytes | None) -> Copy:
    could_be = [copy for copy in recorded if bool(copy.key) == name.endswith(SUFFIX)]
    all_bytes = could_be[-1].bytes if could_be else 0
    with store.open(name) as stored, target.open("wb") as file:
        if not could_be:
            raise DamagedObject(f"{name} has no record, so nobody can say whether it is whole", UPLOAD_HINT)
        hashed = Counting(stored)
        with decrypted(store, cast(BinaryIO, hashed), could_be[-1].key, name) as clear:
            while block := clear.read(BLOCK_BYTES):
                file.write(block)
                if on_bytes is not None:
                    on_bytes(hashed.size, all_bytes)
        file.flush()
        os.fsync(file.fileno())
    for copy in could_be:
        if copy.sha256 == hashed.sha256:
            return copy
    at = to_text(could_be[-1].taken_at)
    raise DamagedObject(f"{name} is not the file that its record of {at} names", UPLOAD_HINT)
