"""What a request may ask for: the settings, the clock, and one read-only connection; and the one way to write."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from flask import current_app, g
from flask_login import current_user

from bookedbiz.errors import ReadOnlyMode
from bookedbiz.moments import utc_text
from bookedbiz.names.audit import By
from bookedbiz.settings import Settings
from bookedbiz.web.machine import Machine
from bookedbiz.web.running import Runs
from station_kit.sqlitefile import open_database, transaction
from station_pages.attempts import Attempts

NAME = "bookedbiz"


@dataclass(frozen=True)
class Context:
    """What the application was made with."""

    settings: Settings
    now: Callable[[], datetime]
    machine: Machine
    attempts: Attempts
    version: str
    read_only: str = ""  # why nothing can be written; "" when it can
    runs: Runs = field(default_factory=Runs)


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


@contextmanager
def writing() -> Iterator[tuple[sqlite3.Connection, By]]:
    """A connection inside one transaction, and who writes: the person who is signed in. ReadOnlyMode if nobody may."""
    with open_for_writing() as db, transaction(db):
        yield db, acting()


@contextmanager
def open_for_writing() -> Iterator[sqlite3.Connection]:
    """A connection without a transaction, for what makes its own. ReadOnlyMode when nothing can be written."""
    require_writable()
    with closing(open_database(context().settings.database)) as db:
        yield db


def require_writable() -> None:
    """ReadOnlyMode, with its reason, when nothing can be written."""
    if context().read_only:
        raise ReadOnlyMode(f"Nothing was changed: {context().read_only}")


def acting() -> By:
    """The person who is signed in, at this moment."""
    return By(current_user.email, utc_text(now()))


def close_database(_: BaseException | None) -> None:
    """Close this request's connection, if it has opened one."""
    db = g.pop("database", None)
    if db is not None:
        db.close()
