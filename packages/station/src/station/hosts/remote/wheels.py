"""Wheels for a kind of machine, with the hashes they must have: solved by uv, fetched by pip or from a folder."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from station.errors import StationError
from station.hosts.deploying.requirements import blocks
from station.hosts.remote.target import Target

SOLVE_S = 600.0
FETCH_S = 3600.0  # over a slow line
_NO_NETWORK = ("error sending request", "dns error", "failed to fetch", "connection", "timed out", "max retries")
_NO_WHEEL = ("has no wheels", "no matching distribution", "no usable wheels", "no wheels with a matching")


@dataclass(frozen=True)
class Tools:
    """The two programs, and where wheels come from: `wheels` is a folder that replaces every index.

    `lock`: requirements with hashes that fix the versions, and what a fetched wheel of them must be; "" for none.
    """

    uv: Path
    pip: tuple[str, ...]
    wheels: Path | None = None
    lock: str = ""

    @property
    def source(self) -> list[str]:
        return ["--no-index", "--find-links", str(self.wheels)] if self.wheels else []


def find_tools(checkout: Path | None, wheels: Path | None) -> Tools:
    """uv of this environment; pip of the checkout's .tools, else one that uv fetches."""
    uv = Path(sys.executable).parent / "uv"
    own = checkout / ".tools" / "bin" / "python" if checkout else None
    pip: tuple[str, ...] = (str(uv), "run", "--quiet", "--no-project", "--with", "pip", "python", "-m", "pip")
    if own is not None and own.exists():
        pip = (str(own), "-m", "pip")
    lock = (checkout / "requirements" / "lock.txt").read_text() if checkout else ""
    return Tools(uv, pip, wheels.absolute() if wheels else None, lock)


def solve(tools: Tools, needs: Sequence[str], target: Target) -> str:
    """Requirements with versions and hashes, for that kind of machine: everything that `needs` asks for.

    StationError when there is no wheel of one of them for it, or no way to the index.
    """
    if not needs:
        return ""
    with TemporaryDirectory() as folder:
        asked, lock = Path(folder, "asked.txt"), Path(folder, "lock.txt")
        asked.write_text("\n".join(needs) + "\n")
        lock.write_text(tools.lock)
        options = [
            "--quiet",
            "--no-header",
            "--no-annotate",
            "--no-progress",
            "--generate-hashes",
            "--no-build",
            "--no-python-downloads",
        ]
        machine = ["--python-platform", target.for_uv, "--python-version", target.python]
        command = [str(tools.uv), "pip", "compile", *options, *machine, "--constraint", str(lock), *tools.source]
        return _run([*command, str(asked)], target, SOLVE_S, env={**os.environ, "UV_CUSTOM_COMPILE_COMMAND": "-"})


def fetch(tools: Tools, requirements: str, folder: Path, target: Target) -> list[Path]:
    """The wheels of solved requirements, in the folder; each is what a hash says. Those that are there stay.

    StationError when one cannot be had, or is not what the lock says.
    """
    if not requirements.strip():
        return []
    with TemporaryDirectory(dir=folder.parent) as scratch:
        fetched = Path(scratch, "wheels")
        fetched.mkdir()
        if tools.wheels is not None:
            _take(tools.wheels, requirements, fetched, target)
        else:
            _download(tools, requirements, fetched, target)
        _check(fetched.iterdir(), tools.lock)
        return sorted(path.replace(folder / path.name) for path in fetched.iterdir())


def _download(tools: Tools, requirements: str, folder: Path, target: Target) -> None:
    asked = folder.parent / "requirements.txt"
    asked.write_text(requirements)
    machine = [word for tag in target.for_pip for word in ("--platform", tag)]
    options = ["--quiet", "--no-deps", "--require-hashes", "--only-binary=:all:", "--implementation", "cp"]
    where = ["--python-version", target.python, "--dest", str(folder), "--requirement", str(asked)]
    command = [*tools.pip, "--disable-pip-version-check", "download", *options, *machine, *where]
    _run(command, target, FETCH_S, env=dict(os.environ))


def _take(wheels: Path, requirements: str, folder: Path, target: Target) -> None:
    """Copy, of each package, the wheel that a hash says and that such a machine takes."""
    there = [path for path in sorted(wheels.glob("*.whl")) if target.takes(path.name)]
    for name, block in blocks(requirements).items():
        fit = [path for path in there if name_of(path) == name and sha256_of(path) in block]
        if not fit:
            raise StationError(f"There is no wheel for {target.title}: {block.split()[0]} is not in {wheels}")
        shutil.copy(fit[0], folder)


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def name_of(wheel: Path) -> str:
    """The package's name as an index spells it."""
    return re.sub(r"[-_.]+", "-", wheel.name.split("-")[0]).lower()


def exactly(wheels: Iterable[Path]) -> str:
    """Requirements that are fulfilled by these very files, whatever else an index or a folder has."""
    lines = {name_of(path): f"=={path.name.split('-')[1]} --hash=sha256:{sha256_of(path)}" for path in wheels}
    return "".join(f"{name}{lines[name]}\n" for name in sorted(lines))


def _check(wheels: Iterable[Path], lock: str) -> None:
    """What the lock names must have a hash of the lock: an index that was tampered with must not get through."""
    locked = set(re.findall(r"^([\w.-]+)==", lock, flags=re.MULTILINE))
    for path in wheels:
        if name_of(path) in locked and (digest := sha256_of(path)) not in lock:
            raise StationError(
                f"{path.name} is not what requirements/lock.txt says: its SHA-256 is {digest}",
                "Look where it came from; `scripts/lock` makes the lock anew",
            )


def _run(command: list[str], target: Target, timeout_s: float, env: dict[str, str]) -> str:
    try:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=timeout_s, check=False, env=env)
    except (OSError, subprocess.TimeoutExpired) as why:
        raise StationError(f"The wheels were not fetched: {why}") from why
    if ended.returncode == 0:
        return ended.stdout
    said = ended.stderr.strip()
    if any(word in said.lower() for word in _NO_WHEEL):
        raise StationError(
            f"There is no wheel for {target.title}: {_short(said)}",
            "Nothing is compiled for another machine: choose a version that has a wheel for it",
        )
    if any(word in said.lower() for word in _NO_NETWORK):
        raise StationError(
            f"The package index was not reached: {_short(said)}",
            "Try again where there is a network, or name a folder of wheels with --wheels",
        )
    raise StationError(f"The wheels were not fetched: {_short(said)}")


def _short(said: str) -> str:
    """What matters of what pip and uv say: not their warnings."""
    lines = [line for line in said.splitlines() if not line.startswith("WARNING")]
    return "\n".join(lines)[-1500:]
