"""What the units of an app's processes, jobs and deploys have in common. Pure."""

from collections.abc import Iterator, Mapping

from station.fleet import Process
from station.hosts.rendering import unitfile
from station.hosts.rendering.place import START_LIMIT, START_LIMIT_S, Place
from station.hosts.rendering.presets import shut_in

STOP_S = 15  # longer than the 10 s that an app has to end well


class Part:
    """What a process and a job have in common."""

    def __init__(self, place: Place, name: str, command: tuple[str, ...], needs: Mapping[str, str]) -> None:
        self._place, self._name, self._command, self._needs = place, name, command, needs

    def runs(self, environment: list[str], *, guarded: bool = True) -> Iterator[str]:
        """Who runs what, where, and what it is told; `guarded`: on a primary alone."""
        place = self._place
        yield f"User={place.app.account}"
        if not place.at_home:
            yield f"Group={place.app.account}"
        yield f"WorkingDirectory={unitfile.text(str(place.code))}"
        yield f"EnvironmentFile={unitfile.text(str(place.host.paths.environment(place.app.name)))}"
        yield from environment
        for secret in place.app.secrets:
            yield f"LoadCredential={secret}:{place.host.paths.credentials(place.app.name) / secret}"
        if guarded:
            yield place.guard
        yield f"ExecStart={unitfile.command(place.command(self._command))}"
        yield f"SyslogIdentifier={self._name}"

    def shut_in(self) -> list[str]:
        return sandbox(self._place, self._needs)


def crash_loop(name: str) -> list[str]:
    """What a service says in [Unit] about failing again and again: told of, and tried again later by itself."""
    return [
        f"StartLimitIntervalSec={START_LIMIT_S}",
        f"StartLimitBurst={START_LIMIT}",
        f"OnFailure=station-alert@{name}.service station-again@{name}.timer",
    ]


def sandbox(place: Place, needs: Mapping[str, str]) -> list[str]:
    """How the app's processes are shut in, with the one folder that they may write to."""
    if not place.at_home:
        return [*shut_in(needs), f"ReadWritePaths={unitfile.text(str(place.data))}"]
    seen = [place.code, *([] if place.venv.is_relative_to(place.code) else [place.venv])]
    return [
        "# The app lives in a home: of all homes it sees its own folders, and writes to its data alone.",
        *shut_in(needs, ProtectHome=("tmpfs",)),
        *(f"BindReadOnlyPaths={unitfile.text(str(path))}" for path in seen),
        f"BindPaths={unitfile.text(str(place.data))}",
    ]


def kind(process: Process) -> str:
    """When systemd takes the process for started."""
    return f"Type={'notify' if process.notify else 'exec'}"
