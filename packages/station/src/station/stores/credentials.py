"""The env files and credential folders that a service in the network is entered with. Their values are never shown."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from station.errors import StoreError
from station.stores.secretfile import BY_SYSTEMD, OWNER_ONLY, read_secrets

LINE = re.compile(r"(?:export\s+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s*=\s*(?P<value>.*?)\s*")
PLAIN = re.compile(r"[!-~]+")


@dataclass(frozen=True)
class Wanted:
    """The names that must be there, those that may be, and what an error says of how they are had."""

    names: Sequence[str]
    optional: Sequence[str]
    hint: str
    renew: str


def read_values(path: Path, wanted: Wanted) -> dict[str, str]:
    """What an env file (0600) says, or a folder with one file for each name, as systemd hands them over.

    Optional names that are missing or empty are left out. StoreError when something else is missing, cannot be right,
    or others can read it.
    """
    values = _of_folder(path, wanted) if path.is_dir() else _of_file(path, wanted)
    missing = [name for name in wanted.names if not values.get(name)]
    if missing:
        raise StoreError(f"The credentials in {path} are not complete: {', '.join(missing)} missing", wanted.hint)
    found = {name: values[name] for name in (*wanted.names, *wanted.optional) if values.get(name)}
    for name in wanted.names:
        if not PLAIN.fullmatch(found[name]):
            raise StoreError(
                f"{name} in {path} cannot be right: it holds blanks or characters beyond ASCII", wanted.hint
            )
    return found


def _of_file(path: Path, wanted: Wanted) -> dict[str, str]:
    lines = _text(path, OWNER_ONLY, wanted).splitlines()
    found = [LINE.fullmatch(line.strip()) for line in lines if not line.strip().startswith("#")]
    return {one["name"]: _unquoted(one["value"]) for one in found if one}


def _of_folder(path: Path, wanted: Wanted) -> dict[str, str]:
    files = {name: path / name for name in (*wanted.names, *wanted.optional)}
    return {name: _text(file, BY_SYSTEMD, wanted).strip() for name, file in files.items() if file.exists()}


def _text(path: Path, forbidden: int, wanted: Wanted) -> str:
    return read_secrets(path, "The credentials", wanted.hint, forbidden=forbidden, renew=wanted.renew)


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'" else value
