"""The virtual environment of a release: made in its place as the app's user, from the app's own cache by hard links.

An environment cannot be moved once it is made, so it is made where it stays; the release's record, written after it,
says that it is whole. Packages are linked from `/opt/venvs/APP/.cache`: a second environment takes next to no room, and
nothing in one may be edited in place. Byte code is linked from the release before, where the source is the same file.
"""

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from station.errors import StationError
from station.fleet import Source
from station.fleet.machine import SERVER
from station.hosts.deploying.release import code_of, venv_of
from station.hosts.deploying.requirements import Requirements, is_uv_locked, pinned
from station.hosts.deploying.sandbox import Box, run_boxed
from station.hosts.remote import own
from station.hosts.rendering.place import Place

PYTHON = "/usr/bin/python3"
BUILD_S = 1800.0
OWN_SEEN = Path("/run/station-own")  # and those of the platform itself
WHEELS_SEEN = Path("/run/station-wheels")  # where a build finds the wheels of a bundle, wherever the bundle lies
_COMPILE = Path(__file__).with_name("bytecode.py")


@dataclass(frozen=True)
class Wheels:
    """Where packages come from: the index that the machine knows, and a folder of wheels, or that `alone`."""

    folder: Path | None = None
    alone: bool = True

    @property
    def variables(self) -> Mapping[str, str]:
        if self.folder is None:
            return {}
        return {"UV_FIND_LINKS": str(WHEELS_SEEN), **({"UV_OFFLINE": "1"} if self.alone else {})}


@dataclass(frozen=True)
class Builder:
    """Makes environments of one app. `passed_on`: variables of the caller about where packages are (UV_INDEX_URL…)."""

    place: Place
    wheels: Wheels
    passed_on: Mapping[str, str]
    uv: Path = Path(sys.executable).parent / "uv"

    def requirements(self, code: Path, source: Source) -> Requirements:
        """What has to be in it, asked of uv in the sandbox."""
        return pinned(code, source, self.uv, run=self._run_in(code))

    def make(self, release_id: str, source: Source, wanted: Requirements | None) -> None:
        """Make it; `wanted` None: as uv.lock says. StationError with uv's own words: what is there is no release."""
        code, venv = self._code(release_id), venv_of(self.place.host, self.place.app.name, release_id)
        run = self._run_in(code, venv)
        uv = str(self.uv)
        run([uv, "venv", "--quiet", "--no-project", f"--python={PYTHON}", str(venv)], code, "")
        if wanted is None:
            self._sync(run, code / source.folder)
        else:
            self._install(run, code, venv, wanted)
        if self.place.app.is_served and not (venv / "bin" / SERVER).exists():
            self._add_server(code, venv)
        run([f"{venv}/bin/python", "-I", str(_COMPILE), str(venv), *self._before(release_id)], code, "")

    def is_locked(self, code: Path, source: Source) -> bool:
        """Whether uv.lock alone says what goes in."""
        return is_uv_locked(code, source) and not source.extra and self.wheels.folder is None

    def _sync(self, run: "_Run", folder: Path) -> None:
        uv = str(self.uv)
        run([uv, "lock", "--check", "--quiet"], folder, "")
        run([uv, "sync", "--quiet", "--frozen", "--no-dev"], folder, "")

    def _install(self, run: "_Run", code: Path, venv: Path, wanted: Requirements) -> None:
        pip = [str(self.uv), "pip", "install", "--quiet", f"--python={venv}/bin/python"]
        if wanted.text.strip():
            run([*pip, "--require-hashes", "--no-deps", "--requirements=-"], code, wanted.text)
        if wanted.local:
            local = [word for folder in wanted.local for word in ("--editable", str(code / folder))]
            run([*pip, "--no-deps", *local], code, "")

    def _add_server(self, code: Path, venv: Path) -> None:
        """The platform's own server, as this very platform has it: no index is asked for it."""
        folder = self.place.host.paths.state(self.place.app.name) / "server"
        shutil.rmtree(folder, ignore_errors=True)  # of a run that was killed
        folder.mkdir(mode=0o755)
        try:
            own.server_wheels(folder)
            run = _Run(self, code, venv, {folder: OWN_SEEN})
            pip = [str(self.uv), "pip", "install", "--quiet", f"--python={venv}/bin/python", "--no-deps", "--no-index"]
            run([*pip, f"--find-links={OWN_SEEN}", *own.SERVER], code, "")
        finally:
            shutil.rmtree(folder)

    def _code(self, release_id: str) -> Path:
        return code_of(self.place.host, self.place.app.name, release_id)

    def _before(self, release_id: str) -> list[str]:
        """The environments whose byte code may be shared."""
        parent = self.place.host.paths.venv(self.place.app.name)
        current = parent / "current"
        return [str(current.resolve())] if current.is_dir() and current.resolve().name != release_id else []

    def _run_in(self, code: Path, venv: Path | None = None) -> "_Run":
        return _Run(self, code, venv)


@dataclass(frozen=True)
class _Run:
    """Runs a command of a build in the sandbox: it writes to the app's environments and to the release's code, and
    sees none of the app's data."""

    builder: Builder
    code: Path
    venv: Path | None
    seen: Mapping[Path, Path] = field(default_factory=dict)

    def __call__(self, words: Sequence[str], folder: Path, text: str) -> str:
        place, wheels = self.builder.place, self.builder.wheels
        parent = place.host.paths.venv(place.app.name)
        seen = {**self.seen, **({} if wheels.folder is None else {wheels.folder: WHEELS_SEEN})}
        # what builds the repository's own packages may leave its notes beside them
        writable = (parent, *([self.code] if self.code.is_dir() else []))
        box = Box(data="hide", writable=writable, seen=seen, as_app=False, polite=True, within_s=BUILD_S)
        variables = {
            "HOME": str(parent / ".cache"),
            "UV_CACHE_DIR": str(parent / ".cache"),
            "UV_PYTHON_DOWNLOADS": "never",
            "UV_PYTHON": PYTHON,
            "UV_LINK_MODE": "hardlink",
            "UV_NO_PROGRESS": "1",
            **({"UV_PROJECT_ENVIRONMENT": str(self.venv)} if self.venv else {}),
            **self.builder.passed_on,
            **wheels.variables,
        }
        where = folder if folder.is_dir() else parent
        ended = run_boxed(place, words, where, box, variables, text)
        if ended.code != 0:
            shown = " ".join([Path(words[0]).name, *words[1:3]])
            raise StationError(f"`{shown}` failed with exit code {ended.code}:\n{ended.last_lines}")
        return ended.out


def passed_on(environment: Mapping[str, str]) -> dict[str, str]:
    """What the operator said about where packages are: uv's own variables, proxies and certificates."""
    names = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")
    kept = {name: value for name, value in environment.items() if name.upper() in names}
    asked = ("UV_INDEX", "UV_DEFAULT_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "UV_OFFLINE")
    return kept | {name: environment[name] for name in asked if name in environment}


def own_bytes(folder: Path) -> int:
    """How much room its removal would make: what is linked elsewhere, too, does not count."""
    total = 0
    for where, _, names in os.walk(folder):
        for name in names:
            status = os.lstat(Path(where, name))
            total += status.st_blocks * 512 if status.st_nlink == 1 else 0
    return total
