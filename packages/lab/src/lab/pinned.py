"""Wheels of a list of requirements with hashes, for hosts that have no way to a package index."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from lab.cache import cache_folder, held, key_of
from lab.commands import run
from lab.laboratory import WHEELS
from lab.wheelhouse import DOWNLOAD_S, HOSTS_PYTHON


@contextmanager
def pinned_wheels(
    workspace: Path,
    requirements: Path,
    *,
    env: Mapping[str, str] = os.environ,
    tell: Callable[[str], None] = print,
) -> Iterator[str]:
    """The folder, as a host sees it, with a wheel for each line of `requirements`. Fetched once for each state."""

    def fetch(folder: Path) -> None:
        tell(f"fetching the wheels of {requirements.name} (once for each state of it)")
        options = ["--quiet", "--only-binary=:all:", "--python-version", HOSTS_PYTHON, "--no-deps", "--require-hashes"]
        pip = [workspace / ".tools/bin/python", "-m", "pip", "--disable-pip-version-check"]
        run([*pip, "download", *options, "--dest", folder, "-r", requirements], timeout_s=DOWNLOAD_S)

    with held(cache_folder(env) / "wheels" / "pinned", key_of(requirements.read_text()), fetch) as there:
        yield f"{WHEELS}/pinned/{there.name}"
