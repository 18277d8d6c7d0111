"""Somebody has to look: a line in alerts.jsonl, an event of the host, and an error in the journal.

The file is also the memory: who is told of the same thing again and again stops reading, so that repetitions within
an hour are written down and not told. The first one after that hour is told, with the number of those between.
"""

import fcntl
import json
import sys
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from station.clock import from_text, to_text
from station.fleet import HostPaths
from station.fleet.diary import note_event
from station.fleet.here import name_here

FOLDED_WITHIN = timedelta(hours=1)
_TAIL_BYTES = 256 * 1024  # some 500 alerts
_ERROR = "<3>"  # how systemd takes a line's priority from what a unit prints


@dataclass(frozen=True)
class Alert:
    """What somebody was told. `told` False: a repetition, folded into an earlier one. `to_do` and `unit` may be ""."""

    at: datetime
    about: str
    text: str
    to_do: str
    unit: str
    told: bool

    @property
    def sameness(self) -> tuple[str, str]:
        """Two alerts about one thing that name one unit are the same, whatever their texts say."""
        return self.about, self.unit or self.text


def alert(paths: HostPaths, about: str, text: str, now: datetime, *, to_do: str = "", unit: str = "") -> None:
    """Tell it, unless the same was told within the last hour. Never raises: a full disk must not hide the rest.

    `about`: an app, or the name of the host. `text`: what is wrong and why, in one or more lines, without a secret.
    """
    wanted = Alert(now, about, text.strip(), to_do, unit, told=True)
    folded: int | None = 0
    with suppress(OSError):
        folded = _write_down(alerts_file(paths), wanted)
    if folded is None:
        return
    more = f" ({folded} more since it was told last)" if folded else ""
    _tell_host(paths, wanted, more)
    lines = [*f"{about}: {wanted.text}{more}".splitlines(), *([f"What to do: {to_do}"] if to_do else [])]
    with suppress(OSError):
        sys.stderr.write("".join(f"{_ERROR}{line}\n" for line in lines))
        sys.stderr.flush()


def alerts_file(paths: HostPaths) -> Path:
    return paths.logs / "alerts.jsonl"


def recent_alerts(paths: HostPaths, *, limit: int = 50) -> list[Alert]:
    """The newest ones, newest first. Lines that cannot be read are left out; a file that cannot be, has none."""
    try:
        with alerts_file(paths).open("rb") as stream:
            return _tail(stream)[::-1][:limit]
    except OSError:
        return []


def _write_down(file: Path, wanted: Alert) -> int | None:
    """Append it. How many were folded since the last one that was told; None when this one is folded too."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("ab+") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)  # two units may fail at once
        same = [one for one in _tail(stream) if one.sameness == wanted.sameness]
        told_at = max((one.at for one in same if one.told), default=None)
        is_folded = told_at is not None and timedelta() <= wanted.at - told_at < FOLDED_WITHIN
        line = {"at": to_text(wanted.at), "about": wanted.about, "unit": wanted.unit, "text": wanted.text}
        line_end = {"to_do": wanted.to_do, "told": not is_folded}
        stream.write(json.dumps(line | line_end).encode() + b"\n")
    if is_folded:
        return None
    return sum(not one.told and told_at is not None and one.at >= told_at for one in same)


def _tail(stream: BinaryIO) -> list[Alert]:
    stream.seek(max(0, stream.seek(0, 2) - _TAIL_BYTES))
    return [found for line in stream.read().splitlines() if (found := _alert(line)) is not None]


def _alert(line: bytes) -> Alert | None:
    try:
        said = json.loads(line)
        told = {name: str(said[name]) for name in ("about", "text", "to_do", "unit")}
        return Alert(at=from_text(said["at"]), told=bool(said["told"]), **told)
    except (ValueError, KeyError, TypeError):
        return None


def _tell_host(paths: HostPaths, wanted: Alert, more: str) -> None:
    """The host's diary, which `station status` and the page show; one sentence, so the log lines are left out."""
    host = _name(paths)
    first = wanted.text.partition("\n")[0] + more
    app = "" if wanted.about == host else wanted.about
    note_event(paths, wanted.at, host, "alert", first, app=app)


def _name(paths: HostPaths) -> str:
    """The host's name in the fleet: a machine has it in a file, a folder host is called like its folder."""
    return name_here(paths.root) or paths.root.name
