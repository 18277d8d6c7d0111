"""What anybody may ask: is it well, and how is the machine doing?"""

from contextlib import closing

from flask import Blueprint, Response, jsonify

from bookedbiz.reports.imports import last_completed
from bookedbiz.web.context import context, now
from bookedbiz.web.roles import EVERYBODY, only
from station_kit import health
from station_kit.sqlitefile import open_database

blueprint = Blueprint("health", __name__)


@blueprint.get("/health", strict_slashes=False)
@only(EVERYBODY)
def show_health() -> tuple[Response, int]:
    """200 when the database can be read and has the schema of this code; 503 and the reason otherwise."""
    made_with = context()
    path = made_with.settings.database
    body, status = health.answer(
        {"database": health.database_check(path, "bookedbiz.schema"), "last_import": _last_import},
        version=made_with.version,
        now=now(),
    )
    return jsonify(body | {"app": "bookedbiz", "host": made_with.settings.host_name}), status


@blueprint.get("/api/system-stats")
@only(EVERYBODY)
def show_system_stats() -> tuple[Response, int]:
    """How the machine is doing, from the background sample."""
    stamp = now().isoformat(timespec="seconds").replace("+00:00", "Z")
    try:
        sample = context().machine.latest()
    except OSError as why:
        return jsonify({"status": "error", "timestamp": stamp, "error": type(why).__name__}), 500
    return jsonify({"status": "ok", "timestamp": stamp, **sample}), 200


def _last_import() -> str:
    with closing(open_database(context().settings.database, read_only=True)) as db:
        batch = last_completed(db)
    if batch is None:
        return "none yet"
    at = batch.finished_at.isoformat(timespec="seconds").replace("+00:00", "Z")
    return f"batch {batch.id}, {at}"
