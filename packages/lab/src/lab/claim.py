"""A run of the lab: a number of its own, a folder, and a lock that ends with its owner. What dead owners left is swept.

The number N names everything: network 10.99.N.0/24, bridge `cslN`, machines and control groups `cslN-1`, `cslN-2`.
"""

import fcntl
import json
import os
import re
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lab.commands import run
from lab.errors import LabError
from lab.groups import end_groups

LOCKS = Path("/run/control-station-lab")  # one place for the machine, whatever cache a run uses
NUMBERS = range(1, 251)
MARK = "run-of-the-lab"  # a folder without this file is never removed
ENDED_S = 10.0


@dataclass(frozen=True)
class Run:
    """A number that nobody else has while the process that claimed it lives."""

    number: int
    folder: Path

    @property
    def bridge(self) -> str:
        return f"csl{self.number}"

    def machine(self, index: int) -> str:
        return f"csl{self.number}-{index}"

    def address(self, index: int) -> str:
        return f"10.99.{self.number}.{index}"


@contextmanager
def claimed(runs: Path) -> Iterator[Run]:
    """A free run with an empty folder in `runs`; everything of it is gone at the end. Sweeps what dead owners left."""
    sweep()
    for number in NUMBERS:
        lock = _locked(number)
        if lock is None:
            continue
        run_ = Run(number, runs / str(number))
        try:
            if not _free(run_):
                continue
            _remember(run_, lock)
            run_.folder.mkdir(parents=True)
            (run_.folder / MARK).touch()
            try:
                yield run_
            finally:
                _clear(run_)
                os.ftruncate(lock, 0)
            return
        finally:
            os.close(lock)
    raise LabError("No run of the lab: all its networks 10.99.1.0/24 to 10.99.250.0/24 are in use")


def sweep() -> list[int]:
    """Remove what runs left whose owner is dead, and say their numbers. Touches nothing else."""
    LOCKS.mkdir(mode=0o700, exist_ok=True)
    swept = []
    for path in sorted(LOCKS.glob("*.lock")):
        lock = _locked(int(path.stem))
        if lock is None:
            continue
        try:
            if recorded := os.pread(lock, 4096, 0):
                _clear(Run(int(path.stem), Path(json.loads(recorded)["folder"])))
                os.ftruncate(lock, 0)
                swept.append(int(path.stem))
        finally:
            os.close(lock)
    return swept


def living() -> list[tuple[Run, int]]:
    """The runs whose owners live, and the numbers of those processes."""
    LOCKS.mkdir(mode=0o700, exist_ok=True)
    found = []
    for path in sorted(LOCKS.glob("*.lock")):
        lock = _locked(int(path.stem))
        if lock is not None:
            os.close(lock)
        elif recorded := path.read_text():  # else it was claimed this moment
            run_ = json.loads(recorded)
            found.append((Run(int(path.stem), Path(run_["folder"])), int(run_["owner"])))
    return found


def _locked(number: int) -> int | None:
    """The open lock of a number, or None while its owner lives: the kernel lets go of it when the owner dies."""
    lock = os.open(LOCKS / f"{number}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock


def _free(run_: Run) -> bool:
    """No interface of this machine has the run's name, and none an address in its network."""
    return not Path("/sys/class/net", run_.bridge).exists() and f" 10.99.{run_.number}." not in run(
        ["ip", "-o", "addr"]
    )


def _remember(run_: Run, lock: int) -> None:
    """Write down what is to be swept before there is anything to sweep."""
    if run_.folder.exists():
        _remove(run_.folder)
    os.ftruncate(lock, 0)
    os.pwrite(lock, json.dumps({"folder": str(run_.folder), "owner": os.getpid()}).encode(), 0)


def _clear(run_: Run) -> None:
    _end_processes(run_)
    for noted in run_.folder.glob("*/control-groups"):
        end_groups(noted)
    _until(lambda: not loops_of(run_.folder), f"a disk of run {run_.number} is still in use")
    for link in Path("/sys/class/net").glob(f"{run_.bridge}*"):
        if re.fullmatch(rf"{run_.bridge}(-dark\d+)?", link.name) and (link / "bridge").is_dir():
            run(["ip", "link", "delete", link.name, "type", "bridge"])
    _remove(run_.folder)


def loops_of(folder: Path) -> list[str]:
    """The loop devices of this machine whose file lies in the folder."""
    found = []
    for backing in Path("/sys/block").glob("loop*/loop/backing_file"):
        try:
            name = backing.read_text().strip()
        except OSError:  # gone this moment
            continue
        if name.removesuffix(" (deleted)").startswith(f"{folder}/"):
            found.append(backing.parts[3])
    return found


def _end_processes(run_: Run) -> None:
    """Kill the run's keepers and containers. Their mounts end with them: they lie in a mount namespace of their own."""
    for process in _processes(run_):
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            continue
    _until(lambda: not _processes(run_), f"processes of run {run_.number} do not end")


def _processes(run_: Run) -> list[int]:
    machine = re.compile(rf"--machine={run_.bridge}-\d+")
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().decode(errors="replace").split("\0")
        except OSError:  # it ended meanwhile
            continue
        keeper = "lab.keeper" in words and words[-2].startswith(f"{run_.folder}/")
        container = words[0].endswith("systemd-nspawn") and any(machine.fullmatch(word) for word in words)
        if (keeper or container) and int(path.parts[2]) != os.getpid():
            found.append(int(path.parts[2]))
    return found


def _remove(folder: Path) -> None:
    if folder.exists():
        if not (folder / MARK).exists():
            raise LabError(f"{folder} was not removed: it is not a folder of the lab")
        shutil.rmtree(folder)


def _until(true: Callable[[], bool], trouble: str) -> None:
    ends = time.monotonic() + ENDED_S
    while not true():
        if time.monotonic() > ends:
            raise LabError(f"The lab was not cleared: {trouble}")
        time.sleep(0.02)
