"""Which units a host runs for an app: a pure function from the manifest to what has to be started."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from station.fleet import App, Fleet, Host, Process, app_environment, filled
from station.hosts.foreground import UnitSpec

Loop = Literal["points", "mirror"]
LOOPS: tuple[Loop, ...] = ("points", "mirror")
Job = Literal["copy", "drill"]
JOBS: tuple[Job, ...] = ("copy", "drill")

LITESTREAM = "litestream"

APP_STOP_S = 10.0
LOOP_STOP_S = 30.0  # a point that is being taken is finished first
LITESTREAM_STOP_S = 8.0  # the last frames are shipped first, for which it has 5 s
JOB_STOP_S = 1.0  # a switch does not wait for a copy: it may be killed anywhere and is made again

# what an app may know of the one who started the fleet; under systemd it gets no more either
_PASSED_ON = ("HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR")


@dataclass(frozen=True)
class Programs:
    """Where commands are looked up: first in `folder` (that of our own Python), then in `search`."""

    folder: Path
    search: str
    passed_on: Mapping[str, str]

    @classmethod
    def of(cls, python: Path, env: Mapping[str, str]) -> "Programs":
        passed_on = {name: env[name] for name in _PASSED_ON if name in env}
        return cls(python.parent, env.get("PATH", os.defpath), passed_on)

    def command(self, command: tuple[str, ...]) -> tuple[str, ...]:
        """The command with its program's path in our own folder, when it is there."""
        own = self.folder / command[0]
        return (str(own), *command[1:]) if "/" not in command[0] and own.exists() else command

    def environment(self) -> dict[str, str]:
        """What every unit gets besides its own variables."""
        return {"PATH": f"{self.folder}{os.pathsep}{self.search}", "PYTHONUNBUFFERED": "1", **self.passed_on}


def process_units(app: App, host: Host, programs: Programs) -> list[UnitSpec]:
    """The app's own processes and the fleet's extra ones: what a primary runs."""
    return [_process_unit(app, host, process, programs) for process in app.processes.values()]


def loop_unit(fleet: Fleet, app: App, host: Host, loop: Loop, programs: Programs) -> UnitSpec:
    """`station points APP` or `station mirror APP`."""
    command = ("station", "--fleet", str(fleet.path), loop, app.name, "--host", host.name)
    return UnitSpec(
        name=unit_name(app, loop),
        command=programs.command(command),
        env=programs.environment(),
        log=host.paths.log(unit_name(app, loop)),
        stop_s=LOOP_STOP_S,
    )


def litestream_unit(fleet: Fleet, app: App, host: Host, programs: Programs) -> UnitSpec:
    """`station litestream APP`, which keeps the program Litestream running and watches it."""
    command = ("station", "--fleet", str(fleet.path), "litestream", app.name, "--host", host.name)
    return UnitSpec(
        name=unit_name(app, LITESTREAM),
        command=programs.command(command),
        env=programs.environment(),
        log=host.paths.log(unit_name(app, LITESTREAM)),
        stop_s=LITESTREAM_STOP_S,
    )


def job_unit(fleet: Fleet, app: App, host: Host, job: tuple[Job, str], programs: Programs) -> UnitSpec:
    """`station job APP copy` or `station job APP drill`, for the moment at which it was due."""
    name, due = job
    command = ("station", "--fleet", str(fleet.path), "job", app.name, name, "--host", host.name, "--due", due)
    return UnitSpec(
        name=unit_name(app, name),
        command=programs.command(command),
        env=programs.environment(),
        log=host.paths.log(unit_name(app, name)),
        stop_s=JOB_STOP_S,
        once=True,
    )


def unit_name(app: App, unit: str) -> str:
    return f"{app.name}-{unit}"


def _process_unit(app: App, host: Host, process: Process, programs: Programs) -> UnitSpec:
    told = app_environment(app, host, process)
    return UnitSpec(
        name=unit_name(app, process.name),
        command=programs.command(filled(process.command, told)),
        env=programs.environment() | told,
        log=host.paths.log(unit_name(app, process.name)),
        port=process.port,
        stop_s=APP_STOP_S,
    )
