"""One app on one machine: its names, its folders, who runs it. Pure; what every part of the rendering begins with."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from station.fleet import App, Fleet, Host, Process, app_environment, filled
from station.hosts.rendering import unitfile

STATION = "/opt/venvs/station/current/bin/station"
STATION_USER = "station"
NOWHERE = "/nonexistent"
SEARCH = "/usr/local/bin:/usr/bin:/bin"
CREDENTIALS = "/run/credentials"  # systemd hands over there what LoadCredential= names, a folder for each unit

# Five starts within five minutes are a crash loop: with RestartSec= below a minute the limit is reached while the app
# fails again and again, and not by an app that fails now and then.
START_LIMIT_S = 300
START_LIMIT = 5
RESTART_S = 2
AGAIN_AFTER_S = 600  # a crash loop is tried again then, without a person


@dataclass(frozen=True)
class Place:
    """An app on a host. `link` names the release: `current`, or `next` for what a deploy tries out."""

    fleet: Fleet
    host: Host
    app: App
    link: str = "current"

    def unit(self, name: str) -> str:
        """The name of the unit of a process, a job or a loop, without `.service`."""
        return self.app.services.get(name) or f"{self.app.name}-{name}"

    @property
    def gate(self) -> str:
        """The unit of the process whose health says whether the app is up."""
        return self.unit(self.app.gate.name)

    @property
    def code(self) -> Path:
        """What the app's processes run in."""
        return self.app.files.code or self.host.paths.code(self.app.name) / self.link

    @property
    def venv(self) -> Path:
        return self.app.files.venv or self.host.paths.venv(self.app.name) / self.link

    @property
    def has_releases(self) -> bool:
        """Whether its code is what a deploy puts there, and not a folder that the manifest names."""
        return self.app.files.code is None and self.app.files.venv is None

    @property
    def conditions(self) -> list[str]:
        """Without a release a unit is skipped, and nothing has failed."""
        paths = dict.fromkeys([self.code, self.venv])
        return [f"ConditionPathExists={unitfile.text(str(path))}" for path in paths]

    @property
    def data(self) -> Path:
        return self.host.paths.data(self.app.name)

    @property
    def at_home(self) -> bool:
        """Whether it lives in a person's home, and so runs as that person."""
        return any(path.is_relative_to("/home") for path in (self.code, self.venv, self.data))

    @property
    def guard(self) -> str:
        """Asks whether this host is the app's primary; exit code 1 keeps a unit from starting. Root asks: the lease
        may lie behind credentials that the app's user must not have."""
        return f"ExecCondition=+{STATION} guard {self.app.name} --host {self.host.name}"

    @property
    def shared_variables(self) -> Mapping[str, str]:
        """The variables of all its processes; PORT is among them when just one of them has one."""
        with_port = [process for process in self.app.processes.values() if process.port is not None]
        alone = with_port[0] if len(with_port) == 1 else None
        variables = app_environment(self.app, self.host, alone)
        return {name: value for name, value in variables.items() if name != "CREDENTIALS_DIRECTORY"}

    def own_variables(self, process: Process | None) -> Mapping[str, str]:
        """What one process has besides."""
        mine = {"PATH": f"{self.venv}/bin:{SEARCH}", "PYTHONUNBUFFERED": "1"}
        if process is not None and process.port is not None and "PORT" not in self.shared_variables:
            mine["PORT"] = str(process.port)
        return mine

    def filled(self, words: tuple[str, ...], unit: str, process: Process | None = None) -> tuple[str, ...]:
        """The words, with what its variables say where they name one. `unit`: whose credentials, without `.service`."""
        told = app_environment(self.app, self.host, process)
        return filled(words, told | {"CREDENTIALS_DIRECTORY": f"{CREDENTIALS}/{unit}.service"})

    def command(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """The command with the path of its program, which systemd wants: in the virtual environment, if it has none."""
        program = words[0] if "/" in words[0] else f"{self.venv}/bin/{words[0]}"
        return (program if program.startswith("/") else f"{self.code}/{program}", *words[1:])


def apps_of(fleet: Fleet, host: Host) -> list[Place]:
    """The apps that the host runs, or could run after a failover."""
    return [Place(fleet, host, app) for app in fleet.apps.values() if host.name in app.hosts]
