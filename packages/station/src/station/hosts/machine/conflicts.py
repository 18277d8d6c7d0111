"""What stands in the way of an apply, named before anything is changed: ports, accounts, links for folders."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from station.errors import PortTaken, StationError
from station.hosts.listening.allowed import Claim, Judged
from station.hosts.listening.listeners import Listener
from station.hosts.rendering.files import SYSTEM_UNITS, USER_UNITS, HostFiles
from station.hosts.rendering.found import FoundFile


def require_ports(found: Iterable[Judged], files: HostFiles, known: Iterable[str]) -> None:
    """PortTaken, naming every port that somebody listens on who is not a unit of ours and is not retired either.

    `found`: whose ports of the manifest somebody else has. `known`: units that are ours besides.
    """
    ours = {*_names(files), *known, *files.retire}
    lines, units = [], []
    for one in found:
        who, claim = one.listener, one.claim
        if claim is None or _may_stay(who, claim, ours):
            continue
        lines.append(f"Port {who.port} of {claim.about} is taken: by {who}")
        units += [_unit(who)]
    if lines:
        raise PortTaken("\n".join(lines), _remedy(list(filter(None, units))))


def require_accounts(files: HostFiles, users: Mapping[str, object]) -> None:
    """StationError when an app lives in the home of somebody who is not there."""
    missing = [one for one in files.accounts if one.required and one.name not in users]
    if missing:
        told = ", ".join(f"{one.name} (of {one.about})" for one in missing)
        hint = f"Make the account first: `adduser {missing[0].name}`; a home with an app in it is nobody else's to make"
        raise StationError(f"A person is missing on this machine: {told}", hint)


def require_data_at_home(files: HostFiles, is_there: Callable[[str], bool]) -> None:
    """StationError when the data folder of an app that lives in a home is missing: in a home we make nothing."""
    missing = [one for one in files.accounts if one.required and not is_there(one.home)]
    if missing:
        told = ", ".join(f"{one.home} (of {one.about})" for one in missing)
        commands = "; ".join(f"`sudo -u {one.name} mkdir -p {one.home}`" for one in missing)
        raise StationError(f"A data folder is missing in a home: {told}", f"Its person makes it: {commands}")


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


def _may_stay(who: Listener, claim: Claim, ours: set[str]) -> bool:
    """A unit of ours on another's port is restarted; and developers may serve on their own port by hand."""
    if claim.manager:
        return who.owner == claim.manager
    return not ours.isdisjoint({who.unit, who.socket_unit})


def _unit(one: Listener) -> str:
    """What could be retired: "" when it is no unit of the machine's systemd."""
    unit = one.socket_unit or one.unit
    return unit if not one.manager and unit.endswith((".service", ".socket")) else ""


def _remedy(units: list[str]) -> str:
    if not units:
        return "Stop it, or give ours another port in the manifest. `ss -Hltnp` shows who listens"
    names = ", ".join(f'"{unit}"' for unit in dict.fromkeys(units))
    return (
        f"If it may go for good, name it in the host's part of fleet.toml: retire = [{names}]; the next apply stops "
        "it, moves it away and masks it. If it has to stay, give ours another port"
    )
