"""What an earlier rendering left on a host: the list that says which files may be removed again. Pure.

The list lies in /var/lib/station/rendered.json and is written last, after everything in it is there:

    {"version": 1, "files": {PATH: SHA-256 of the text, ...}, "enabled": [UNIT, ...]}

A file that is not in the list was not made by us and is never removed. One that is in it with another SHA-256 was
changed by hand since.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from station.errors import StationError
from station.hosts.rendering.files import HostFiles

PLACE = "/var/lib/station/rendered.json"
VERSION = 1


@dataclass(frozen=True)
class Memory:
    """Path to SHA-256, and the units that were enabled."""

    files: Mapping[str, str] = field(default_factory=dict)
    enabled: tuple[str, ...] = ()


def memory_of(wanted: HostFiles) -> Memory:
    """What there is to remember once everything wanted is there."""
    return Memory({path: digest(file.text.encode()) for path, file in wanted.files.items()}, wanted.enable)


def digest(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


def written(memory: Memory) -> str:
    """The text of the list."""
    said = {"version": VERSION, "files": dict(sorted(memory.files.items())), "enabled": sorted(memory.enabled)}
    return json.dumps(said, indent=1) + "\n"


def read(text: str) -> Memory:
    """The list that the text is. StationError when it is none, or a later version's."""
    try:
        said = json.loads(text)
        version, files, enabled = said["version"], said["files"], said["enabled"]
        if version != VERSION:
            raise StationError(
                f"{PLACE} cannot be read: it is of version {version}", "Use the station that wrote it, or a newer one"
            )
        return Memory({str(path): str(known) for path, known in files.items()}, tuple(str(unit) for unit in enabled))
    except (ValueError, KeyError, TypeError, AttributeError) as why:
        hint = "Move it away: nothing is removed from the host then, and `station plan` shows the rest"
        raise StationError(f"{PLACE} cannot be read: it is no list of rendered files", hint) from why
