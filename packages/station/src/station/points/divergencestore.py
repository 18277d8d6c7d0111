"""A divergence in the store, beside the chains: what a host keeps of it, encrypted when the store is."""

import json

from station.errors import StoreError
from station.points.divergence import Divergence
from station.points.portablefile import size_and_sha256
from station.stores.cipher import SUFFIX, cipher_of
from station.stores.store import Store


def store_divergence(store: Store, saved: Divergence) -> None:
    """Put the file and its record into the store. StoreError; both stay on this host in any case, in the clear.

    The record in the store names the file as it lies there, its SHA-256, and the key it is encrypted to.
    """
    folder = f"{saved.app}/divergence/{saved.host}/"
    record = saved.file.with_name(saved.file.name.partition(".")[0] + ".json")
    cipher = cipher_of(store)
    if cipher is None:
        store.put(f"{folder}{saved.file.name}", saved.file)
        store.put(f"{folder}{record.name}", record)
        return
    sealed = saved.file.with_name(f"{saved.file.name}{SUFFIX}")
    try:
        key = cipher.encrypt(saved.file, sealed)
        _, sha256 = size_and_sha256(sealed)
        fields = json.loads(record.read_bytes()) | {"file": sealed.name, "object_sha256": sha256, "key": key}
        store.put(f"{folder}{sealed.name}", sealed)
        store.put(f"{folder}{record.name}", (json.dumps(fields, indent=1) + "\n").encode())
    except OSError as why:
        raise StoreError(
            f"{saved.file} not encrypted for the store {store.name}: {why.strerror}", "Look at the disk: is it full?"
        ) from why
    finally:
        sealed.unlink(missing_ok=True)
