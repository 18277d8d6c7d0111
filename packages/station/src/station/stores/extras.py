"""What some stores can besides the protocol, and what is done where one cannot."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from station.errors import StoreError
from station.stores.store import Store


@dataclass(frozen=True)
class About:
    """What a store knows of itself. None: it does not know."""

    kind: str
    place: str
    account: str | None = None
    used_bytes: int | None = None
    free_bytes: int | None = None


class CannotCopy(StoreError):
    """This store cannot copy by itself, although its kind can."""


@runtime_checkable
class Telling(Protocol):
    def about(self) -> About:
        """Where it is, whose it is, and how much room is left. StoreError."""


@runtime_checkable
class Copying(Protocol):
    def copy(self, source: str, target: str) -> None:
        """Create `target` with what `source` holds, without the bytes passing through here.

        NoSuchKey, KeyExists, CannotCopy.
        """


@runtime_checkable
class Guarding(Protocol):
    def put_guarded(self, key: str, source: Path | bytes, guard: Callable[[], None]) -> None:
        """As `put`; `guard` is called when all bytes are there, right before the object appears.

        Whatever it raises is raised here, and nothing changes.
        """


@runtime_checkable
class Admitting(Protocol):
    def creates_once(self) -> bool:
        """Whether of several hosts that create one key at the same moment one succeeds. StoreError."""


def can_hold_lease(store: Store) -> bool:
    """Whether the store keeps one host from what another has: only then it may be an app's first. StoreError."""
    return store.creates_once() if isinstance(store, Admitting) else True


def require_lease_holder(store: Store, app: str) -> None:
    """StoreError when the store cannot be the app's first."""
    if not can_hold_lease(store):
        raise StoreError(
            f"The lease of {app} cannot be in the store {store.name}: its service does not know conditional writes, "
            "and of two hosts both could become primary",
            f"Name another store first in `stores` of [apps.{app}]; {store.name} can be any other of them: docs/s3.md",
        )


def about(store: Store) -> About | None:
    """What the store tells of itself, if it does."""
    return store.about() if isinstance(store, Telling) else None


def copied(store: Store, source: str, target: str) -> bool:
    """Whether the store made the copy itself. KeyExists, NoSuchKey."""
    if not isinstance(store, Copying):
        return False
    try:
        store.copy(source, target)
    except CannotCopy:
        return False
    return True


def put_guarded(store: Store, key: str, source: Path | bytes, guard: Callable[[], None]) -> None:
    """Put the object unless `guard` raises: as late as the store allows, at the latest before the first byte."""
    if isinstance(store, Guarding):
        store.put_guarded(key, source, guard)
        return
    guard()
    store.put(key, source)
