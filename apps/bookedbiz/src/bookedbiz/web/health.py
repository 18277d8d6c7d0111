"""What anybody may ask: is it well, and how is the machine doing?"""

import sqlite3
from contextlib import closing

from flask import Blueprint, Response, jsonify

from bookedbiz.reports.as_json import Json, dollars, envelope, stamp
from bookedbiz.reports.imports import freshness, last_completed, recent
from bookedbiz.web.context import context, database, now
from bookedbiz.web.roles import ADMIN, EVERYBODY, only
from station_kit import health
from station_kit.errors import KitError
from station_kit.sqlitefile import open_database

blueprint = Blueprint("health", __name__)

_RECENT = 20


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
    body |= {"app": "bookedbiz", "host": made_with.settings.host_name, "data": _data()}
    return jsonify(body), status


@blueprint.get("/health/database")
@only(ADMIN)
def show_database() -> Response:
    """Which file is open, and how much is in it?"""
    db, path = database(), context().settings.database
    tables = ("spot", "booked", "bill_code", "customer", "contract", "batch", "audit")
    counts = {name: db.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}  # noqa: S608 - names of ours
    told: dict[str, Json] = {
        "file": str(path),
        "bytes": path.stat().st_size,
        "schema": db.execute("PRAGMA user_version").fetchone()[0],
        "journal": db.execute("PRAGMA journal_mode").fetchone()[0],
        "read_only": context().read_only or None,
        "rows": counts,
    }
    return jsonify(_enveloped(told))


@blueprint.get("/health/metrics")
@only(ADMIN)
def show_metrics() -> Response:
    """What did the last imports do?"""
    imports: list[Json] = [
        {
            "id": batch.id,
            "file": batch.file_name,
            "mode": batch.mode,
            "status": batch.status,
            "finished_at": stamp(batch.finished_at),
            "rows_read": batch.rows_read,
            "rows_added": batch.rows_added,
            "rows_removed": batch.rows_removed,
            "issues": batch.issues,
            "gross_change": dollars(batch.gross_change_cents),
            "error": batch.error,
        }
        for batch in recent(database(), _RECENT)
    ]
    return jsonify(_enveloped({"imports": imports}))


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


def _enveloped(data: Json) -> dict[str, Json]:
    last = last_completed(database())
    return envelope(data, last.finished_at if last else None)


def _data() -> Json:
    """How old the data is, as the footer of every page says it; None when nobody can say."""
    try:
        with closing(open_database(context().settings.database, read_only=True)) as db:
            found = freshness(db, now())
    except (KitError, sqlite3.Error):
        return None
    failed = found.failed
    return {
        "age": str(found.age),
        "as_of": stamp(found.at) if found.at else None,
        "last_import_failed": stamp(failed.finished_at) if failed else None,
    }


def _last_import() -> str:
    with closing(open_database(context().settings.database, read_only=True)) as db:
        batch = last_completed(db)
    if batch is None:
        return "none yet"
    at = batch.finished_at.isoformat(timespec="seconds").replace("+00:00", "Z")
    return f"batch {batch.id}, {at}"
