"""What was asked of the emulator: every call, in order, with the bytes of its body that arrived."""

import threading
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One call. `status` 0: no answer was given."""

    route: str
    received_bytes: int
    status: int


class Ledger:
    """The calls so far."""

    def __init__(self) -> None:
        self._lines: list[Line] = []
        self._lock = threading.Lock()

    def add(self, line: Line) -> None:
        with self._lock:
            self._lines.append(line)

    def lines(self, route: str = "") -> list[Line]:
        """The calls of a route and the routes below it; all without one."""
        with self._lock:
            return [line for line in self._lines if line.route.startswith(route)]

    def received_bytes(self, route: str = "") -> int:
        return sum(line.received_bytes for line in self.lines(route))

    def clear(self) -> None:
        with self._lock:
            self._lines.clear()
