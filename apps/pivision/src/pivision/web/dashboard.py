"""Now: is every camera there, what does it see, is the appliance well?"""

import os
import sqlite3
from datetime import datetime, timedelta

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from pivision import pulse
from pivision.config import Config, from_json
from pivision.events import stored
from pivision.events.stored import Wanted
from pivision.moments import moment_of, utc_text
from pivision.pictures import retention
from pivision.web import privacy
from pivision.web.context import database, folder, now
from pivision.web.layout import local, zone
from pivision.web.roles import SIGNED_IN, only
from pivision.web.statements import SQL

blueprint = Blueprint("dashboard", __name__)

WORKER_SILENT_S = 30.0
RECENT = 8
HOURS = 24


@blueprint.get("/dashboard")
@only(SIGNED_IN)
def page() -> str:
    """The start page."""
    since = local(now()).replace(hour=0, minute=0, second=0, microsecond=0)
    return render_template(
        "dashboard.html",
        cameras=[dict(row) | {"untuned": _config(row["body"]).is_untuned} for row in _cameras(since)],
        troubles=database().execute(SQL["open_trouble"]).fetchall(),
        appliance=_appliance(),
        hours=_hours(),
        recent=stored.newest(database(), Wanted(), RECENT),
    )


@blueprint.get("/cameras/<name>/latest.jpg")
@only(SIGNED_IN)
def latest(name: str) -> ResponseReturnValue:
    """The newest picture that is still there, as people may see it."""
    return privacy.latest_picture(name)


def _cameras(since: datetime) -> list[dict[str, object]]:
    values = {"since": utc_text(since)}
    return [dict(row) for row in database().execute(SQL["cameras"], values)]


def _config(body: object) -> Config:
    return from_json(body) if isinstance(body, str) else Config()


def _appliance() -> dict[str, object]:
    """What the strip at the top shows."""
    rows = {row["name"]: row for row in database().execute("SELECT * FROM health")}
    worker, kept = pulse.last(folder(), "worker"), rows.get("retention")
    found = os.statvfs(folder().root)
    free, limits = found.f_bavail * found.f_frsize, retention.rule(database())
    silent = not worker or (now() - moment_of(worker["at"])).total_seconds() > WORKER_SILENT_S
    return {
        "worker": worker,
        "worker_silent": silent,
        "worker_seen": worker.get("at"),
        "kept_bytes": retention.kept_bytes(database()),
        "retention_at": kept["last_success"] if kept else None,
        "errors": [row for row in rows.values() if _is_open(row)],
        "free": free,
        "total": found.f_blocks * found.f_frsize,
        "low": free < limits.least_free_bytes * 2,
    }


def _is_open(row: sqlite3.Row) -> bool:
    """Whether a part is in trouble that is newer than its last success."""
    at, success = row["last_error_at"], row["last_success"]
    return bool(at and (success is None or at > success))


def _hours() -> list[dict[str, object]]:
    """The last 24 hours, the oldest first, with what began in each."""
    here = now().replace(minute=0, second=0, microsecond=0)
    begin = here - timedelta(hours=HOURS - 1)
    rows = {row["hour"]: row for row in database().execute(SQL["visits_by_hour"], {"since": utc_text(begin)})}
    found = []
    for number in range(HOURS):
        at = begin + timedelta(hours=number)
        row = rows.get(f"{at:%Y-%m-%dT%H}")
        found.append(
            {
                "label": f"{at.astimezone(zone()):%H}",
                "visits": row["visits"] if row else 0,
                "changes": row["changes"] if row else 0,
            }
        )
    return found
