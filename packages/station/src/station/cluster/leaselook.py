"""Looking at the lease for what happens in an app's other stores, never waiting long for the store that it lies in."""

import threading

from station.cluster.lease import Lease
from station.errors import LeaseLost, StationError, StoreError

AT_MOST_S = 5.0


class LeaseLook:
    """Looks at the lease of `epoch` in a thread of its own. `lease` is in a store object that nobody else uses."""

    def __init__(self, lease: Lease, epoch: int, at_most_s: float = AT_MOST_S) -> None:
        self._lease = lease
        self._epoch = epoch
        self._at_most_s = at_most_s
        self._guard = threading.Lock()
        self._under_way: _Look | None = None
        self._lost: LeaseLost | None = None

    def require(self) -> None:
        """LeaseLost when the epoch is over; StoreError when that cannot be seen now."""
        look = self._look()
        if not look.seen.wait(self._at_most_s):
            raise StoreError("The lease cannot be looked at: its store does not answer")
        if look.failure is not None:
            raise look.failure

    def require_if_it_can_be_seen(self) -> None:
        """LeaseLost when the epoch is over. A lease that cannot be looked at is ours, as it was when it could.

        Good enough for a point, which decides nothing and overwrites nothing: chains have epoch and host in their name.
        """
        try:
            self.require()
        except LeaseLost:
            raise
        except StationError:
            if self._lost is not None:
                raise self._lost from None

    def _look(self) -> "_Look":
        with self._guard:
            if self._under_way is None:
                self._under_way = _Look()
                threading.Thread(target=self._run, args=(self._under_way,), name="lease", daemon=True).start()
            return self._under_way

    def _run(self, look: "_Look") -> None:
        try:
            self._lease.require(self._epoch)
        except LeaseLost as why:
            look.failure = self._lost = why
        except BaseException as why:  # noqa: BLE001 - raised again where it is waited for
            look.failure = why
        with self._guard:
            self._under_way = None
        look.seen.set()


class _Look:
    """One look: what it found, once it has seen."""

    def __init__(self) -> None:
        self.seen = threading.Event()
        self.failure: BaseException | None = None
