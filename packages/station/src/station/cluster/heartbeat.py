"""What an agent tells of itself: run/status.json once a second, and one line per event in var/log/events.jsonl."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from station.clock import Clock, to_text
from station.cluster.files import read_json, write_json
from station.cluster.lease import Holding
from station.fleet import Host
from station.fleet.diary import note_event

_THERMAL = Path("/sys/class/thermal/thermal_zone0/temp")


class Events:
    """The host's diary. An event is told in one sentence; a disk that is full does not stop the agent."""

    def __init__(self, host: Host, now: Clock) -> None:
        self._host = host.name
        self._paths = host.paths
        self._now = now

    def tell(self, app: str, event: str, text: str) -> None:
        note_event(self._paths, self._now(), self._host, event, text, app=app)


class Heartbeat:
    """Writes the status file; what `latest` returns was written last and may be read from any thread."""

    def __init__(self, host: Host, started_at: datetime) -> None:
        self._host = host
        self._started_at = started_at
        self.latest: dict[str, Any] = {}

    def beat(self, apps: dict[str, Any], now: datetime) -> None:
        self.latest = {
            "host": self._host.name,
            "at": to_text(now),
            "pid": os.getpid(),
            "started_at": to_text(self._started_at),
            "apps": apps,
            "machine": machine(self._host.folder),
        }
        write_json(self._host.paths.status_file, self.latest, durable=False)


def machine(folder: Path) -> dict[str, Any]:
    """How the machine is: load since the last call, memory, and the disk that the host's folder is on."""
    disk = psutil.disk_usage(str(folder))
    return {
        "cpu_percent": psutil.cpu_percent(interval=None),
        "memory_percent": psutil.virtual_memory().percent,
        "disk_free_bytes": disk.free,
        "disk_total_bytes": disk.total,
        "temperature_c": _temperature_c(),
    }


def database_status(report_file: Path) -> dict[str, Any]:
    """What the loop that looks after a database reported last, and how its file is now."""
    report = read_json(report_file) or {}
    size, written_at = _file_status(Path(report["file"])) if report.get("file") else (0, None)
    return {
        "bytes": size,
        "written_at": to_text(written_at) if written_at else None,
        "point": report.get("point"),
        "checked_at": report.get("checked_at"),
        "proved_at": report.get("proved_at"),
        "error": report.get("error"),
        "took_s": report.get("took_s"),
        "stores": report.get("stores") or {},
    }


def lease_fields(holding: Holding | None) -> dict[str, Any] | None:
    """Who is primary, as the status tells it. None: nobody, or not known yet."""
    if holding is None:
        return None
    return {
        "epoch": holding.epoch,
        "holder": holding.holder,
        "taken_at": to_text(holding.taken_at),
        "reason": holding.reason,
    }


def divergence_status(state: Path) -> list[dict[str, Any]]:
    """The divergences that wait on this host for somebody to look at them."""
    found = []
    for record in sorted((state / "divergence").glob("*.json")):
        fields = read_json(record)
        if fields is not None:
            found.append(fields | {"file": str(record)})
    return found


def _temperature_c() -> float | None:
    try:
        return int(_THERMAL.read_text()) / 1000
    except (OSError, ValueError):
        return None


def _file_status(database: Path) -> tuple[int, datetime | None]:
    """The size of the database's file, and when it or its log was last written."""
    size, written_s = 0, 0.0
    for suffix in ("", "-wal"):
        try:
            found = database.with_name(database.name + suffix).stat()
        except FileNotFoundError:
            continue
        size = size if suffix else found.st_size
        written_s = max(written_s, found.st_mtime)
    return size, datetime.fromtimestamp(written_s, UTC) if written_s else None
