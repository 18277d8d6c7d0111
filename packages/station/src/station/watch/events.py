"""What happened lately: the end of each host's `events.jsonl`, merged, newest first."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from station.clock import from_text

TAIL_BYTES = 128 * 1024  # some 700 events; a longer history is a matter for the file itself


@dataclass(frozen=True)
class Event:
    at: datetime
    host: str
    app: str
    event: str
    text: str


def recent_events(files: Iterable[Path], limit: int) -> list[Event]:
    """The newest events of all files, newest first. A missing file has none; a torn line is left out."""
    events = [event for file in files for event in _tail(file)]
    return sorted(events, key=lambda event: event.at, reverse=True)[:limit]


def _tail(file: Path) -> list[Event]:
    try:
        with file.open("rb") as stream:
            stream.seek(max(0, stream.seek(0, 2) - TAIL_BYTES))
            lines = stream.read().splitlines()
    except OSError:
        return []
    return [event for line in lines if (event := _event(line)) is not None]


def _event(line: bytes) -> Event | None:
    try:
        said = json.loads(line)
        return Event(
            at=from_text(said["at"]),
            host=str(said["host"]),
            app=str(said.get("app") or ""),
            event=str(said["event"]),
            text=str(said.get("text") or ""),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
