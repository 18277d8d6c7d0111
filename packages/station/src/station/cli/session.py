"""What every command starts from: which fleet it is about. The manifest is read when a command first asks for it."""

import os
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.errors import ManifestError

if TYPE_CHECKING:
    from station.fleet import App, Fleet, Host
    from station.stores.opening import OpenStore

FLEET_ENV = "STATION_FLEET"
SYSTEM_FLEET = Path("/etc/station/fleet.toml")


@dataclass
class Session:
    """`asked_for` is `--fleet` or `STATION_FLEET`; without it the places of `fleet_path` are searched."""

    asked_for: Path | None
    folder: Path
    system_fleet: Path = field(default=SYSTEM_FLEET)
    _opened: "dict[str, tuple[Path | None, OpenStore]]" = field(default_factory=dict)

    @property
    def fleet_path(self) -> Path:
        """The manifest of this run. ManifestError when there is none anywhere."""
        if self.asked_for is not None and self.asked_for != self.system_fleet:
            return self.asked_for
        for place in (self.asked_for or self.folder / "fleet.toml", self.system_fleet):
            if place.is_file():
                return place.resolve()  # on a machine it is a link into the folder that came with the apps' manifests
        raise ManifestError(
            f"There is no fleet to work with: neither ./fleet.toml nor {self.system_fleet} exists",
            f"Name the manifest with --fleet PATH or in {FLEET_ENV}",
        )

    @cached_property
    def fleet(self) -> "Fleet":
        """The fleet, read and checked. ManifestError with every mistake."""
        from station.cli.ports import PORTS_ENV, with_chosen_ports  # noqa: PLC0415
        from station.fleet import load_fleet  # noqa: PLC0415 - help and completion do without

        return with_chosen_ports(load_fleet(self.fleet_path), os.environ.get(PORTS_ENV, ""))

    def app(self, name: str | None) -> "App":
        """The app of that name; without a name the fleet's only one. UsageError otherwise."""
        apps = self.fleet.apps
        if name is None and len(apps) == 1:
            return next(iter(apps.values()))
        if name is None:
            raise click.UsageError(f"Say which app: {', '.join(sorted(apps))}.")
        if name not in apps:
            raise click.UsageError(f"There is no app {name!r} in this fleet; there is {', '.join(sorted(apps))}.")
        return apps[name]

    def host(self, name: str) -> "Host":
        """The host of that name. UsageError when there is none."""
        hosts = self.fleet.hosts
        if name not in hosts:
            raise click.UsageError(f"There is no host {name!r} in this fleet; there is {', '.join(sorted(hosts))}.")
        return hosts[name]

    def here(self, name: str | None = None, root: Path = Path("/")) -> "Host":
        """The host of that name, else the one that the machine below `root` is. UsageError when it is none."""
        from station.fleet.here import WHO_AM_I, name_here  # noqa: PLC0415

        known = name or name_here(root)
        if not known:
            hosts = ", ".join(sorted(self.fleet.hosts))
            raise click.UsageError(f"Say which host: {hosts}. {WHO_AM_I}, which would say it, is not there.")
        return self.host(known)

    def machine_here(self) -> "Host | None":
        """The fleet's machine that we are on, if we are on one."""
        from station.fleet.here import name_here  # noqa: PLC0415

        found = self.fleet.hosts.get(name_here())
        return found if found is not None and found.address else None

    def store(self, name: str, state: Path | None = None) -> "OpenStore":
        """The fleet's store of that name, opened once. `state`: a host's folder where cut uploads are remembered."""
        from station.stores.opening import open_store  # noqa: PLC0415

        known = self._opened.get(name)
        if known is None or (state is not None and known[0] != state):
            known = self._opened[name] = (state, open_store(self.fleet.stores[name], state))
        return known[1]


pass_session = click.make_pass_decorator(Session)
