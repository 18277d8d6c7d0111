"""How fast a store may be sent to, and how far a sending is."""

import time
from collections.abc import Callable

SMALLEST_PIECE = 64 * 1024


def _nobody_watches(amount: int) -> None:
    pass


class Meter:
    """Counts the bytes that are sent to one store and keeps them below a limit (bytes per second; None: no limit).

    A store calls `sent` after each piece that it handed to the network. `on_sent` may be set by whoever shows progress.
    """

    def __init__(
        self,
        bytes_s: float | None = None,
        *,
        now_s: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.on_sent: Callable[[int], None] = _nobody_watches
        self._bytes_s = bytes_s
        self._now_s = now_s
        self._sleep = sleep
        self._free_at_s = 0.0  # when what was sent so far has used up its time

    def piece(self, largest: int) -> int:
        """How many bytes to send at once: about a second of the limit, so that the line is not taken in gulps."""
        if self._bytes_s is None:
            return largest
        return min(largest, max(SMALLEST_PIECE, int(self._bytes_s)))

    def sent(self, amount: int) -> None:
        """That many bytes went out. Waits until the next ones may."""
        self.on_sent(amount)
        if self._bytes_s is None:
            return
        now_s = self._now_s()
        self._free_at_s = max(self._free_at_s, now_s) + amount / self._bytes_s
        self._sleep(self._free_at_s - now_s)
