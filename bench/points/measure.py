"""Runs a command as a process of its own and reports what the kernel counted for it: wall, CPU, peak memory, bytes."""

import json
import os
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
    """A process that runs all the time; each `cost` is what it cost since the last one."""

    def __init__(self, command: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> None:
        self.command = [str(part) for part in command]
        self.environment = {**os.environ, **(environment or {})}
        self._cpu_s = 0.0
        self._since_s = 0.0

    def __enter__(self) -> "Daemon":
        self.process = psutil.Popen(
            self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=self.environment
        )
        self._since_s = time.monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait()

    def cost(self) -> Cost:
        """Since the last call, or the start. SystemExit when it has ended."""
        if self.process.poll() is not None:
            raise SystemExit(f"{self.command} has ended")
        since_s, before_s = self._since_s, self._cpu_s
        times = self.process.cpu_times()
        self._cpu_s, self._since_s = times.user + times.system, time.monotonic()
        here = Path(f"/proc/{self.process.pid}")
        peak_kib = next(int(line.split()[1]) for line in here.joinpath("status").open() if line.startswith("VmHWM"))
        here.joinpath("clear_refs").write_text("5")  # the kernel begins a new peak
        return Cost(self._since_s - since_s, self._cpu_s - before_s, peak_kib * 1024 / 1e6)

    def until(self, done: Callable[[], bool], patience_s: float = 600) -> Cost:
        """Wait for `done`. SystemExit when that takes longer than `patience_s`, or the daemon ends."""
        started_s = time.monotonic()
        while not done():
            if time.monotonic() - started_s > patience_s or self.process.poll() is not None:
                raise SystemExit(f"{self.command} never got there")
            time.sleep(0.1)
        return self.cost()


class Dialog:
    """A process that does a piece of its work for each line, and answers with a line of JSON."""

    def __init__(self, command: Sequence[str | Path]) -> None:
        self.command = [str(part) for part in command]

    def __enter__(self) -> "Dialog":
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_: object) -> None:
        self.process.communicate()

    def ask(self, line: str = "") -> dict[str, Any]:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        said = self.process.stdout.readline()
        if not said:
            raise SystemExit(f"{self.command} has ended")
        answer: dict[str, Any] = json.loads(said)
        return answer


def stored_bytes(folder: Path) -> int:
    """What the files below `folder` hold, hard links counted once."""
    seen: dict[int, int] = {}
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):  # a daemon tidies while we count
            facts = path.lstat()
            if stat.S_ISREG(facts.st_mode):
                seen[facts.st_ino] = facts.st_size
    return sum(seen.values())


class Settled:
    """True when the folder holds something and has not grown for `quiet_s`; that wait is part of the wall time."""

    def __init__(self, folder: Path, quiet_s: float = 4.0) -> None:
        self._folder = folder
        self._quiet_s = quiet_s
        self._bytes = -1
        self._since_s = time.monotonic()

    def __call__(self) -> bool:
        now_s = time.monotonic()
        held = stored_bytes(self._folder) if self._folder.exists() else 0
        if held != self._bytes:
            self._bytes, self._since_s = held, now_s
        return held > 0 and now_s - self._since_s >= self._quiet_s
