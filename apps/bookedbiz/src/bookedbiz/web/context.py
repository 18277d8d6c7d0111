"""What a request may ask for: the settings, the clock, and one read-only connection of its own."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import current_app, g

from bookedbiz.settings import Settings
from bookedbiz.web.attempts import Attempts
from bookedbiz.web.machine import Machine
from station_kit.sqlitefile import open_database

NAME = "bookedbiz"


@dataclass(frozen=True)
class Context:
    """What the application was made with."""

    settings: Settings
    now: Callable[[], datetime]
    machine: Machine
    attempts: Attempts
    version: str


def context() -> Context:
    """The context of the application that answers this request."""
    return cast(Context, current_app.extensions[NAME])


def now() -> datetime:
    """The moment this request is answered for."""
    return context().now()


def database() -> sqlite3.Connection:
    """This request's connection; it can only read, and is closed when the request ends."""
    if "database" not in g:
        g.database = open_database(context().settings.database, read_only=True)
    return cast(sqlite3.Connection, g.database)


def close_database(_: BaseException | None) -> None:
    """Close this request's connection, if it has opened one."""
    db = g.pop("database", None)
    if db is not None:
        db.close()
