"""What is built once and used by every run, outside the checkout: whole or not there at all."""

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

KEPT = 2  # of each kind: the one in use and the one before, for a branch and its parent


def cache_folder(env: Mapping[str, str]) -> Path:
    """Where the lab keeps what it built: STATION_LAB_CACHE, or `control-station/lab` in the user's cache."""
    if chosen := env.get("STATION_LAB_CACHE"):
        return Path(chosen).absolute()
    base = env.get("XDG_CACHE_HOME") or str(Path(env.get("HOME") or "/tmp") / ".cache")
    return Path(base) / "control-station" / "lab"


def key_of(*parts: str | bytes) -> str:
    """A short name for what these parts, in this order, are."""
    digest = hashlib.sha256()
    for part in parts:
        octets = part.encode() if isinstance(part, str) else part
        digest.update(len(octets).to_bytes(8, "big") + octets)
    return digest.hexdigest()[:16]


@contextmanager
def held(kind: Path, key: str, build: Callable[[Path], None]) -> Iterator[Path]:
    """The folder `kind/key`, built first if it is not there, and kept from being cleared away while it is held.

    One process builds, others wait for it. A build that fails or is killed leaves nothing that is taken for whole.
    """
    kind.mkdir(parents=True, exist_ok=True)
    with (kind / f"{key}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        while not (kind / key).is_dir():  # again: between two kinds of lock there is none, and others may clear it
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (kind / key).is_dir():
                _build(kind, key, build)
            fcntl.flock(lock, fcntl.LOCK_SH)
        os.utime(kind / key)
        _clear_old(kind)
        yield kind / key


def _build(kind: Path, key: str, build: Callable[[Path], None]) -> None:
    for left in kind.glob(f"{key}.part-*"):
        shutil.rmtree(left)
    part = Path(tempfile.mkdtemp(prefix=f"{key}.part-", dir=kind))
    part.chmod(0o755)
    try:
        build(part)
        part.rename(kind / key)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _clear_old(kind: Path) -> None:
    """Remove all but the newest folders, and never one that a run holds."""
    used_at = {}
    for path in kind.iterdir():
        with suppress(FileNotFoundError):  # another run cleared it since we looked
            if path.is_dir() and ".part-" not in path.name:
                used_at[path] = path.stat().st_mtime
    for old in sorted(used_at, key=lambda path: used_at[path], reverse=True)[KEPT:]:
        with (kind / f"{old.name}.lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            doomed = kind / f"{old.name}.part-old"  # renamed first: half a folder is never taken for whole
            shutil.rmtree(doomed, ignore_errors=True)  # a run that was killed at this may have left it
            with suppress(FileNotFoundError):
                old.rename(doomed)
                shutil.rmtree(doomed)
