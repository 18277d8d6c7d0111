"""Which processes hold a socket: their program, their unit and since when they run. Reads /proc."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_UNITS = (".service", ".scope", ".socket", ".mount", ".swap")


@dataclass(frozen=True)
class UnitName:
    """A unit as a process belongs to it. `manager_uid`: the user whose own systemd runs it, None: the machine's."""

    name: str
    manager_uid: int | None = None


@dataclass(frozen=True)
class Holder:
    """A process that holds a socket open. `unit` None: it belongs to none, or that cannot be seen; so is `uid`."""

    pid: int
    program: str
    uid: int | None
    unit: UnitName | None
    since: datetime | None

    def __str__(self) -> str:
        return f"{self.program} (pid {self.pid}{f', {self.unit.name}' if self.unit else ''})"


@dataclass(frozen=True)
class Held:
    """`by`: the processes that hold each socket, by its number. `unseen`: how many processes did not let us look."""

    by: dict[int, tuple[Holder, ...]]
    unseen: int


def holders(inodes: Iterable[int], proc: Path = Path("/proc")) -> Held:
    """Who holds these sockets. Another user's processes let only root look."""
    wanted, pids, unseen = set(inodes), dict[int, list[int]](), 0
    for folder in proc.iterdir():
        if not folder.name.isdigit():
            continue
        try:
            for inode in _sockets(folder) & wanted:
                pids.setdefault(inode, []).append(int(folder.name))
        except PermissionError:
            unseen += 1
        except OSError:  # it ended
            continue
    booted_s = _booted_s(proc)
    known = {pid: holder(pid, booted_s, proc) for pid in {pid for each in pids.values() for pid in each}}
    return Held({inode: tuple(known[pid] for pid in sorted(each)) for inode, each in pids.items()}, unseen)


def holder(pid: int, booted_s: float, proc: Path = Path("/proc")) -> Holder:
    """What is to be seen of a process; it may be gone."""
    program = _text(proc / str(pid) / "comm").strip() or "a process that just ended"
    unit = unit_of(_text(proc / str(pid) / "cgroup"))
    return Holder(pid, program, _uid(_text(proc / str(pid) / "status")), unit, _since(pid, booted_s, proc))


def unit_of(cgroup: str) -> UnitName | None:
    """The unit in the text of /proc/PID/cgroup: the outermost, and of a user's own systemd the one that it runs."""
    lines = [line.split(":", 2) for line in cgroup.splitlines()]
    path = next((line[2] for line in lines if len(line) == 3 and (line[0] == "0" or line[1] == "name=systemd")), "")
    parts = [part for part in path.split("/") if part.endswith(_UNITS)]
    if not parts:
        return None
    first, *inner = parts
    if first.startswith("user@") and first.endswith(".service") and inner:
        uid = first.removeprefix("user@").removesuffix(".service")
        return UnitName(inner[0], int(uid) if uid.isdigit() else None)
    return UnitName(first)


def _sockets(folder: Path) -> set[int]:
    found = set()
    with os.scandir(folder / "fd") as files:
        for file in files:
            try:
                target = os.readlink(file.path)  # noqa: PTH115 - thousands of them: a Path for each takes its time
            except FileNotFoundError:
                continue
            if target.startswith("socket:["):
                found.add(int(target[8:-1]))
    return found


def _uid(status: str) -> int | None:
    """Who it runs as: the second of the four numbers, by which its rights go."""
    line = next((line for line in status.splitlines() if line.startswith("Uid:")), "")
    return int(line.split()[2]) if len(line.split()) > 2 else None


def _since(pid: int, booted_s: float, proc: Path) -> datetime | None:
    after = _text(proc / str(pid) / "stat").rpartition(")")[2].split()  # a program's name may hold spaces and brackets
    if len(after) < 20:
        return None
    return datetime.fromtimestamp(booted_s + int(after[19]) / os.sysconf("SC_CLK_TCK"), UTC)


def _booted_s(proc: Path) -> float:
    for line in _text(proc / "stat").splitlines():
        if line.startswith("btime "):
            return float(line.split()[1])
    return 0.0


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
