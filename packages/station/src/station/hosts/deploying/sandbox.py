"""Running something of an app's for a deploy: as the app's own user, shut in as its units are. Nothing of it is root's.

It is a unit of systemd's with a fixed name, so that what a killed deploy left running is found and ended by the next.
"""

import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from station.errors import StationError
from station.hosts import systemctl
from station.hosts.rendering import unitfile
from station.hosts.rendering.place import Place
from station.hosts.rendering.presets import shut_in

SYSTEMD_RUN = "/usr/bin/systemd-run"
_LEFT = "station-step-{}"


@dataclass(frozen=True)
class Box:
    """How a command is shut in. Data can be read and not written unless `data` says otherwise ("write", "hide").

    `writable`: more folders that it may write to. `seen`: folders that are shown at another path, to be read only.
    `as_app`: it gets the variables and secrets of the app's processes. `polite`: others go first.
    """

    needs: Mapping[str, str] = field(default_factory=dict)
    data: str = "read"
    writable: tuple[Path, ...] = ()
    seen: Mapping[Path, Path] = field(default_factory=dict)
    as_app: bool = True
    polite: bool = False
    within_s: float = 120.0


@dataclass(frozen=True)
class Ended:
    """How it ended: the exit code, and what it printed on stdout and on stderr."""

    code: int
    out: str
    err: str

    @property
    def last_lines(self) -> str:
        """The end of what it said, for a person."""
        return "\n".join((self.err.strip() or self.out.strip()).splitlines()[-25:])[-4000:]


def run_boxed(
    place: Place, command: Sequence[str], folder: Path, box: Box, variables: Mapping[str, str], text: str = ""
) -> Ended:
    """Run it in `folder` and wait. StationError when it did not end in time; then it was ended."""
    unit = unit_of(place)
    end_left(place)
    told = _variables_file(place, variables)
    settings = [f"--property={each}" for each in (*_settings(place, folder, box), f"EnvironmentFile={told}")]
    plain = [word.replace("$", "$$") for word in command]  # systemd would fill in variables
    words = [SYSTEMD_RUN, "--quiet", "--pipe", "--wait", "--collect", f"--unit={unit}", *settings, "--", *plain]
    try:
        ended = subprocess.run(
            words, input=text, capture_output=True, text=True, errors="replace", timeout=box.within_s, check=False
        )
    except FileNotFoundError as why:
        raise StationError(f"{command[0]} was not run: this machine has no systemd-run", "Run it on a host") from why
    except subprocess.TimeoutExpired as why:
        raise StationError(f"{' '.join(command)[:200]} did not end within {box.within_s:g} s, and was ended") from why
    finally:
        end_left(place)
        told.unlink(missing_ok=True)
    return Ended(ended.returncode, ended.stdout, ended.stderr)


def unit_of(place: Place) -> str:
    """The unit that it runs as, without `.service`."""
    return _LEFT.format(place.app.name)


def end_left(place: Place) -> None:
    """End what an earlier deploy of the app left running."""
    unit = f"{unit_of(place)}.service"
    if systemctl.states([unit])[unit].is_there:
        with suppress(StationError):  # it is gone by itself
            systemctl.act("stop", [unit])


def _variables_file(place: Place, variables: Mapping[str, str]) -> Path:
    """Root's alone: the address of an index may hold a password, and a unit's settings are for everybody to read."""
    file = place.host.paths.run / f"step-{place.app.name}.env"
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "w") as stream:
        stream.write(unitfile.environment_file(variables))
    return file


def _settings(place: Place, folder: Path, box: Box) -> Iterable[str]:
    account, data = place.app.account, place.data
    yield f"User={account}"
    yield f"Group={account}"
    yield f"WorkingDirectory={folder}"
    if box.as_app:
        yield from _of_the_app(place)
    yield from (each.replace("%%", "%") for each in shut_in(box.needs) if not each.startswith("#"))
    # What a build leaves is for developers to read too.
    yield f"UMask={'0027' if box.as_app else '0022'}"
    if box.data == "write":
        yield f"ReadWritePaths={data}"
    elif box.data == "hide":
        yield f"InaccessiblePaths=-{data}"
    yield from (f"ReadWritePaths={path}" for path in box.writable)
    yield from (f"BindReadOnlyPaths={path}:{at}" for path, at in box.seen.items())
    if box.polite:
        yield "Nice=10"
        yield "IOSchedulingClass=idle"
    yield f"TimeoutStopSec={5 if box.polite else 15}"


def _of_the_app(place: Place) -> Iterable[str]:
    yield f"EnvironmentFile={place.host.paths.environment(place.app.name)}"
    for secret in place.app.secrets:
        yield f"LoadCredential={secret}:{place.host.paths.credentials(place.app.name) / secret}"
