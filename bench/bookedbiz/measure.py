"""What a process costs, as the kernel counts it: one that runs to its end, and a server that keeps running."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MB = 1e6


@dataclass(frozen=True)
class Cost:
    """Of one process with its children; `said` is what it printed."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    said: str


def run(command: Sequence[str | Path], log: Path, environ: Mapping[str, str] | None = None) -> Cost:
    """Run to the end; a command that fails ends the bench with its output."""
    with log.open("wb") as output:
        began = time.monotonic()
        process = subprocess.Popen(
            [str(part) for part in command], stdout=output, stderr=output, env={**os.environ, **(environ or {})}
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    said = log.read_text(errors="replace")
    if process.returncode != 0:
        sys.exit(f"{command} failed ({process.returncode}):\n{said[-3000:]}")
    return Cost(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / MB, said)


@dataclass(frozen=True)
class Server:
    """A process that answers."""

    process: subprocess.Popen[bytes]

    @property
    def cpu_ms(self) -> float:
        """What all of its threads have run so far."""
        spent = 0
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            spent += int(task.joinpath("schedstat").read_text().split()[0])
        return spent / 1e6

    @property
    def rss_mb(self) -> float:
        return self._status("VmRSS")

    @property
    def peak_mb(self) -> float:
        return self._status("VmHWM")

    def _status(self, name: str) -> float:
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(name)) * 1024 / MB


@contextmanager
def serving(command: Sequence[str | Path], log: Path, environ: Mapping[str, str]) -> Iterator[Server]:
    """The server while it runs."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(part) for part in command], stdout=output, stderr=output, env={**os.environ, **environ}
        )
        try:
            yield Server(process)
        finally:
            process.terminate()
            process.wait()
