"""What a process costs, as the kernel counts it: one that runs to its end, and a server that keeps running."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MB = 1e6
ALONE = Path(__file__).with_name("alone.py")


@dataclass(frozen=True)
class Cost:
    """Of one process with its children; `said` is what it printed."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    said: str


def run(command: Sequence[str | Path], log: Path, environ: Mapping[str, str] | None = None) -> Cost:
    """Run to the end; a command that fails ends the bench with its output."""
    told = log.with_name(f"{log.name}.cost")
    with log.open("wb") as output:
        subprocess.run(
            [sys.executable, "-I", "-S", ALONE, told, *(str(part) for part in command)],
            stdout=output, stderr=output, env={**os.environ, **(environ or {})}, check=True,
        )  # fmt: skip
    cost, said = json.loads(told.read_text()), log.read_text(errors="replace")
    code = cost.pop("code")
    if code != 0:
        sys.exit(f"{command} failed ({code}):\n{said[-3000:]}")
    return Cost(said=said, **cost)


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
