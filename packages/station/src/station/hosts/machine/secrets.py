"""Secrets that a host must have: made when anything will do, never shown, told of when others need the same."""

import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path

from station.fleet import Fleet, Host
from station.hosts.machine.writing import put
from station.hosts.rendering.files import Needed

LENGTH = 24  # bytes of chance


def make_secret(one: Needed) -> None:
    """A new one, in place of nothing or of an empty file."""
    put(Path(one.path), f"{secrets.token_urlsafe(LENGTH)}\n".encode(), one)


def the_same_elsewhere(fleet: Fleet, host: Host, made: Iterable[str]) -> Iterator[str]:
    """What to tell of secrets that were made here and that other hosts of the app must have the same."""
    for path in made:
        for app in fleet.apps.values():
            others = [name for name in app.hosts if name != host.name]
            if host.name not in app.hosts or not others or path not in _secrets_of(host, app.name, app.secrets):
                continue
            first, second = (host.name, others[0]) if app.primary == host.name else (app.primary, host.name)
            there, here = fleet.hosts[first].address, fleet.hosts[second].address
            yield (
                f"{path} was made here, and {', '.join(others)} must have the same one. From a laptop: "
                f"`ssh {there} sudo cat {path} | ssh {here} sudo tee {path} >/dev/null`; "
                f"the other way round when {second} had it before {first}"
            )


def _secrets_of(host: Host, app: str, names: Iterable[str]) -> list[str]:
    return [str(host.paths.credentials(app) / name) for name in names]
