"""The summary that every report reads, and the snapshots for pacing: kept in the transaction that changes the spots."""

import sqlite3
from collections.abc import Iterable
from datetime import date

from station_kit.statements import load

_SQL = load("bookedbiz.importing")


def rebuild_summary(db: sqlite3.Connection, months: Iterable[int]) -> None:
    """Make `booked` say of these months what their spots say, writing only the lines that differ."""
    db.execute(_SQL["make_fresh_booked"])
    for month in months:
        db.execute("DELETE FROM temp.fresh_booked")
        db.execute(_SQL["fresh_booked"], {"month": month})
        db.execute(_SQL["drop_gone_booked"], {"month": month})
        db.execute(_SQL["store_changed_booked"], {"month": month})
    db.execute("DELETE FROM temp.fresh_booked")


def take_snapshots(db: sqlite3.Connection, months: Iterable[int], taken_on: date) -> None:
    """Keep what is booked for these months at the end of that day; a later call of the same day replaces it."""
    for month in months:
        db.execute(_SQL["store_snapshot"], {"month": month, "taken_on": taken_on.isoformat()})
