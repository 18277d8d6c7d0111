"""The status file that an agent writes once a second, read.

A file that is missing, torn or old is no error here: it is what there is to know about that host.
"""

import json
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from station.clock import from_text
from station.watch.statuses import (
    AppStatus,
    DatabaseStatus,
    DivergenceSeen,
    DrillSeen,
    HostState,
    HostStatus,
    JobSeen,
    LeaseSeen,
    Machine,
    PointSeen,
    ReplicaSeen,
    StoreSeen,
    UnitStatus,
)

if TYPE_CHECKING:
    from station.fleet import HostPaths

STALE_AFTER_S = 10.0  # an agent writes every second; ten missed ones are no hiccup of a busy card


def read_status(host: str, paths: "HostPaths", now: datetime) -> HostStatus:
    """The host's last word on itself, with its age. Never raises for what is in the file."""
    try:
        with paths.status_file.open() as file:  # one open file: its time and its text belong together
            written_at = datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC)
            text = file.read()
    except FileNotFoundError:
        return HostStatus(host, HostState.ABSENT, trouble="it has never run here")
    except (OSError, UnicodeDecodeError) as why:
        return HostStatus(host, HostState.ABSENT, trouble=f"its status cannot be read: {why}")
    return parse_status(host, text, written_at, now)


def parse_status(host: str, text: str, written_at: datetime, now: datetime) -> HostStatus:
    """What the text of a status file says. `written_at` is when the disk says that it was written."""
    try:
        said = json.loads(text)
        if (whose := said.get("host", host)) != host:  # the file of the machine that we are on
            return HostStatus(host, HostState.UNASKED, trouble=f"another machine, not asked from {whose}")
        at = from_text(said["at"])
        apps = {name: _app(host, each) for name, each in said.get("apps", {}).items()}
        age_s = max(0.0, (now - written_at).total_seconds())
        return HostStatus(
            host=host,
            state=HostState.LIVE if age_s <= STALE_AFTER_S else HostState.SILENT,
            at=at,
            age_s=age_s,
            skew_s=(at - written_at).total_seconds(),
            pid=said.get("pid"),
            started_at=_time(said.get("started_at")),
            apps=apps,
            machine=Machine(**{name: (said.get("machine") or {}).get(name) for name in Machine.__dataclass_fields__}),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as why:
        return HostStatus(host, HostState.ABSENT, trouble=f"its status cannot be read: {why}")


def _app(host: str, said: dict[str, Any]) -> AppStatus:
    return AppStatus(
        role=said["role"],
        epoch=said.get("epoch"),
        lease=_lease(said["lease"]) if said.get("lease") else None,
        lease_error=said.get("lease_error"),
        units=tuple(_unit(name, each) for name, each in (said.get("units") or {}).items()),
        databases={name: _database(name, each) for name, each in (said.get("databases") or {}).items()},
        divergence=tuple(_divergence(host, each) for each in said.get("divergence") or []),
        jobs=tuple(_job(name, each) for name, each in (said.get("jobs") or {}).items()),
        drills=tuple(_drill(host, name, each) for name, each in (said.get("drills") or {}).items()),
        waits_for=str(said.get("waits_for") or ""),
    )


def _lease(said: dict[str, Any]) -> LeaseSeen:
    return LeaseSeen(said["epoch"], said["holder"], _time(said.get("taken_at")), said.get("reason") or "")


def _unit(name: str, said: dict[str, Any]) -> UnitStatus:
    return UnitStatus(
        name=name,
        state=said["state"],
        pid=said.get("pid"),
        since=_time(said.get("since")),
        restarts=said.get("restarts") or 0,
        port=said.get("port"),
        healthy=said.get("healthy"),
    )


def _database(name: str, said: dict[str, Any]) -> DatabaseStatus:
    return DatabaseStatus(
        name=name,
        bytes=said.get("bytes"),
        written_at=_time(said.get("written_at")),
        point=_point(said["point"]) if said.get("point") else None,
        checked_at=_time(said.get("checked_at")),
        proved_at=_time(said.get("proved_at")),
        error=said.get("error"),
        stores={name: _store(name, each) for name, each in (said.get("stores") or {}).items()},
        litestream=_replica(said["litestream"]) if said.get("litestream") else None,
    )


def _replica(said: dict[str, Any]) -> ReplicaSeen:
    return ReplicaSeen(said.get("lag_s"), _time(said.get("newest")), said.get("error"))


def _store(name: str, said: dict[str, Any]) -> StoreSeen:
    point = said.get("point")
    return StoreSeen(name, _point(point) if point else None, said.get("error"), _time(said.get("sending_since")))


def _point(said: dict[str, Any]) -> PointSeen:
    return PointSeen(
        name=said["name"],
        taken_at=from_text(said["taken_at"]),
        seq=said["seq"],
        epoch=said["epoch"],
        digest=said["digest"],
        object_bytes=said.get("object_bytes") or 0,
    )


def _divergence(host: str, said: dict[str, Any]) -> DivergenceSeen:
    return DivergenceSeen(
        host, _time(said.get("at")), said.get("database") or "", said.get("pages") or 0, said.get("file") or ""
    )


def _job(name: str, said: dict[str, Any]) -> JobSeen:
    times = {key: _time(said.get(key)) for key in ("next_at", "due", "at")}
    return JobSeen(name=name, running=bool(said.get("running")), error=said.get("error"), **times)


def _drill(host: str, database: str, said: dict[str, Any]) -> DrillSeen:
    took_s, passed = float(said.get("took_s") or 0), bool(said.get("passed"))
    return DrillSeen(host, database, from_text(said["at"]), took_s, passed, said.get("fault"))


def _time(text: str | None) -> datetime | None:
    return from_text(text) if text else None
