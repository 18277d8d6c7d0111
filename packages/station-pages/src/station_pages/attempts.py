"""How often somebody may try a password: counted in memory, per address and per name at that address."""

from collections import defaultdict, deque
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock

WINDOW = timedelta(minutes=10)
PER_NAME = 5  # failures of one name from one address within the window
PER_ADDRESS = 30  # failures of all names from one address: a whole office may sit behind it
MOST_KEYS = 10_000  # bounds the memory that guessing can take


class Attempts:
    """The failed sign-ins of the last minutes. Safe to use from several threads."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = Lock()
        self._failures: defaultdict[tuple[str, str], deque[datetime]] = defaultdict(deque)

    def wait_s(self, address: str, name: str) -> int:
        """How many seconds to wait before the next try; 0 when it may be made now."""
        with self._lock:
            waits = [self._wait(key, limit) for key, limit in self._keys(address, name)]
        return max(waits)

    def failed(self, address: str, name: str) -> None:
        """Remember a wrong password."""
        with self._lock:
            if len(self._failures) >= MOST_KEYS:
                self._forget_old()
            for key, _ in self._keys(address, name):
                self._failures[key].append(self._now())

    def succeeded(self, address: str, name: str) -> None:
        """Forget the wrong passwords of that name at that address."""
        with self._lock:
            self._failures.pop((address, name.casefold()), None)

    def _keys(self, address: str, name: str) -> list[tuple[tuple[str, str], int]]:
        return [((address, name.casefold()), PER_NAME), ((address, ""), PER_ADDRESS)]

    def _wait(self, key: tuple[str, str], limit: int) -> int:
        failures = self._failures.get(key)
        if failures is None:
            return 0
        oldest_that_counts = self._now() - WINDOW
        while failures and failures[0] <= oldest_that_counts:
            failures.popleft()
        if len(failures) < limit:
            return 0
        return int((failures[-limit] + WINDOW - self._now()).total_seconds()) + 1

    def _forget_old(self) -> None:
        oldest_that_counts = self._now() - WINDOW
        for key in [key for key, failures in self._failures.items() if failures[-1] <= oldest_that_counts]:
            del self._failures[key]
        if len(self._failures) >= MOST_KEYS:
            self._failures.clear()  # under such an attack the limit per address starts anew; argon2 slows the rest
