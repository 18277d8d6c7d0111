"""Runs units as child processes of this one: restarted when they die, gone when we are gone.

It signals only process groups that it made itself, and only while it has not yet collected their leader, so that a
process id can never have passed to somebody else.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from station.clock import Clock

LONGEST_PAUSE_S = 30.0
STABLE_AFTER_S = 60.0  # who ran that long starts again with the shortest pause
LOG_BYTES = 5_000_000
_TETHER = str(Path(__file__).with_name("tether.py"))
_POLL_S = 0.02


@dataclass(frozen=True)
class UnitSpec:
    """A process that is to be kept running, or to run once. `env` is its whole environment."""

    name: str
    command: tuple[str, ...]
    env: dict[str, str] = field(repr=False)
    log: Path
    port: int | None = None
    stop_s: float = 10.0
    longest_pause_s: float = LONGEST_PAUSE_S
    once: bool = False


class UnitState(StrEnum):
    RUNNING = "running"
    STARTING = "starting"  # it died and waits for its next start
    FAILED = "failed"  # it died several times in a row and waits for its next start
    STOPPED = "stopped"
    ENDED = "ended"  # it was to run once, and has


_AT_REST = (UnitState.STOPPED, UnitState.ENDED)


@dataclass
class Unit:
    """One unit as it stands. `since` is when the state began; `restarts` counts since it was asked for."""

    spec: UnitSpec
    state: UnitState
    since: datetime
    restarts: int = 0
    process: subprocess.Popen[bytes] | None = None
    started_at_s: float = 0.0
    pause_s: float = 1.0
    next_start_at_s: float = 0.0
    exit_code: int | None = None

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process else None


class Foreground:
    """The units of one process. Only its main thread may call `start` and `supervise`: see tether.py."""

    def __init__(self, now: Clock, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._monotonic = monotonic
        self.units: dict[str, Unit] = {}

    def start(self, spec: UnitSpec) -> Unit:
        """Keep the unit running from now on. A unit that runs with the very same spec is left alone."""
        unit = self.units.get(spec.name)
        if unit is not None and unit.state not in _AT_REST:
            if unit.spec == spec:
                return unit
            self.stop([spec.name])
        unit = Unit(spec, UnitState.STARTING, self._now())
        self.units[spec.name] = unit
        self._spawn(unit)
        return unit

    def stop(self, names: Iterable[str]) -> None:
        """End these units and wait until they are gone: SIGTERM to all, SIGKILL to those that take too long."""
        wanted = [self.units[name] for name in names if name in self.units]
        for unit in wanted:
            if unit.process is not None and not _has_ended(unit.process):
                _signal_group(unit.process, signal.SIGTERM)
        for unit in wanted:
            if unit.process is not None:
                _wait(unit.process, unit.spec.stop_s, self._monotonic)
                self._collect(unit)
            if unit.state not in _AT_REST:
                unit.state, unit.since = UnitState.STOPPED, self._now()

    def signal(self, name: str, number: signal.Signals) -> bool:
        """Send the signal to that unit's own process (not its group). False when it does not run."""
        unit = self.units.get(name)
        if unit is None or unit.process is None or _has_ended(unit.process):
            return False
        os.kill(unit.process.pid, number)
        return True

    def supervise(self) -> list[str]:
        """Notice who died, start again who has waited long enough, keep the logs short. What happened, in words."""
        events = []
        for unit in list(self.units.values()):
            if unit.process is not None and _has_ended(unit.process):
                if unit.spec.once:
                    unit.exit_code = self._collect(unit).returncode
                    unit.state, unit.since = UnitState.ENDED, self._now()
                else:
                    events.append(self._bury(unit))
            elif unit.process is None and unit.state not in _AT_REST:
                if self._monotonic() >= unit.next_start_at_s:
                    unit.restarts += 1
                    self._spawn(unit)
                    events.append(f"{unit.spec.name} started again (pid {unit.pid})")
            elif unit.process is not None:
                cap_log(unit.spec.log)
        return events

    def _spawn(self, unit: Unit) -> None:
        spec = unit.spec
        with _opened(spec.log) as log:
            unit.process = subprocess.Popen(
                tethered(spec.command),
                env=spec.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        unit.started_at_s = self._monotonic()
        unit.state, unit.since = UnitState.RUNNING, self._now()

    def _bury(self, unit: Unit) -> str:
        """Collect a unit that ended by itself and set when it starts again."""
        lived_s = self._monotonic() - unit.started_at_s
        process = self._collect(unit)
        if lived_s >= STABLE_AFTER_S:
            unit.pause_s = 1.0
        text = f"{unit.spec.name} (pid {process.pid}) {_how_it_ended(process.returncode)}; again in {unit.pause_s:g} s"
        unit.next_start_at_s = self._monotonic() + unit.pause_s
        unit.state = UnitState.FAILED if unit.pause_s > 2 else UnitState.STARTING
        unit.since = self._now()
        unit.pause_s = min(unit.pause_s * 2, unit.spec.longest_pause_s)
        return text

    def _collect(self, unit: Unit) -> subprocess.Popen[bytes]:
        """End what is left of the unit's group, then take the exit code: in this order the group id stays ours."""
        process = unit.process
        if process is None:
            raise ValueError(f"{unit.spec.name} has no process to collect")
        _signal_group(process, signal.SIGKILL)
        process.wait()
        unit.process = None
        return process


def tethered(command: Iterable[str]) -> list[str]:
    """The command, as one whose process ends with this one. Start it from the main thread: see tether.py."""
    return [sys.executable, "-I", "-S", _TETHER, str(os.getpid()), *command]


def _opened(log: Path) -> BinaryIO:
    """The log to append to. On a disk that takes no more files the unit runs without one."""
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        return log.open("ab")
    except OSError:
        return Path(os.devnull).open("ab")


def cap_log(log: Path, limit_bytes: int = LOG_BYTES) -> None:
    """Keep the log under the limit: what it holds moves to NAME.1. The writer appends and need not know."""
    with contextlib.suppress(OSError):  # it may not be there, or be on a disk that is full or read-only
        if log.stat().st_size <= limit_bytes:
            return
        with contextlib.suppress(OSError):
            log.with_name(log.name + ".1").write_bytes(log.read_bytes())
        os.truncate(log, 0)


def last_lines(log: Path, count: int = 8, most_bytes: int = 20_000) -> str:
    """The end of a unit's log, for a message. Empty when there is none."""
    try:
        with log.open("rb") as stream:
            stream.seek(max(0, log.stat().st_size - most_bytes))
            text = stream.read().decode(errors="replace")
    except FileNotFoundError:
        return ""
    return "\n".join([line for line in text.splitlines() if line.strip()][-count:])


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Whether the process has ended, without collecting it: its id stays reserved until we do."""
    if process.returncode is not None:
        return True
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _wait(process: subprocess.Popen[bytes], at_most_s: float, monotonic: Callable[[], float]) -> None:
    deadline_s = monotonic() + at_most_s
    while not _has_ended(process) and monotonic() < deadline_s:
        time.sleep(_POLL_S)


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    # whoever left the group's user is not ours to end; the kernel says so and we go on
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _how_it_ended(code: int) -> str:
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
