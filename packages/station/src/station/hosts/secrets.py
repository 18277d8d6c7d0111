"""Secrets that are made once for the fleet and lie on every host of the app as files that only its user can read."""

import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path

from station.durable import write_private
from station.errors import StationError


def ensure_secrets(folders: Iterable[Path], wanted: Mapping[str, str]) -> None:
    """Put every wanted secret into every folder: the one that is there already, or a new one for all of them.

    `wanted` says how each is made; `generate` is the only way so far.
    """
    places = list(folders)
    for folder in places:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
    for name, how in wanted.items():
        if how != "generate":
            raise StationError(f"The secret {name} cannot be made: {how!r} is no way to make one", "Write `generate`")
        known = next((found for folder in places if (found := read_secret(folder, name))), None)
        value = known or secrets.token_urlsafe(18)
        for folder in places:
            if read_secret(folder, name) != value:
                write_private(folder / name, value + "\n")


def read_secret(folder: Path, name: str) -> str | None:
    """The secret, or None when it is not there."""
    try:
        return (folder / name).read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None
