"""Wheels for hosts that have no way to a package index: the locked ones, the workspace's own, and what was asked."""

import hashlib
import os
import re
import shutil
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from lab.cache import cache_folder, held, key_of
from lab.commands import run
from lab.errors import LabError
from lab.laboratory import WHEELS

HOSTS_PYTHON = "3.11"  # of Debian bookworm
DOWNLOAD_S = 600.0
BUILT_WITH = ("hatchling>=1.27", "editables~=0.3")  # what builds the workspace's own packages, inside a host too
VERSION = "1"


@contextmanager
def wheelhouse(
    workspace: Path,
    *,
    more: Sequence[str] = (),
    env: Mapping[str, str] = os.environ,
    tell: Callable[[str], None] = print,
) -> Iterator[str]:
    """The folder, as a host sees it, for `pip install --no-index --find-links`. `more`: what the lock does not hold."""
    cache = cache_folder(env) / "wheels"
    locks = [(workspace / "requirements" / name).read_text() for name in ("lock.txt", "uv.txt")]
    members = _shipped_members(workspace)
    wanted = sorted({need for member in members for need in _needs(member) if need not in {m.name for m in members}})
    key = key_of(VERSION, *locks, *wanted, *BUILT_WITH, *more)

    def fetch(folder: Path) -> None:
        tell("fetching wheels for the hosts (once for each state of the lock)")
        _download(workspace, folder, [*wanted, *BUILT_WITH, "uv", *more], "\n".join(locks))

    with held(cache / "fetched", key, fetch) as fetched:

        def build(folder: Path) -> None:
            for wheel in fetched.iterdir():
                shutil.copy2(wheel, folder / wheel.name)
            for member in members:
                options = ["--quiet", "--wheel", "--no-index", "--find-links", fetched, "--out-dir", folder]
                run([workspace / ".tools/bin/uv", "build", *options, member], timeout_s=DOWNLOAD_S)

        sources = [part for member in members for part in _content(member)]
        with held(cache / "whole", key_of(key, *sources), build) as whole:
            yield f"{WHEELS}/whole/{whole.name}"


def _download(workspace: Path, folder: Path, wanted: Sequence[str], locks: str) -> None:
    """Fetch wheels at the locked versions, and hold each against the lock's hashes."""
    pins = dict(re.findall(r"^([\w.-]+)==([^ ;\\]+)", _for_hosts(locks), flags=re.MULTILINE))
    constraints = folder / "constraints.txt"
    constraints.write_text("".join(f"{name}=={version}\n" for name, version in pins.items()))
    options = ["--quiet", "--only-binary=:all:", "--python-version", HOSTS_PYTHON, "--constraint", constraints]
    pip = [workspace / ".tools/bin/python", "-m", "pip", "--disable-pip-version-check"]
    run([*pip, "download", *options, "--dest", folder, *wanted], timeout_s=DOWNLOAD_S)
    constraints.unlink()
    for wheel in folder.iterdir():
        name = wheel.name.split("-")[0].replace("_", "-").lower()
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        if name in pins and digest not in locks:
            raise LabError(f"{wheel.name} is not what the lock says: its SHA-256 is {digest}")


def _for_hosts(locks: str) -> str:
    """The lock without the lines that are for a later Python than the hosts have."""
    return "\n".join(line for line in locks.splitlines() if "python_full_version >= '3.12'" not in line)


def _shipped_members(workspace: Path) -> list[Path]:
    """The folders of the members that the workspace ships, not those that only its tests use."""
    shipped = tomllib.loads((workspace / "pyproject.toml").read_text())["project"]["dependencies"]
    return [found for name in shipped for kind in ("packages", "apps") if (found := workspace / kind / name).is_dir()]


def _needs(member: Path) -> list[str]:
    return list(tomllib.loads((member / "pyproject.toml").read_text())["project"].get("dependencies", []))


def _content(member: Path) -> Iterator[str | bytes]:
    for path in sorted([member / "pyproject.toml", *(member / "src").rglob("*")]):
        if path.is_file() and "__pycache__" not in path.parts:
            yield str(path.relative_to(member))
            yield path.read_bytes()
