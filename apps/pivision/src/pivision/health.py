"""GET /health and the metrics: how the appliance does, for whoever watches it."""

import ctypes
import os
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pivision import pulse
from pivision.datafolder import DataFolder
from pivision.ingest.limits import Limits
from pivision.ingest.meter import BOUNDS_S, Histogram, Sum
from pivision.ingest.writer import Writer
from pivision.moments import moment_of
from pivision.queue import Waiting
from station_kit.health import Check, CheckFailed, HealthAnswer, answer, database_check
from station_kit.sqlitefile import open_database

WRITER_SILENT_S = 30.0
_UNSYNCHRONISED = 5  # TIME_ERROR of adjtimex(2)
_TIMEX_BYTES = 512  # more than any struct timex has


@dataclass(frozen=True)
class Watched:
    """What the checks look at."""

    database: Path
    folder: DataFolder
    limits: Limits
    writer: Writer
    version: str


def health(watched: Watched, now: datetime) -> tuple[HealthAnswer, int]:
    """The answer and its status; what only tells, and fails nothing, is under `details`."""
    checks: dict[str, Check] = {
        "database": database_check(watched.database, "pivision.schema"),
        "folders": lambda: _folders(watched.folder),
        "disk": lambda: _disk(watched.folder.root, watched.limits.free_bytes),
        "writer": lambda: _writer(watched.writer),
    }
    body, status = answer(checks, version=watched.version, now=now)
    parts = _parts(watched.database, watched.folder, now)
    return {**body, "details": {"parts": parts, "clock_synchronised": clock_synchronised()}}, status


def clock_synchronised() -> bool:
    """What the kernel says of its clock; a board without one of its own starts in the past."""
    return ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES)) not in (-1, _UNSYNCHRONISED)


def metrics(
    requests: tuple[Mapping[tuple[str, str], Sum], Mapping[str, Histogram]],
    queue: Waiting,
    free_bytes: int,
    now: datetime,
) -> str:
    """Prometheus' text."""
    sums, histograms = requests
    lines = ["# TYPE pivision_requests_total counter"]
    for (path, code), each in sorted(sums.items()):
        lines.append(f'pivision_requests_total{{path="{path}",code="{code}"}} {each.requests}')
    lines.append("# TYPE pivision_request_bytes_total counter")
    for (path, code), each in sorted(sums.items()):
        lines.append(f'pivision_request_bytes_total{{path="{path}",code="{code}"}} {each.bytes}')
    lines.append("# TYPE pivision_request_seconds histogram")
    for path, histogram in sorted(histograms.items()):
        counted = 0
        for bound, count in zip((*map(str, BOUNDS_S), "+Inf"), histogram.counts, strict=True):
            counted += count
            lines.append(f'pivision_request_seconds_bucket{{path="{path}",le="{bound}"}} {counted}')
        lines.append(f'pivision_request_seconds_sum{{path="{path}"}} {histogram.total_s:.6f}')
        lines.append(f'pivision_request_seconds_count{{path="{path}"}} {counted}')
    lines.append("# TYPE pivision_queue_jobs gauge")
    lines += [f'pivision_queue_jobs{{device="{each.name}"}} {each.jobs}' for each in queue.devices]
    lines.append("# TYPE pivision_queue_lag_seconds gauge")
    lines += [f'pivision_queue_lag_seconds{{device="{each.name}"}} {each.lag_s(now):.3f}' for each in queue.devices]
    for name, value in (
        ("pivision_queue_running", queue.running),
        ("pivision_queue_dead", queue.dead),
        ("pivision_disk_free_bytes", free_bytes),
        ("pivision_clock_synchronised", int(clock_synchronised())),
    ):
        lines += [f"# TYPE {name} gauge", f"{name} {value}"]
    return "\n".join(lines) + "\n"


def _folders(folder: DataFolder) -> str:
    found = [each for each in (folder.segments, folder.events, folder.state) if not os.access(each, os.W_OK | os.X_OK)]
    if found:
        raise CheckFailed("Not writable: " + ", ".join(each.name for each in found))
    return "writable"


def _disk(root: Path, floor: int) -> str:
    disk = os.statvfs(root)
    free = disk.f_bavail * disk.f_frsize
    text = f"{free // 2**20} MiB free, pictures are refused below {floor // 2**20} MiB"
    if free < floor:
        raise CheckFailed(text)
    return text


def _writer(writer: Writer) -> str:
    silent_s = writer.silent_s()
    if silent_s > WRITER_SILENT_S:
        raise CheckFailed(f"no progress for {silent_s:.0f} s")
    return "makes progress"


def _parts(database: Path, folder: DataFolder, now: datetime) -> list[dict[str, object]]:
    """Worker, retention and whoever else writes down how it does."""
    try:
        with closing(open_database(database, read_only=True)) as db:
            rows = db.execute(
                "SELECT name, last_success, last_error_at, last_error FROM health ORDER BY name"
            ).fetchall()
    except Exception:  # noqa: BLE001 -- the check of the database says what is wrong with it
        rows = []
    beat = pulse.last(folder, "worker").get("at")
    worker = {"name": "worker", "last_success": beat, "last_error_at": None}
    return [
        {
            "name": row["name"],
            "last_success": row["last_success"],
            "age_s": round((now - moment_of(row["last_success"])).total_seconds(), 1) if row["last_success"] else None,
            "last_error_at": row["last_error_at"],
        }
        for row in (worker, *rows)
    ]
