"""The service of a developer's own instance: how it is, and stopping it while its database is replaced."""

import json
import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from station.errors import Refused, StationError
from station.fleet import App, Dev, Host
from station.hosts import systemctl
from station.hosts.dev.places import origin_file


def dev_of(app: App, host: Host) -> Dev:
    """The instance that the manifest declares for this host. Refused when there is none."""
    if app.dev is None:
        raise Refused(
            f"{app.name} has no instance for developers: the manifest has no [apps.{app.name}.dev]",
            f"Add it (docs/developing.md), then `station apply {host.name}`",
        )
    if app.primary != host.name:
        raise Refused(f"The instance of {app.dev.user} is on {app.primary}, not on {host.name}", "Go there")
    return app.dev


def require_developer(dev: Dev, verb: str) -> None:
    """Refused unless root or that developer asks: the service is nobody else's."""
    try:
        owner = pwd.getpwnam(dev.user).pw_uid
    except KeyError as why:
        raise Refused(
            f"{verb} refused: there is no user {dev.user} on this machine", "`station apply` makes it"
        ) from why
    if os.geteuid() not in (0, owner):
        raise Refused(f"{verb} refused: the instance is that of {dev.user}", f"Sign in as {dev.user}, or use sudo")


def origin_of(app: App, dev: Dev, name: str) -> dict[str, object] | None:
    """What the instance's database is a copy of; None when it is none, or we may not look."""
    try:
        told = json.loads(origin_file(app, dev, name).read_bytes())
    except (OSError, ValueError):
        return None
    return told if isinstance(told, dict) else None


def state(dev: Dev) -> systemctl.UnitState:
    """How the service is. StationError when the user's systemd does not answer."""
    unit = f"{dev.service}.service"
    return systemctl.states([unit], user=dev.user)[unit]


def order(dev: Dev, verb: str) -> None:
    """start, stop, restart or reset-failed. StationError with what systemd said."""
    systemctl.act(verb, [f"{dev.service}.service"], user=dev.user)


def _manager_runs(dev: Dev) -> bool:
    """Whether the user's systemd runs: with linger from the machine's start on."""
    return Path(f"/run/user/{pwd.getpwnam(dev.user).pw_uid}/systemd/private").exists()


@contextmanager
def stopped(dev: Dev) -> Iterator[bool]:
    """The instance does not run until the block is left; then it does again, if it did. Gives whether it did."""
    was_running = _manager_runs(dev) and state(dev).active in ("active", "activating")
    if was_running:
        order(dev, "stop")
    try:
        yield was_running
    except BaseException:
        if was_running:
            with suppress(StationError):  # what went wrong before is what matters
                order(dev, "start")
        raise
    if was_running:
        order(dev, "start")
