"""Programs that the platform brings along for its apps, each in an environment of its own: Datasette, so far."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from station.durable import durable_write, move_link
from station.errors import StationError
from station.fleet import Fleet, Host
from station.points.holding import locked

Tell = Callable[[str], None]

REQUIREMENTS = Path(__file__).with_name("datasette-requirements.txt")
"""Datasette and all it needs, with versions and hashes; `scripts/lock` writes it."""

DATASETTE = "/opt/venvs/datasette/current/bin/datasette"
WHOLE = ".whole"  # the last file that an installation writes; without it the environment is thrown away
INSTALL_S = 900.0


def install_missing(fleet: Fleet, host: Host, tell: Tell, *, requirements: Path = REQUIREMENTS) -> list[str]:
    """Install what the host's apps need and it has not, and say what that was: nothing, when all is there.

    Wheels are unpacked and nothing is built, so that nobody's code runs. When it fails, StationError, and what was
    there still is.
    """
    if not _is_asked_for(fleet, host):
        return []
    wanted = _wanted(requirements)
    base = host.paths.venv("datasette")
    if _is_current(base, wanted):
        return []
    with locked(base / ".lock", f"Installing {wanted.title}", host.name):
        _clear(base, wanted)
        _install(base / wanted.id, wanted, _wheels(host, wanted), tell)
        move_link(base / "current", Path(wanted.id))
    return [wanted.title]


@dataclass(frozen=True)
class _Wanted:
    """An environment: its directory's name says version, Python and pins, so that a change of any makes a new one."""

    version: str
    id: str
    requirements: Path

    @property
    def title(self) -> str:
        return f"Datasette {self.version}"


def _is_asked_for(fleet: Fleet, host: Host) -> bool:
    """Whether an app has Datasette on this host, and not one that somebody installed elsewhere."""
    asked = [app.datasette for app in fleet.apps.values() if app.datasette is not None]
    return any(its.host == host.name and its.program == DATASETTE for its in asked)


def _wanted(requirements: Path) -> _Wanted:
    text = requirements.read_text()
    found = re.search(r"^datasette==([^ ;\\]+)", text, flags=re.MULTILINE)
    if found is None:
        raise ValueError(f"{requirements} does not name Datasette")
    python = f"py{sys.version_info.major}.{sys.version_info.minor}"
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    return _Wanted(found[1], f"{found[1]}-{python}-{digest}", requirements)


def _is_current(base: Path, wanted: _Wanted) -> bool:
    link, there = base / "current", base / wanted.id
    pointed = link.is_symlink() and link.readlink() == Path(wanted.id)
    return pointed and _is_whole(there)


def _is_whole(there: Path) -> bool:
    """Whether it was installed to the end, and the Python it was made with is still there."""
    return (there / WHOLE).is_file() and (there / "bin" / "python").exists()


def _clear(base: Path, wanted: _Wanted) -> None:
    """Remove what was never finished, and what is older than the one in use, of which a process may run."""
    in_use = (base / "current").readlink().name if (base / "current").is_symlink() else ""
    for there in base.iterdir():
        if there.is_dir() and not there.is_symlink() and not (there.name in {in_use, wanted.id} and _is_whole(there)):
            shutil.rmtree(there)


def _wheels(host: Host, wanted: _Wanted) -> Path | None:
    """The wheels of the bundle on this host, if Datasette is among them."""
    wheels = host.paths.root / "var" / "lib" / "station" / "bundles" / "current" / "wheels"
    return wheels.resolve() if any(wheels.glob(f"datasette-{wanted.version}-*.whl")) else None


def _install(there: Path, wanted: _Wanted, wheels: Path | None, tell: Tell) -> None:
    if _is_whole(there):
        return
    tell(f"installing {wanted.title} into {there} from {'the bundle' if wheels else 'the package index'}")
    python = Path(sys.base_prefix, "bin", f"python{sys.version_info.major}.{sys.version_info.minor}")
    source = ["--offline", "--no-index", "--find-links", str(wheels)] if wheels else []
    pins = ["--require-hashes", "--only-binary", ":all:", "--compile-bytecode", "--link-mode", "copy", *source]
    try:
        _uv(["venv", "--python", str(python), str(there)], wanted, wheels)
        _uv(["pip", "sync", "--python", f"{there}/bin/python", *pins, str(wanted.requirements)], wanted, wheels)
    except StationError:
        shutil.rmtree(there, ignore_errors=True)
        raise
    os.sync()  # else a power cut could leave the mark below and empty files
    durable_write(there / WHOLE, b"")


def _uv(words: list[str], wanted: _Wanted, wheels: Path | None) -> None:
    uv = Path(sys.executable).parent / "uv"
    options = ["--quiet", "--no-cache", "--no-python-downloads", "--no-progress"]
    hint = (
        "The bundle is not whole, or was made for another kind of machine: make it again with `station bundle`"
        if wheels
        else "Give this machine a way to a package index, or bring it a bundle: `station bundle`"
    )
    try:
        ended = subprocess.run(
            [uv, *words, *options], capture_output=True, text=True, timeout=INSTALL_S, check=False, cwd="/"
        )
    except (OSError, subprocess.TimeoutExpired) as why:
        raise StationError(f"{wanted.title} not installed: {why}", hint) from why
    if ended.returncode != 0:
        raise StationError(f"{wanted.title} not installed: {ended.stderr.strip()[-1000:]}", hint)
