"""Units enabled, started, restarted and ended by systemd: one that fails keeps the rest from nothing."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from station.errors import StationError
from station.hosts import systemctl
from station.hosts.machine.programs import run
from station.hosts.rendering.files import SYSTEM_UNITS, HostFiles

START_S = 300.0  # some answer systemd only when they serve


def end(units: list[str]) -> list[str]:
    """Stop them and have nothing start them: they are about to go. What failed."""
    if not units:
        return []
    named = [unit for unit in units if "@" not in unit]
    troubles = _tried("stop", [unit.replace("@.", "@*.") for unit in units])  # of a template every run
    with suppress(StationError):
        systemctl.act("disable", named, "--quiet")
    with suppress(StationError):
        systemctl.act("reset-failed", named)
    return troubles


def enable(units: list[str], for_users: list[str]) -> None:
    """They start by themselves from the next boot or sign-in on."""
    if units:
        systemctl.act("enable", units, "--quiet")
    if for_users:
        systemctl.act("enable", for_users, "--global", "--quiet")


def disable(units: list[str], for_users: list[str]) -> None:
    if units:
        systemctl.act("disable", units, "--quiet")
    if for_users:
        systemctl.act("disable", for_users, "--global", "--quiet")


def start(units: list[str]) -> None:
    """Start them all at once, however often they were started before. Who looks again sees what did not start."""
    systemctl.forget_starts(units)
    with suppress(StationError):
        systemctl.act("start", units, within_s=START_S)


def restart(units: list[str], wanted: HostFiles) -> list[str]:
    """Have them run as their files now say, however often they were started before. What failed.

    A service leaves its socket open meanwhile. A socket that changes is closed: all that lives on it stops and comes
    back with it.
    """
    sockets = [unit for unit in units if unit.endswith(".socket")]
    around = [unit for socket in sockets for unit in _on(socket, wanted)]
    rest = [unit for unit in units if unit not in sockets and unit not in around]
    systemctl.forget_starts([*rest, *around])
    return [*_tried("stop", sockets), *_tried("try-restart", rest), *_tried("start", around)]


def read_again_for(users: Iterable[str], units: list[str]) -> list[str]:
    """Have the systemd of each user who is here read changed units, and restart those that run. What failed."""
    troubles = []
    for user in users:
        try:
            systemctl.act("daemon-reload", user=user)
            systemctl.act("try-restart", units, user=user)
        except StationError as why:
            troubles.append(why.message)
    return troubles


def stay(user: str) -> None:
    """The user's units run without the user's being signed in."""
    run(["loginctl", "enable-linger", user])


def _on(socket: str, wanted: HostFiles) -> list[str]:
    """The services that have their requests from the socket."""
    return [
        Path(path).name
        for path, file in wanted.files.items()
        if path.startswith(SYSTEM_UNITS) and f"\nRequires={socket}\n" in file.text
    ]


def _tried(verb: str, units: list[str]) -> list[str]:
    """All at once; what failed, in systemd's words."""
    try:
        if units:
            systemctl.act(verb, units, within_s=START_S)
    except StationError as why:
        return [why.message]
    return []
