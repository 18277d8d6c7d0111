"""Runs a command as a process of its own and reports what the kernel counted for it: wall, CPU, peak memory, bytes."""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True)
class Cost:
    """Of one process with its children: seconds of wall clock and CPU, peak resident memory in MB (10**6 bytes)."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def run(command: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> Cost:
    """Run to the end; a command that fails ends the bench with its output."""
    log = Path(tempfile.gettempdir()) / f"bench-{os.getpid()}.log"
    with log.open("wb") as output:
        started = time.monotonic()
        process = subprocess.Popen(
            [str(part) for part in command],
            stdout=output,
            stderr=output,
            env={**os.environ, **(environment or {})},
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.monotonic() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{command} failed ({process.returncode}):\n{log.read_text(errors='replace')[-3000:]}")
    return Cost(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e6)


class Daemon:
    """A peer that runs all the time; each `until` reports what it cost since the last one."""

    def __init__(self, command: Sequence[str | Path]) -> None:
        self.command = [str(part) for part in command]
        self.cpu_s = 0.0

    def __enter__(self) -> "Daemon":
        self.process = psutil.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return self

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait()

    def until(self, done: Callable[[], bool], patience_s: float = 600) -> Cost:
        """Wait for `done`. SystemExit when that takes longer than `patience_s`, or the daemon ends."""
        started, before_s, peak = time.monotonic(), self.cpu_s, 0
        while not done():
            if time.monotonic() - started > patience_s or self.process.poll() is not None:
                raise SystemExit(f"{self.command} never got there")
            peak = max(peak, self.process.memory_info().rss)
            time.sleep(0.1)
        times = self.process.cpu_times()
        self.cpu_s = times.user + times.system
        return Cost(time.monotonic() - started, self.cpu_s - before_s, peak / 1e6)


def stored_bytes(folder: Path) -> int:
    """What the files below `folder` hold, hard links counted once."""
    seen: dict[int, int] = {}
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            facts = path.stat()
            seen[facts.st_ino] = facts.st_size
    return sum(seen.values())


def settled(folder: Path, quiet_s: float = 4.0) -> Callable[[], bool]:
    """True when the folder holds something and has not grown for `quiet_s`; that wait is part of the wall time."""
    state = {"bytes": -1, "since": time.monotonic()}

    def done() -> bool:
        now = time.monotonic()
        held = stored_bytes(folder) if folder.exists() else 0
        if held != state["bytes"]:
            state.update(bytes=held, since=now)
        return held > 0 and now - state["since"] >= quiet_s

    return done
