"""What a request may ask for: the settings, the clock, one connection to read, and the one way to write."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime

from flask import current_app, g
from flask_login import current_user

from pivision.database import open_durable
from pivision.datafolder import DataFolder
from pivision.devices.audit import By
from pivision.settings import Settings
from station_kit.sqlitefile import open_database
from station_pages.attempts import Attempts

NAME = "pivision"


@dataclass(frozen=True)
class Context:
    """Of the whole application."""

    settings: Settings
    now: Callable[[], datetime]
    attempts: Attempts
    token_attempts: Attempts
    version: str

    @property
    def folder(self) -> DataFolder:
        return self.settings.folder


def context() -> Context:
    """The application's."""
    found = current_app.extensions[NAME]
    assert isinstance(found, Context)
    return found


def now() -> datetime:
    """UTC."""
    return context().now()


def folder() -> DataFolder:
    """Where the pictures are."""
    return context().folder


def database() -> sqlite3.Connection:
    """This request's connection; it reads only."""
    if "db" not in g:
        g.db = open_database(context().settings.database, read_only=True)
    found: sqlite3.Connection = g.db
    return found


@contextmanager
def writing() -> Iterator[sqlite3.Connection]:
    """A connection for what this request changes; the functions that change things hold their own transactions."""
    with closing(open_durable(context().settings.database)) as db:
        yield db


def by() -> By:
    """Who asks, for the audit: a person, or one of their programs."""
    return By(current_user.who, now())


def close_database(_: BaseException | None) -> None:
    """When the request is over."""
    db = g.pop("db", None)
    if db is not None:
        db.close()
