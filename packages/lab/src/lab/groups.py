"""Control groups: each host gets its own, so that two systemd never share one. Works with v2, and with v1 beside it."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

EMPTY_S = 10.0  # until the last process of a killed host has left its group


@contextmanager
def inside_groups(name: str, noted: Path) -> Iterator[None]:
    """Be in new groups of this name, below our own, in each hierarchy that systemd uses; they are noted for the sweep.

    Whoever is started meanwhile stays there; we go back, for a group that hands on controllers may hold no process.
    """
    homes = _own_groups()
    noted.write_text("".join(f"{home / name}\n" for home in homes))
    for home in homes:
        (home / name).mkdir(exist_ok=True)
    try:
        _enter([home / name for home in homes])
        yield
    finally:
        _enter(homes)


def end_groups(noted: Path) -> None:
    """Kill what runs in the noted groups, and remove them, deepest first.

    A killed systemd-nspawn does not take the host's process 1 with it: its group is how that one is found.
    """
    ends = time.monotonic() + EMPTY_S
    for group in [Path(line) for line in noted.read_text().splitlines()] if noted.exists() else []:
        while group.is_dir():
            try:
                for folder in [*sorted((path for path in group.rglob("*") if path.is_dir()), reverse=True), group]:
                    _kill((folder / "cgroup.procs").read_text().split())
                    folder.rmdir()
            except OSError:
                if time.monotonic() > ends:
                    raise
                time.sleep(0.02)


def _kill(processes: list[str]) -> None:
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(int(process), signal.SIGKILL)


def _enter(groups: list[Path]) -> None:
    for group in groups:
        (group / "cgroup.procs").write_text(str(os.getpid()))


def _own_groups() -> list[Path]:
    mounts = mounted_hierarchies(Path("/proc/self/mountinfo").read_text())
    groups = []
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers in mounts:
            groups.append(mounts[controllers] / path.lstrip("/"))
    return groups


def mounted_hierarchies(mountinfo: str) -> dict[str, Path]:
    """Where the hierarchies that systemd uses are mounted: "" for v2, "name=systemd" for systemd's own of v1. Pure."""
    found: dict[str, Path] = {}
    for line in mountinfo.splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = after.split(" ", 2)
        place = Path(before.split(" ")[4])
        if kind == "cgroup2":
            found.setdefault("", place)
        elif kind == "cgroup" and "name=systemd" in options.split(","):
            found.setdefault("name=systemd", place)
    return found
