"""The summaries that reports read, and the snapshots for pacing: kept in the transaction that changes the spots."""

import sqlite3
from collections.abc import Iterable
from datetime import date

from bookedbiz.languages.assignment import assign_languages_of
from station_kit.statements import load

SUMMARIES = ("booked", "priced", "aired")
_SQL = load("bookedbiz.importing")


def rebuild_summary(db: sqlite3.Connection, months: Iterable[int]) -> None:
    """Make every summary say of these months what their spots say, writing only the lines that differ."""
    changed = list(months)
    for name in SUMMARIES:
        db.execute(_SQL[f"make_fresh_{name}"])
        for month in changed:
            db.execute(f"DELETE FROM temp.fresh_{name}")  # noqa: S608 - one of SUMMARIES
            db.execute(_SQL[f"fresh_{name}"], {"month": month})
            db.execute(_SQL[f"drop_gone_{name}"], {"month": month})
            db.execute(_SQL[f"store_changed_{name}"], {"month": month})
        db.execute(f"DELETE FROM temp.fresh_{name}")  # noqa: S608 - one of SUMMARIES
    assign_languages_of(db, changed)


def take_snapshots(db: sqlite3.Connection, months: Iterable[int], taken_on: date) -> None:
    """Keep what is booked for these months at the end of that day; a later call of the same day replaces it."""
    for month in months:
        db.execute(_SQL["store_snapshot"], {"month": month, "taken_on": taken_on.isoformat()})
