"""The diary of a host: what happened on it, one JSON line each, for `station status` and the page."""

import json
from contextlib import suppress
from datetime import datetime

from station.clock import to_text
from station.fleet.paths import HostPaths


def note_event(paths: HostPaths, at: datetime, host: str, event: str, text: str, *, app: str = "") -> None:
    """Add what happened, in one sentence; `app` "" when it is about the host. A disk that is full stops nothing."""
    line = {"at": to_text(at), "host": host, "app": app, "event": event, "text": text}
    with suppress(OSError):
        paths.events.parent.mkdir(parents=True, exist_ok=True)
        with paths.events.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(line) + "\n")
