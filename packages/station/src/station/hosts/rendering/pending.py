"""What an apply set out to do, noted before it changes the first thing, so that the next one finishes what was cut.

It lies in /var/lib/station/apply.json and is removed last. Its files are ours, though the list of rendered files does
not have them yet; its units still run as they were before their files changed. Pure.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from station.errors import StationError

PLACE = "/var/lib/station/apply.json"


@dataclass(frozen=True)
class Pending:
    """Path to SHA-256 of what is written, and running units, with their invocation, that have to be restarted."""

    files: Mapping[str, str] = field(default_factory=dict)
    restart: Mapping[str, str] = field(default_factory=dict)


def written(pending: Pending) -> str:
    return json.dumps(asdict(pending)) + "\n"


def read(text: str) -> Pending:
    """StationError when the text is no such note."""
    try:
        said = json.loads(text)
        return Pending(dict(said["files"]), dict(said["restart"]))
    except (ValueError, KeyError, TypeError) as why:
        hint = "Move it away, and restart by hand the services whose files were changed"
        raise StationError(f"{PLACE} cannot be read: it is no note of an apply", hint) from why
