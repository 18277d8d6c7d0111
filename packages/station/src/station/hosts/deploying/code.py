"""The code of a release: unpacked as the app's user, and what somebody changed in it since.

The folder of an app's code is its user's and its developers'. Root therefore writes nothing there, follows no link
there, and removes only below a folder that it holds open.
"""

import hashlib
import json
import os
import shutil
import stat
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from station.durable import durable_write
from station.errors import StationError
from station.fleet import Host
from station.hosts.deploying.release import Release, code_of, records
from station.hosts.rendering.place import Place

UNPACK_S = 300.0
_MADE_BY_RUNNING = ("__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache")
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


@dataclass(frozen=True)
class Edited:
    """What differs from the commit: paths in the release."""

    changed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    added: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.changed or self.missing or self.added)

    @property
    def words(self) -> str:
        parts = {"changed": self.changed, "missing": self.missing, "new": self.added}
        return "; ".join(f"{how}: {_some(paths)}" for how, paths in parts.items() if paths)


def unpack(place: Place, packed: Path | None, release_id: str) -> int:
    """Unpack a commit's tar file to where the release's code is: the number of its files. A package has none."""
    folder = code_of(place.host, place.app.name, release_id)
    as_user(place, ["mkdir", "-p", "--", str(folder)], "The folder of the release was not made")
    if packed is None:
        return 0
    with packed.open("rb") as stream:
        command = ["tar", "-x", "-f", "-", "--no-same-owner", "--no-same-permissions", "-C", str(folder)]
        as_user(place, command, "The code was not unpacked", stream.fileno())
    return sum(1 for _ in _there(folder))


def remember(host: Host, app: str, release_id: str) -> None:
    """Write down what the release's code is, after its packages were built: what differs later was edited."""
    folder = code_of(host, app, release_id)
    known = {path: _mark(folder, path) for path in _there(folder)}
    durable_write(records(host, app) / f"{release_id}.files", json.dumps(known, indent=0).encode() + b"\n")


def edited(host: Host, release: Release) -> Edited | None:
    """What somebody changed in the release's code since it was made; None when it is not known what it was."""
    try:
        listing = records(host, release.app) / f"{release.id}.files"
        known: Mapping[str, str] = json.loads(listing.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    there = set(_there(release.code))
    return Edited(
        changed=tuple(sorted(path for path in known.keys() & there if known[path] != _mark(release.code, path))),
        missing=tuple(sorted(known.keys() - there)),
        added=tuple(sorted(there - known.keys())),
    )


def as_user(place: Place, command: list[str], what_failed: str, source: int = subprocess.DEVNULL) -> None:
    """Run a program of the machine's as the app's user, so that a folder of its own can lead it nowhere else."""
    account = place.app.account
    environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
    try:
        ended = subprocess.run(
            command,
            stdin=source,
            capture_output=True,
            text=True,
            errors="replace",
            user=account,
            group=account,
            extra_groups=[],
            umask=0o002,
            env=environment,
            cwd="/",
            timeout=UNPACK_S,
            check=False,
        )
    except (OSError, ValueError, KeyError, LookupError, subprocess.TimeoutExpired) as why:
        raise StationError(f"{what_failed}: {why}") from why
    if ended.returncode != 0:
        raise StationError(f"{what_failed}: {ended.stderr.strip()[-1000:]}")


def remove_below(parent: Path, folder: str, name: str) -> None:
    """Remove `parent/folder/name` with all that is in it. No link on the way, or in it, leads elsewhere.

    StationError when the folder is not what it should be.
    """
    with ExitStack() as opened:
        try:
            top = os.open(parent, _FOLDER)
            opened.callback(os.close, top)
            inner = os.open(folder, _FOLDER, dir_fd=top)
            opened.callback(os.close, inner)
            with suppress(FileNotFoundError):
                if stat.S_ISLNK(os.lstat(name, dir_fd=inner).st_mode):
                    os.unlink(name, dir_fd=inner)
                else:
                    shutil.rmtree(name, dir_fd=inner)
        except OSError as why:
            raise StationError(f"{parent / folder / name} was not removed: {why.strerror}", "Look whose it is") from why


def _there(code: Path) -> Iterator[str]:
    """The files and links of a release, without what comes of running it."""
    for folder, inner, names in os.walk(code):
        inner[:] = [name for name in inner if name not in _MADE_BY_RUNNING]
        links = [name for name in inner if Path(folder, name).is_symlink()]
        for name in [*names, *links]:
            if not name.endswith(".pyc"):
                yield str(Path(folder, name).relative_to(code))


def _mark(code: Path, path: str) -> str:
    file = code / path
    try:
        if file.is_symlink():
            return f"link {file.readlink()}"
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as stream:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return "no file"
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return "unreadable"


def _some(paths: tuple[str, ...]) -> str:
    return ", ".join(paths[:5]) + (f" and {len(paths) - 5} more" if len(paths) > 5 else "")
