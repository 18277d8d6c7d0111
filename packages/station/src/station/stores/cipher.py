"""Encryption on this side of the wire, with age: what a store gets is unreadable without the key file of this host.

An object is encrypted to one key, the first of the key file; the record names it, so that objects of several keys, and
plain ones, lie side by side. What is written here opens with the program `age`, and the other way round.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import pyrage

from station.errors import DamagedObject, StoreError
from station.stores.keyfile import Identity, read_identities
from station.stores.pump import BLOCK_BYTES, Pump, Sink, Source
from station.stores.secretfile import BY_SYSTEMD, OWNER_ONLY
from station.stores.store import Store

SUFFIX = ".age"
DAMAGE_HINT = "Run `station db verify` to see what is whole"

Version = tuple[int, int, int, int]


class Cipher:
    """The keys of one store. The key file is read when a key is first needed, and again when it has changed.

    `key_file` may be the folder that systemd hands credentials over in: the file in it is `STORE.key` then. With `held`
    those are the keys, and no file is read.
    """

    def __init__(self, key_file: Path, store: str, held: tuple[Identity, ...] = ()) -> None:
        self._given = key_file
        self._store = store
        self._held = held
        self._read: tuple[Version, tuple[Identity, ...]] | None = None

    @property
    def key_file(self) -> Path:
        """Where the keys are."""
        return self._given / f"{self._store}.key" if self._given.is_dir() else self._given

    @property
    def key_id(self) -> str:
        """The age recipient that new objects are encrypted to. StoreError when the key file cannot be used."""
        return self.identities()[0].key_id

    @property
    def key_ids(self) -> tuple[str, ...]:
        """Every key that objects can be opened with, the current one first. StoreError."""
        return tuple(one.key_id for one in self.identities())

    def encrypt(self, source: Path, target: Path) -> str:
        """Write what is in `source`, encrypted and durable, to `target`, and return the key it was encrypted to.

        StoreError when the key file cannot be used; OSError of either file. `target` is whole when this returns.
        """
        current = self.identities()[0]

        def work(clear: Source, sealed: Sink) -> None:
            pyrage.encrypt_io(clear, sealed, [current.recipient])

        with source.open("rb") as clear, target.open("wb") as file, Pump(clear, work) as sealed:
            while block := sealed.read(BLOCK_BYTES):
                file.write(block)
            file.flush()
            os.fsync(file.fileno())
        return current.key_id

    @contextmanager
    def decrypting(self, stream: BinaryIO, key_id: str, what: str = "An object") -> Iterator[BinaryIO]:
        """What `stream` holds, decrypted while it is read. `what` names it in messages.

        StoreError when the key file has no identity for `key_id`. Reading raises what reading `stream` raises, and
        DamagedObject when it was cut or altered: an end that is told is the true one. After the block, nothing reads
        `stream` any more.
        """
        identities = [one.age for one in sorted(self.identities(), key=lambda one: one.key_id != key_id)]
        if key_id not in self.key_ids:
            raise StoreError(
                f"{what} cannot be read: it needs the key {key_id}, which is not in {self.key_file}, the key file of "
                f"[stores.{self._store}]",
                "Add that key's AGE-SECRET-KEY-1… line from the recovery sheet to the end of the file",
            )

        def work(sealed: Source, clear: Sink) -> None:
            try:
                pyrage.decrypt_io(sealed, clear, identities)
            except (pyrage.DecryptError, OSError) as why:
                raise DamagedObject(f"{what} is damaged: it does not decrypt ({why})", DAMAGE_HINT) from why

        with Pump(stream, work) as clear:
            yield cast(BinaryIO, clear)

    def identities(self) -> tuple[Identity, ...]:
        """The key pairs, the current one first. StoreError when the key file cannot be used."""
        if self._held:
            return self._held
        file = self.key_file
        try:
            version = _version(file)
        except OSError as why:
            raise StoreError(
                f"The keys in {file} cannot be read: {why.strerror}; it is the key file of [stores.{self._store}]",
                f"Copy it from another host. For a store that is new: `station key new {file}` (docs/encryption.md)",
            ) from why
        if self._read is None or self._read[0] != version:
            self._read = version, read_identities(file, OWNER_ONLY if file == self._given else BY_SYSTEMD)
        return self._read[1]


def equip(store: Store, cipher: Cipher) -> None:
    """From now on the store's new objects are encrypted, by those who put them there; it sees to nothing itself."""
    setattr(store, "cipher", cipher)  # noqa: B010  # no part of the protocol: a store works without


def cipher_of(store: Store) -> Cipher | None:
    """What the store's objects are to be encrypted with. None: they are stored as they are."""
    cipher = getattr(store, "cipher", None)
    return cipher if isinstance(cipher, Cipher) else None


@contextmanager
def decrypted(store: Store, stream: BinaryIO, key_id: str, what: str = "An object") -> Iterator[BinaryIO]:
    """An object of the store in clear: `stream` itself when `key_id`, which its record names, is "".

    StoreError, saying which key is needed and where it belongs, when this host does not have it; else `decrypting`.
    """
    if not key_id:
        yield stream
        return
    cipher = cipher_of(store)
    if cipher is None:
        raise StoreError(
            f"{what} cannot be read: it needs the key {key_id}, and [stores.{store.name}] names no key file",
            f"Write `key = PATH` into [stores.{store.name}] of the fleet's manifest; the file holds the key's "
            "AGE-SECRET-KEY-1… line, which is on the recovery sheet",
        )
    with cipher.decrypting(stream, key_id, what) as clear:
        yield clear


def _version(file: Path) -> Version:
    found = file.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
