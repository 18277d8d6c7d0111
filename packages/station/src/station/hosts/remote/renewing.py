"""The Control Stations that a host has, which one counts, and what still runs another one."""

import re
from collections.abc import Iterator
from pathlib import Path

from station.errors import StationError
from station.hosts import systemctl

VENVS = Path("/opt/venvs/station")
PROC = Path("/proc")
_END_BY_THEMSELVES = re.compile(r"station-(alert@|again@|check)|.*-(copy|drill)@|.*-datasette-copy")


def installed(venvs: Path = VENVS) -> list[str]:
    """The whole ones, the newest first."""
    whole = [path for path in venvs.glob("*/.whole") if not path.parent.is_symlink()]
    return [path.parent.name for path in sorted(whole, key=lambda path: path.stat().st_mtime, reverse=True)]


def choose(name: str, venvs: Path = VENVS) -> None:
    """Make it the one that counts, from one moment to the next. StationError when it is not there, or not whole."""
    if name not in installed(venvs):
        there = ", ".join(installed(venvs)) or "none"
        raise StationError(f"There is no whole Control Station {name} on this host; there is {there}")
    fresh = venvs / ".link.current"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(name)
    fresh.replace(venvs / "current")


def outdated(venvs: Path = VENVS, proc: Path = PROC) -> list[str]:
    """The services that run another Control Station than the one that counts, without those that end by themselves."""
    current = (venvs / "current").resolve().name
    units = {unit for name, unit in _running(venvs, proc) if name != current}
    return sorted(unit for unit in units if not _END_BY_THEMSELVES.match(unit))


def renew() -> list[str]:
    """Restart what runs another Control Station than the one that counts: the units that were restarted. No app is.

    Restarted however often somebody did so before: a start limit is for what fails by itself.
    """
    units = outdated()
    if units:
        systemctl.forget_starts(units)
        systemctl.act("try-restart", units)
    return units


def _running(venvs: Path, proc: Path) -> Iterator[tuple[str, str]]:
    """Of each process of ours: which Control Station it runs, and its service."""
    for process in proc.glob("[0-9]*"):
        try:
            program = process.joinpath("cmdline").read_bytes().split(b"\0")[0].decode(errors="replace")
            group = process.joinpath("cgroup").read_text()
        except OSError:  # it ended meanwhile
            continue
        service = re.search(r"^0::/system\.slice/(?:.*/)?([^/\n]+\.service)$", group, flags=re.MULTILINE)
        if service and program.startswith(f"{venvs}/"):
            yield Path(program).relative_to(venvs).parts[0], service[1]
