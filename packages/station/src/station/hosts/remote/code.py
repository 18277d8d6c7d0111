"""The code of an app as it is deployed, fetched from where its manifest says; by git, with this person's rights."""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from station.errors import StationError
from station.fleet import Source

GIT_S = 1800.0


@dataclass(frozen=True)
class Code:
    """What was fetched: the commit ("" for a package), its files as `tar`, and the same unpacked in `folder`."""

    commit: str
    tar: Path | None
    folder: Path


def fetch_code(source: Source, beside: Path, scratch: Path, warn: Callable[[str], None]) -> Code:
    """The newest commit of the source's branch. `beside`: where an address that is a path starts.

    StationError when the repository is not reached, or has no such branch.
    """
    folder = scratch / "code"
    folder.mkdir(parents=True)
    if source.package:
        return Code("", None, folder)
    local = beside / source.git
    address = str(local.resolve()) if local.exists() else source.git
    if (local / ".git").exists() and _git(["-C", address, "status", "--porcelain"]).strip():
        warn(f"warning: {address} holds changes that are not committed; they are not taken along")
    repository = scratch / "repository"
    _git(["clone", "--quiet", "--bare", "--single-branch", "--branch", source.branch, "--", address, str(repository)])
    commit = _git(["-C", str(repository), "rev-parse", "HEAD"]).strip()
    tar = scratch / "code.tar"
    _git(["-C", str(repository), "archive", "--format=tar", f"--output={tar}", commit])
    subprocess.run(["tar", "-x", "-f", tar, "-C", folder], check=True)
    return Code(commit, tar, folder)


def _git(words: list[str]) -> str:
    try:
        ended = subprocess.run(["git", *words], capture_output=True, text=True, timeout=GIT_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as why:
        raise StationError(f"The code was not fetched: {why}", "Install git, or try again") from why
    if ended.returncode != 0:
        raise StationError(
            f"The code was not fetched: {ended.stderr.strip()[-1000:]}",
            "Look at [source] of the app's manifest, and whether `git clone` of it works here",
        )
    return ended.stdout
