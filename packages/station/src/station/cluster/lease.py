"""Who is primary for an app: the growing list APP/epochs/000001.json in its store; the highest number is the truth.

Whoever creates the next number is the primary. Nothing expires, and no clock takes part in the decision.
"""

import json
import re
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime

from station.clock import from_text, to_text
from station.errors import DamagedObject, LeaseLost, StoreError
from station.stores.extras import require_lease_holder
from station.stores.store import KeyExists, NoSuchKey, Store, read

LIST_EVERY = 30  # looks; in between only the number after the last one known is asked for

_EPOCH_KEY = re.compile(r"(\d{6,})\.json")


@dataclass(frozen=True)
class Holding:
    """One epoch: who holds it, since when and why. `nonce` tells two attempts of one host apart."""

    epoch: int
    holder: str
    nonce: str
    taken_at: datetime
    reason: str


class Lease:
    """The lease of one app in one store. It remembers the highest epoch that it has seen: keep it between looks."""

    def __init__(self, store: Store, app: str) -> None:
        self._store = store
        self._app = app
        self._known: Holding | None = None
        self._looks = 0  # since the last listing

    def current(self) -> Holding | None:
        """The highest epoch, or None when nobody ever was primary. StoreError, DamagedObject.

        One call of the store when nothing has changed: epochs are numbered without gaps, so the next one is asked for
        by its name. Now and then they are listed, for a store that was emptied or replaced.
        """
        self._looks += 1
        if self._known is None or self._looks >= LIST_EVERY:
            return self._listed()
        try:
            self._read(self._known.epoch + 1)
        except NoSuchKey:
            return self._known
        return self._listed()

    def take(self, host: str, after_epoch: int, reason: str, now: datetime) -> Holding:
        """Become primary by creating the epoch after `after_epoch`. LeaseLost when somebody else was quicker;
        StoreError when the store cannot hold a lease.

        When the store's answer got lost on the way, the nonce says whether the epoch is ours after all.
        """
        require_lease_holder(self._store, self._app)
        current = self._listed()
        if current is not None and current.epoch != after_epoch:
            raise self._lost(f"{host} wanted to follow epoch {after_epoch}", current)
        wanted = Holding(after_epoch + 1, host, secrets.token_hex(16), now, reason)
        try:
            self._store.create(self._key(wanted.epoch), _to_json(wanted))
        except StoreError as why:
            found = self._read_after(why, wanted.epoch)
            if found.nonce != wanted.nonce:
                raise self._lost(f"{host} wanted epoch {wanted.epoch}", found) from why
        self._known = wanted
        return wanted

    def require(self, epoch: int) -> None:
        """LeaseLost when `epoch` is no longer the highest."""
        current = self.current()
        if current is None:
            raise LeaseLost(
                f"Nobody holds the lease of {self._app}, and epoch {epoch} was expected: the store is empty"
            )
        if current.epoch != epoch:
            raise self._lost(f"epoch {epoch} is over", current)

    def _listed(self) -> Holding | None:
        """The highest epoch of a listing."""
        self._known = None
        epochs = [
            int(match[1])
            for entry in self._store.list(f"{self._app}/epochs/")
            if (match := _EPOCH_KEY.fullmatch(entry.key.rpartition("/")[2]))
        ]
        self._looks = 0
        self._known = self._read(max(epochs)) if epochs else None
        return self._known

    def _read_after(self, why: StoreError, epoch: int) -> Holding:
        """What stands at the epoch after a creation that failed; the failure itself when nothing can be read there."""
        try:
            return self._read(epoch)
        except NoSuchKey:
            raise why from None
        except StoreError:
            if isinstance(why, KeyExists):
                raise
            raise why from None

    def _read(self, epoch: int) -> Holding:
        key = self._key(epoch)
        try:
            fields = json.loads(read(self._store, key))
            return Holding(**(fields | {"taken_at": from_text(fields["taken_at"])}))
        except (ValueError, TypeError, KeyError) as why:
            raise DamagedObject(
                f"The lease record {key} cannot be read: {why}",
                "Look at the file; when its host is known, write the record again by hand",
            ) from why

    def _key(self, epoch: int) -> str:
        return f"{self._app}/epochs/{epoch:06d}.json"

    def _lost(self, what: str, current: Holding) -> LeaseLost:
        return LeaseLost(
            f"The lease of {self._app} is {current.holder}'s: {what}, and epoch {current.epoch} is the highest",
            "`station status` shows who is primary",
        )


def _to_json(holding: Holding) -> bytes:
    return (json.dumps(asdict(holding) | {"taken_at": to_text(holding.taken_at)}, indent=1) + "\n").encode()
