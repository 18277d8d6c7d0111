"""How the appliance does, in figures: the machine, the requests of cameras, the queue, the database."""

import os
import time
from datetime import timedelta
from typing import Annotated, Literal, TypedDict, cast

import psutil

from pivision import pulse
from pivision.api.declaring import Api
from pivision.api.shapes import Moment
from pivision.api.statements import SQL
from pivision.health import clock_synchronised
from pivision.ingest.api import FRAME
from pivision.ingest.meter import KEPT_DAYS
from pivision.queue import waiting
from pivision.web.context import context, database, folder, now
from pivision.web.roles import SIGNED_IN

api = Api("api_metrics", "/api/v1/admin", "Figures")

STEPS, STEP = 12, timedelta(minutes=5)
_GIB = 2**30
_FORM = "%Y-%m-%dT%H:%MZ"


class Machine(TypedDict):
    """The machine. Null where it tells no temperature."""

    ok: Literal[True]
    cpu_percent: Annotated[float, "the load of the last minute, of all processors"]
    memory_percent: float
    disk_free_gb: Annotated[float, "GiB, where the pictures are"]
    disk_total_gb: float
    temperature_c: float | None
    uptime_s: int
    clock_synchronised: bool


class Step(TypedDict):
    """Pictures of five minutes."""

    at: Annotated[str, "the minute it began, in UTC"]
    ok: int
    failed: int
    mean_ms: float | None
    slowest_ms: float | None


class Ended(TypedDict):
    """Requests that ended alike: ok, duplicate, not_modified, or the code of the refusal."""

    endpoint: str
    code: str
    requests: int
    bytes: int


class Requests(TypedDict):
    """What cameras asked for. A minute is counted when it is over."""

    ok: Literal[True]
    kept_days: int
    totals: list[Ended]
    last_hour: Annotated[Step, "pictures alone"]
    steps: Annotated[list[Step], "twelve of five minutes, the newest last"]


class WaitingLine(TypedDict):
    """What waits of one camera."""

    device_id: str
    jobs: int
    lag_s: float


class Queue(TypedDict):
    """Pictures that wait to be looked at."""

    ok: Literal[True]
    depth: int
    queued: int
    running: int
    dead: Annotated[int, "given up after several tries"]
    lag_s: Annotated[float, "how long the oldest has waited"]
    devices: list[WaitingLine]
    worker_seen_at: Moment | None


class Table(TypedDict):
    """A table of the database."""

    name: str
    rows: int
    last_write: str | None


class Database(TypedDict):
    """The database."""

    ok: Literal[True]
    sqlite_version: str
    schema_version: int
    bytes: int
    log_bytes: Annotated[int, "of the write-ahead log"]
    tables: list[Table]


@api.on("GET", "/metrics/system", SIGNED_IN)
def system() -> Machine:
    """Processor, memory, disk, temperature."""
    disk = os.statvfs(folder().root)
    return {
        "ok": True,
        "cpu_percent": round(os.getloadavg()[0] / (os.cpu_count() or 1) * 100, 1),
        "memory_percent": float(psutil.virtual_memory().percent),
        "disk_free_gb": round(disk.f_bavail * disk.f_frsize / _GIB, 3),
        "disk_total_gb": round(disk.f_blocks * disk.f_frsize / _GIB, 3),
        "temperature_c": _temperature(),
        "uptime_s": int(time.clock_gettime(time.CLOCK_BOOTTIME)),
        "clock_synchronised": clock_synchronised(),
    }


@api.on("GET", "/metrics/ingest", SIGNED_IN)
def ingest() -> Requests:
    """How the cameras' requests went."""
    here = now().replace(second=0, microsecond=0)
    here -= timedelta(minutes=here.minute % 5)
    begins = [here - STEP * (STEPS - 1 - number) for number in range(STEPS)]
    rows = database().execute(SQL["requests_since"], {"since": begins[0].strftime(_FORM), "endpoint": FRAME})
    found = {row["step"]: dict(row) for row in rows}
    steps = [_step(at.strftime(_FORM), [found.get(at.strftime(_FORM), {})]) for at in begins]
    return {
        "ok": True,
        "kept_days": KEPT_DAYS,
        "totals": [cast(Ended, dict(row)) for row in database().execute(SQL["requests_kept"])],
        "last_hour": _step(steps[0]["at"], list(found.values())),
        "steps": steps,
    }


@api.on("GET", "/metrics/queue", SIGNED_IN)
def queue() -> Queue:
    """What waits, and for how long."""
    found = waiting(database())
    return {
        "ok": True,
        "depth": found.jobs + found.running,
        "queued": found.jobs,
        "running": found.running,
        "dead": found.dead,
        "lag_s": round(found.lag_s(now()), 3),
        "devices": [
            {"device_id": each.name, "jobs": each.jobs, "lag_s": round(each.lag_s(now()), 3)} for each in found.devices
        ],
        "worker_seen_at": pulse.last(folder(), "worker").get("at"),
    }


@api.on("GET", "/metrics/database", SIGNED_IN)
def tables() -> Database:
    """Its size, and what is in it."""
    db, path = database(), context().settings.database
    log = path.with_name(f"{path.name}-wal")
    return {
        "ok": True,
        "sqlite_version": str(db.execute("SELECT sqlite_version()").fetchone()[0]),
        "schema_version": int(db.execute("PRAGMA user_version").fetchone()[0]),
        "bytes": path.stat().st_size,
        "log_bytes": log.stat().st_size if log.exists() else 0,
        "tables": [cast(Table, dict(row)) for row in db.execute(SQL["tables"])],
    }


def _step(at: str, rows: list[dict[str, float]]) -> Step:
    done, failed = (int(sum(row.get(name, 0) for row in rows)) for name in ("ok", "failed"))
    count = done + failed
    total_ms = sum(row.get("total_ms", 0.0) for row in rows)
    return {
        "at": at,
        "ok": done,
        "failed": failed,
        "mean_ms": round(total_ms / count, 3) if count else None,
        "slowest_ms": max((row["slowest_ms"] for row in rows if row), default=None),
    }


def _temperature() -> float | None:
    """The hottest of what the machine tells."""
    found = [each.current for group in psutil.sensors_temperatures().values() for each in group]
    return max(found, default=None)
