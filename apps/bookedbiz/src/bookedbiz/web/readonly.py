"""Read-only mode: a standby copy, or maintenance. Reports are shown, and every route that writes answers 503."""

import os
from contextlib import closing
from pathlib import Path

from flask import Flask, request

from bookedbiz.settings import Settings
from bookedbiz.web.context import require_writable
from station_kit.errors import MigrationRefused
from station_kit.migrations import migrate, pending
from station_kit.sqlitefile import open_database

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_OF_THE_SESSION = frozenset({"auth.sign_in", "auth.sign_in_by_tailscale", "auth.sign_out"})  # they write a cookie


def why_read_only(settings: Settings) -> str:
    """Why nothing can be written, in words for a person; "" when it can."""
    if settings.read_only:
        return "this is a read-only copy (READ_ONLY_MODE is set)"
    database = settings.database
    if database.exists() and not _may_write(database):
        return f"the database {database.name} is read-only here"
    return ""


def prepare_database(database: Path, *, read_only: bool) -> None:
    """Bring the database to the schema of this code; one that cannot be written to must have it. KitError otherwise."""
    if not read_only:
        with closing(open_database(database)) as db:
            migrate(db, "bookedbiz.schema")
        return
    with closing(open_database(database, read_only=True)) as db:
        missing = pending(db, "bookedbiz.schema")
    if missing:
        raise MigrationRefused(
            f"{database} not served: it lacks {missing[0].file_name} and is read-only",
            "Start this release once where the database can be written, or serve the copy with the older release",
        )


def install(app: Flask) -> None:
    """Stop every request that would write, whatever its route."""
    app.before_request(refuse_writing)


def refuse_writing() -> None:
    """ReadOnlyMode for a method that writes; signing in and out need no database."""
    if request.method not in _READING and request.endpoint not in _OF_THE_SESSION:
        require_writable()


def _may_write(database: Path) -> bool:
    return os.access(database, os.W_OK, effective_ids=True) and os.access(database.parent, os.W_OK, effective_ids=True)
