"""Making key files, and putting a new key on top of one. An old key is never taken away: older objects need it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from pyrage import x25519

from station.clock import to_text
from station.durable import sync_folder
from station.errors import Busy, Refused, StationError
from station.stores.keyfile import Identity, read_identities

DISK_HINT = "Look at the folder: is it there, and whose is it?"


def create_key_file(path: Path, now: datetime) -> str:
    """Make a key file (0600) with one new key and return its public half. Refused when there is something already."""
    fresh = new_identity()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as why:
        raise StationError(f"{path} not written: {why.strerror} ({path.parent})", DISK_HINT) from why
    try:
        create_private(path, block(fresh, now))
        sync_folder(path.parent)
    except FileExistsError as why:
        raise Refused(
            f"No key made: {path} exists already", "What a lost key has encrypted is lost: name another file"
        ) from why
    except OSError as why:
        raise StationError(f"{path} not written: {why.strerror}", DISK_HINT) from why
    return fresh.key_id


def rotate_key_file(path: Path, now: datetime) -> str:
    """Put a new key on top of the file and return its public half; all or nothing, and the old keys stay.

    StoreError when it is no key file; Busy when another run is at it.
    """
    path = path.resolve()
    with _held(path):
        read_identities(path)
        fresh = new_identity()
        partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
        try:
            before = path.stat()
            create_private(partial, block(fresh, now) + "\n" + path.read_text())
            if (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
                os.chown(partial, before.st_uid, before.st_gid)
            partial.rename(path)
            sync_folder(path.parent)
        except OSError as why:
            raise StationError(f"{path} not written: {why.strerror}", DISK_HINT) from why
        finally:
            with suppress(OSError):
                partial.unlink()
    return fresh.key_id


def create_private(path: Path, text: str) -> None:
    """A new file that only its owner can read, durable. FileExistsError, OSError."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def new_identity() -> Identity:
    age = x25519.Identity.generate()
    return Identity(str(age.to_public()), age)


def block(one: Identity, now: datetime) -> str:
    """One key as `age-keygen` writes it."""
    return f"# created: {to_text(now)}\n# public key: {one.key_id}\n{one.age}\n"


@contextmanager
def _held(path: Path) -> Iterator[None]:
    busy = Busy(f"No key made: another run is changing {path}", "Look at the file, and try again if it is as it was")
    try:
        with path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as why:
                raise busy from why
            if os.fstat(file.fileno()).st_ino != path.stat().st_ino:
                raise busy  # it was replaced between opening and locking
            yield
    except FileNotFoundError:
        read_identities(path)  # says what is the matter
        raise
