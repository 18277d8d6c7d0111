"""What an app's environment has to hold: every package with its version and hashes, and the repository's own packages.

Works on a laptop and on a host. What it runs is uv alone, which may have to build the repository's packages to learn
what they need: on a host `run` is therefore a sandbox of the app's user.
"""

import re
import subprocess
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from station.errors import StationError
from station.fleet import Source

Run = Callable[[Sequence[str], Path, str], str]
"""Runs a command in a folder with a text as its input, and returns what it printed; StationError when it failed."""

SOLVE_S = 600.0
_QUIET = ("--quiet", "--no-header", "--no-annotate")
_PIN = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)(\[[^\]]*\])?\s*==\s*[^\s;\\,]+")


@dataclass(frozen=True)
class Requirements:
    """`text`: packages with versions and hashes, as pip and uv read them. `local`: folders below the code, each a
    package of the repository that is installed from there ("." for the whole)."""

    text: str
    local: tuple[str, ...]


@dataclass(frozen=True)
class Target:
    """The Python and the platform they are for, as uv names both (3.11, aarch64-manylinux_2_36); "" for this one."""

    python: str = ""
    platform: str = ""


def run_here(words: Sequence[str], folder: Path, text: str) -> str:
    """Run it as whoever we are."""
    try:
        ended = subprocess.run(
            words, cwd=folder, input=text, capture_output=True, text=True, timeout=SOLVE_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as why:
        raise StationError(f"{Path(words[0]).name} {words[1]} was not run: {why}") from why
    if ended.returncode != 0:
        raise StationError(f"{Path(words[0]).name} {' '.join(words[1:3])} failed: {ended.stderr.strip()[-2000:]}")
    return ended.stdout


def pinned(code: Path, source: Source, uv: Path, *, run: Run = run_here, target: Target | None = None) -> Requirements:
    """The requirements of the app whose repository lies in `code`, or of the package that `source` names.

    From the lock that `source` names, else from uv.lock, which must agree with pyproject.toml. A package, and a lock
    without hashes, is solved here, once; who keeps the text installs the same for ever. StationError, with what uv
    said, when there is no solution.
    """
    solver = _Solver(code, source, uv, run, target or Target())
    if source.package:
        return Requirements(solver.solve([source.package, *source.extra]), ())
    _must_lie_in(code, source.folder, source.lock)
    base = solver.from_lock() if source.lock else solver.from_uv_lock()
    if not source.extra:
        return base
    return Requirements(_added(base.text, solver.solve([*_pins(base.text), *source.extra])), base.local)


def is_uv_locked(code: Path, source: Source) -> bool:
    """Whether a uv.lock says what is installed: `uv sync` then does it."""
    return not source.package and not source.lock and _locked_at(code, source.folder) is not None


class _Solver:
    """Asks uv about one app."""

    def __init__(self, code: Path, source: Source, uv: Path, run: Run, target: Target) -> None:
        self._code, self._source, self._uv, self._run = code.resolve(), source, uv, run
        self._folder = self._code / source.folder
        self._target = [f"--python-version={target.python}"] if target.python else []
        self._target += [f"--python-platform={target.platform}"] if target.platform else []

    def solve(self, wanted: Sequence[str]) -> str:
        """These packages and what they need."""
        return self._compile("-", text="\n".join(wanted) + "\n")

    def from_uv_lock(self) -> Requirements:
        """What uv.lock has of this app. StationError when there is none, or it does not fit pyproject.toml."""
        root = _locked_at(self._code, self._source.folder)
        if root is None and _needs_nothing(self._folder, self._code):
            return Requirements("", (_name(self._source.folder),) * _is_package(self._folder))
        if root is None:
            raise StationError(
                f"It is not known which versions {self._source.git or self._code} needs: it has no uv.lock",
                "Commit one (`uv lock`), or name a file with pinned versions: source.lock = "
                f'"{_beside(self._folder, self._code) or "requirements.txt"}"',
            )
        uv = str(self._uv)
        self._run([uv, "lock", "--check", "--quiet"], self._folder, "")
        words = [uv, "export", "--frozen", "--no-dev", "--format=requirements.txt", *_QUIET]
        return self._parted(self._run(words, self._folder, ""), relative_to=root)

    def from_lock(self) -> Requirements:
        """What the named file has: for a project what it needs of that, else all of it."""
        path = self._code / self._source.lock
        if not path.is_file():
            raise StationError(f"There is no file {self._source.lock} in {self._source.git or self._code}")
        locked = blocks(path.read_text(encoding="utf-8"))
        if not _is_project(self._folder):
            return Requirements(self._hashed(locked, path), (_name(self._source.folder),) * _is_package(self._folder))
        wanted = self._compile("pyproject.toml", f"--constraints={path}", folder=self._folder)
        found = self._parted(wanted, relative_to=self._folder)
        needed = blocks(found.text)
        missing = sorted(set(needed) - set(locked))
        if missing:
            raise StationError(
                f"{self._source.lock} does not say which version of {', '.join(missing)} is meant, and it is needed",
                "Make the lock anew and commit it",
            )
        chosen = {name: locked[name] for name in needed}
        itself = (_name(self._source.folder),) if _is_package(self._folder) else ()
        return Requirements(self._hashed(chosen, path), tuple(dict.fromkeys([*found.local, *itself])))

    def _hashed(self, chosen: Mapping[str, str], path: Path) -> str:
        """The lines of the lock; when it pins no hashes, it is solved once, with what the index has today."""
        if chosen and all("--hash=" in block and _PIN.match(block) for block in chosen.values()):
            return "".join(chosen.values())
        return self._compile(str(path))

    def _compile(self, what: str, *options: str, folder: Path | None = None, text: str = "") -> str:
        words = [str(self._uv), "pip", "compile", *_QUIET, "--generate-hashes", *self._target, *options, what]
        return self._run(words, folder or self._code, text)

    def _parted(self, text: str, *, relative_to: Path) -> Requirements:
        """The index's packages on one side, the repository's own on the other."""
        own, others = [], []
        for line in text.splitlines(keepends=True):
            place = _place(line, relative_to)
            if place is None:
                others.append(line)
            elif place.is_relative_to(self._code):
                own.append(_name(str(place.relative_to(self._code))))
            else:
                raise StationError(f"{line.strip()} is not part of the repository, so a release can not have it")
        return Requirements("".join(others), tuple(own))


def _locked_at(code: Path, folder: str) -> Path | None:
    """The folder with the uv.lock that is for the app's folder: its own, or that of the workspace it belongs to."""
    own = code / folder
    return next((at for at in (own, *own.parents) if at.is_relative_to(code) and (at / "uv.lock").is_file()), None)


def blocks(text: str) -> dict[str, str]:
    """The lines of each package in a requirements text, by its name as indexes write it. Options are left out.

    One package may have several blocks, each with a marker: another version for another Python.
    """
    found: dict[str, str] = {}
    for block in each_block(text):
        name = re.sub(r"[-_.]+", "-", re.split(r"[^A-Za-z0-9._-]", block, maxsplit=1)[0]).lower()
        found[name] = found.get(name, "") + block
    return found


def each_block(text: str) -> Iterator[str]:
    """The same one by one, as they come."""
    return (block for block in _blocks(text) if re.match(r"[A-Za-z0-9]", block))


def _blocks(text: str) -> Iterator[str]:
    block = ""
    for line in text.splitlines():
        if not block and (not line.strip() or line.lstrip().startswith("#")):
            continue
        block += f"{line}\n"
        if not line.rstrip().endswith("\\"):
            yield block
            block = ""
    if block:
        yield block


def _pins(text: str) -> Iterator[str]:
    """`name==version ; marker` of each block, without hashes."""
    for block in each_block(text):
        yield block.splitlines()[0].rstrip(" \\")


def _added(base: str, more: str) -> str:
    """The base, and what only `more` has."""
    known = blocks(base)
    return base + "".join(block for name, block in blocks(more).items() if name not in known)


def _place(line: str, folder: Path) -> Path | None:
    """The folder that a line names as a package of the repository; None for a package of the index."""
    named = line.strip().removeprefix("-e ").strip()
    if named.startswith("file:"):
        return Path(unquote(urlsplit(named).path)).resolve()
    if " @ file:" in named:
        return Path(unquote(urlsplit(named.split(" @ ", 1)[1]).path)).resolve()
    if line.startswith("-e ") or named.startswith("."):
        return (folder / named.split(" ;")[0]).resolve()
    return None


def _name(folder: str) -> str:
    return folder or "."


def _project(folder: Path) -> dict[str, object]:
    try:
        return tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _is_project(folder: Path) -> bool:
    """Whether its needs stand in a pyproject.toml."""
    return "project" in _project(folder)


def _is_package(folder: Path) -> bool:
    """Whether the folder itself is installed, and not only what it needs."""
    return "build-system" in _project(folder) or (folder / "setup.py").is_file()


def _needs_nothing(folder: Path, code: Path) -> bool:
    """Whether it gets by with Python alone: nothing says that it needs more."""
    project = _project(folder).get("project")
    if isinstance(project, dict):
        return not project.get("dependencies") and "dependencies" not in project.get("dynamic", ())
    return not (folder / "setup.py").is_file() and not _beside(folder, code)


def _must_lie_in(code: Path, *names: str) -> None:
    for name in names:
        if not (code / name).resolve().is_relative_to(code.resolve()):
            raise StationError(f"{name} leads out of the repository")


def _beside(folder: Path, code: Path) -> str:
    """A file with requirements that the repository has."""
    known = [*sorted(folder.glob("requirements*.txt")), *sorted(code.glob("requirements*.txt"))]
    return str(known[0].relative_to(code)) if known else ""
