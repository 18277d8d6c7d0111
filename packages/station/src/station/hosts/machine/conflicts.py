"""What stands in the way of an apply, named before anything is changed: ports, accounts, links for folders."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from station.errors import PortTaken, StationError
from station.fleet import Fleet, Host
from station.hosts import ports
from station.hosts.rendering.files import SYSTEM_UNITS, USER_UNITS, HostFiles
from station.hosts.rendering.found import FoundFile
from station.hosts.rendering.place import apps_of

_INIT = 1
_PROC = Path("/proc")


@dataclass(frozen=True)
class Wanted:
    """A port that something of ours listens on. `socket`: the unit by which systemd does; `user`: who else may."""

    number: int
    what: str
    socket: str = ""
    user: str = ""


def ports_of(fleet: Fleet, host: Host) -> list[Wanted]:
    """Every port that the manifest gives something on the host, now or after a failover."""
    found = []
    for place in apps_of(fleet, host):
        app = place.app
        for process in app.processes.values():
            if process.port is not None:
                socket = f"{place.unit(process.name)}.socket" if process.socket else ""
                found.append(Wanted(process.port, f"{app.name}/{process.name}", socket))
        if app.datasette is not None and app.datasette.host == host.name:
            found.append(Wanted(app.datasette.port, f"Datasette of {app.name}"))
        if app.dev is not None and app.primary == host.name:
            found.append(Wanted(app.dev.port, f"the instance of {app.dev.user}", user=app.dev.user))
    if fleet.control.host == host.name:
        found.append(Wanted(fleet.control.port, "the page of Control Station"))
    return found


def require_ports(
    wanted: list[Wanted],
    files: HostFiles,
    known: Iterable[str],
    *,
    owner: Callable[[int], ports.Owner | None] = ports.owner,
    socket_is_open: Callable[[str], bool],
    proc: Path = _PROC,
) -> None:
    """PortTaken, naming every port that somebody listens on who is not a unit of ours and is not retired either.

    `known`: units that are ours besides. `socket_is_open` is asked after the port: what was cut may be starting.
    """
    lines, units = [], []
    ours = {*_names(files), *known, *files.retire}
    for one in wanted:
        who = owner(one.number)
        if who is None or (one.user and who.user == one.user):
            continue
        unit = _unit(who.pid, proc)
        mine = bool(one.socket) and socket_is_open(one.socket) if who.pid == _INIT else unit in ours
        if not mine:
            lines.append(f"Port {one.number} of {one.what} is taken: by {who}{f', of {unit}' if unit else ''}")
            units += [unit] if unit.endswith((".service", ".socket")) else []
    if lines:
        raise PortTaken("\n".join(lines), _remedy(units))


def require_accounts(files: HostFiles, users: Mapping[str, object]) -> None:
    """StationError when an app lives in the home of somebody who is not there."""
    missing = [one for one in files.accounts if one.required and one.name not in users]
    if missing:
        told = ", ".join(f"{one.name} (of {one.about})" for one in missing)
        hint = f"Make the account first: `adduser {missing[0].name}`; a home with an app in it is nobody else's to make"
        raise StationError(f"A person is missing on this machine: {told}", hint)


def require_folders(files: HostFiles, paths: Mapping[str, FoundFile]) -> None:
    """StationError when something else is where a folder should be: what a link leads to may be all the data."""
    wrong = [
        f"{path} is a {paths[path].kind}" for path in files.folders if path in paths and paths[path].kind != "folder"
    ]
    if wrong:
        hint = "Name in the manifest where it really is (`files` of the app), or move it away"
        raise StationError(f"Nothing was changed, for a folder should be there: {', '.join(wrong)}", hint)


def _names(files: HostFiles) -> Iterator[str]:
    for path in files.files:
        folder, _, name = path.rpartition("/")
        if folder in (SYSTEM_UNITS, USER_UNITS):
            yield name


def _unit(pid: int | None, proc: Path) -> str:
    """The unit whose control group the process is in, "" when there is none to see."""
    if pid is None or pid == _INIT:
        return "systemd itself, for a socket unit" if pid == _INIT else ""
    try:
        groups = (proc / str(pid) / "cgroup").read_text().splitlines()
    except OSError:
        return ""
    path = next((line.split(":", 2)[2] for line in groups if line.startswith("0::")), "")
    named = [part for part in path.split("/") if part.endswith((".service", ".socket", ".scope"))]
    return named[-1] if named else ""


def _remedy(units: list[str]) -> str:
    if not units:
        return "Stop it, or give ours another port in the manifest. `ss -Hltnp` shows who listens"
    names = ", ".join(f'"{unit}"' for unit in dict.fromkeys(units))
    return (
        f"If it may go for good, name it in the host's part of fleet.toml: retire = [{names}]; the next apply stops "
        "it, moves it away and masks it. If it has to stay, give ours another port"
    )
