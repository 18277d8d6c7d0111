"""What was deployed, when, by whom and how it ended: one JSON line at the beginning and one at the end of each."""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from station.clock import from_text, to_text
from station.durable import sync_folder
from station.fleet import Host

DONE = "done"
FAILED = "failed"
CUT = "cut"  # begun, and never heard of again


@dataclass(frozen=True)
class Entry:
    """A deploy or a rollback. `result`: done, failed, or cut; `before` is "" when nothing ran before.

    `point_at`: when the restore point was taken that has the databases as they were before; None when there is none.
    """

    app: str
    kind: str
    at: datetime
    who: str
    before: str
    to: str
    commit: str = ""
    took_s: float | None = None
    result: str = CUT
    reason: str = ""
    point_at: datetime | None = None


def file_of(host: Host, app: str) -> Path:
    return host.paths.state(app) / "deploys.jsonl"


def write_down(host: Host, entry: Entry) -> None:
    """At the end of the history, durably. The line of an end takes the place of that of its beginning."""
    file = file_of(host, entry.app)
    file.parent.mkdir(parents=True, exist_ok=True)
    is_new = not file.exists()
    with file.open("ab") as stream:
        # a line that a power cut tore stays alone on its line
        torn = not is_new and stream.tell() and not _ends_well(file)
        times = {"at": to_text(entry.at), "point_at": to_text(entry.point_at) if entry.point_at else None}
        stream.write(b"\n" * bool(torn) + json.dumps(asdict(entry) | times).encode() + b"\n")
        stream.flush()
        os.fsync(stream.fileno())
    if is_new:
        sync_folder(file.parent)


def history(host: Host, app: str) -> list[Entry]:
    """Every deploy of the app on this host, the newest first."""
    found: dict[tuple[datetime, str], Entry] = {}
    for entry in _entries(file_of(host, app)):
        found[(entry.at, entry.to)] = entry
    return list(reversed(found.values()))


def ran_before(entries: list[Entry], current: str) -> Iterator[str]:
    """The releases that ran before the current one, that which ran last first, each once."""
    named = []
    for entry in entries:
        named += [entry.to, entry.before] if entry.result == DONE else [entry.before]
    yield from dict.fromkeys(name for name in named if name and name != current)


def ended(entry: Entry, result: str, took_s: float, reason: str = "") -> Entry:
    return replace(entry, result=result, took_s=round(took_s, 3), reason=reason)


def _ends_well(file: Path) -> bool:
    with file.open("rb") as stream:
        stream.seek(-1, os.SEEK_END)
        return stream.read(1) == b"\n"


def _entries(file: Path) -> Iterator[Entry]:
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return
    for line in lines:
        try:
            told = json.loads(line)
            point_at = from_text(told["point_at"]) if told.get("point_at") else None
            yield Entry(**(told | {"at": from_text(told["at"]), "point_at": point_at}))
        except (AttributeError, KeyError, TypeError, ValueError):  # torn, or of another version
            continue
