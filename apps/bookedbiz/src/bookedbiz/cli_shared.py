"""What the commands share: the ledger that the environment names, who runs them, and months as they are typed."""

import getpass
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import click

from bookedbiz.moments import utc_text
from bookedbiz.months import months_between, parse_month
from bookedbiz.names.audit import By
from station_kit import environment
from station_kit.environment import Environment
from station_kit.migrations import migrate
from station_kit.sqlitefile import open_database

as_json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@contextmanager
def ledger() -> Iterator[tuple[sqlite3.Connection, Environment]]:
    """The ledger that the environment names, at the schema of this code."""
    place = environment.read(os.environ)
    db = open_database(place.database)
    try:
        migrate(db, "bookedbiz.schema")
        yield db, place
    finally:
        db.close()


def by() -> By:
    return By(getpass.getuser(), utc_text(datetime.now(UTC)))


def months_of(text: str) -> frozenset[int]:
    """`202601-202603,202605`."""
    months: list[int] = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        first, _, last = part.partition("-") if part[:6].isdigit() else (part, "", "")
        try:
            months.extend(months_between(parse_month(first), parse_month(last or first)))
        except ValueError as why:
            raise click.BadParameter(f"{part!r} names no months", param_hint="--months") from why
    return frozenset(months)
