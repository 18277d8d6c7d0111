"""Notices what becomes of systemd's units, and asks systemd only when something may have happened.

The main processes are held by handles that tell when one has ended: while all is well nothing is started to find out,
and a death is known at once.
"""

import os
import select
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress

from station.hosts import systemctl
from station.hosts.systemctl import UnitState

AT_LEAST_EVERY_S = 30.0  # what others start and stop by hand is seen then
UNSETTLED_EVERY_S = 2.0  # while a unit starts, ends, waits for its next try or has failed
AT_MOST_EVERY_S = 0.25

_SETTLED = ("active", "inactive")


class UnitWatch:
    """The units of a host as they were last seen. Close it in the end. Not for several threads."""

    def __init__(self, units: Iterable[str], monotonic: Callable[[], float]) -> None:
        self.states: Mapping[str, UnitState] = {}
        self._units = tuple(units)
        self._monotonic = monotonic
        self._handles: dict[int, int] = {}  # a process and its handle
        self._poll = select.poll()
        self._looked_at_s = float("-inf")
        self._soon = True
        self._down: set[str] = set()  # have failed, and not run since

    def expect(self) -> None:
        """Something is about to change: look soon."""
        self._soon = True

    def look(self) -> list[str]:
        """Ask systemd now. What happened since the last look, in words. StationError."""
        self._looked_at_s, self._soon = self._monotonic(), False
        before, self.states = self.states, systemctl.states(self._units)
        self._hold({state.pid for state in self.states.values() if state.pid is not None and state.is_running})
        told = {
            name: _happened(before.get(name), state, down=name in self._down) for name, state in self.states.items()
        }
        self._down |= {name for name, state in self.states.items() if state.active == "failed"}
        self._down -= {name for name, state in self.states.items() if state.is_running}
        return [text for text in told.values() if text]

    def look_if_due(self) -> list[str]:
        """As `look`, when that may tell anything new."""
        passed_s = self._monotonic() - self._looked_at_s
        if passed_s < AT_MOST_EVERY_S:
            return []
        is_unsettled = any(state.active not in _SETTLED or state.queued for state in self.states.values())
        due_s = UNSETTLED_EVERY_S if is_unsettled else AT_LEAST_EVERY_S
        return self.look() if self._soon or passed_s >= due_s or self._poll.poll(0) else []

    def close(self) -> None:
        self._hold(set())

    def _hold(self, processes: set[int]) -> None:
        for gone in self._handles.keys() - processes:
            self._poll.unregister(self._handles[gone])
            os.close(self._handles.pop(gone))
        for fresh in processes - self._handles.keys():
            with suppress(OSError):  # it has ended already: the next look finds out
                self._handles[fresh] = os.pidfd_open(fresh)
                self._poll.register(self._handles[fresh], select.POLLIN)


def _happened(before: UnitState | None, now: UnitState, *, down: bool) -> str:
    """`down`: it had failed, and somebody was told; its tries since are not worth a word until one works."""
    if before is None:
        return ""
    if now.active == "failed" and not down:
        return f"{now.name} has failed ({why(now)})"
    if down:
        return f"{now.name} runs again" if now.is_running else ""
    if now.restarts > before.restarts:
        times = "once" if now.restarts == 1 else f"{now.restarts} times"
        return f"{now.name} ended and was started again, {times} since it was asked for"
    return ""


def why(state: UnitState) -> str:
    """Why a unit failed, in words."""
    words = {
        "exit-code": f"it ended with {state.exit_status}",
        "signal": f"it was killed by signal {state.exit_status}",
        "core-dump": f"it crashed with signal {state.exit_status}",
        "timeout": "it took too long to start or to stop",
        "watchdog": "it hung",
        "oom-kill": "it took more memory than there is",
        "start-limit-hit": "it ended again and again, and is not started for a while",
        "resources": "systemd could not start it; its variables or credentials may be missing",
    }
    return words.get(state.result, state.result or "for an unknown reason")
