"""The summaries that reports read, and the snapshots for pacing: kept in the transaction that changes the spots."""

import sqlite3
from collections.abc import Iterable
from datetime import date

from bookedbiz.languages.assignment import assign_languages_of
from station_kit.statements import load

OF_PRICES = ("priced", "parted", "aired")  # they tell languages as `booked` does, so they come after it
COUNTED = ("waiting", "flawed", "held", "credited", "exported")  # small: each month is stored anew
_SQL = load("bookedbiz.importing")


def rebuild_summary(db: sqlite3.Connection, months: Iterable[int]) -> None:
    """Make every summary say of these months what their spots say, writing only the lines that differ."""
    changed = list(months)
    _rebuild(db, "booked", changed)
    for name in COUNTED:
        for month in changed:
            db.execute(f"DELETE FROM {name} WHERE month = ?", (month,))  # noqa: S608 - one of COUNTED
            db.execute(_SQL[f"store_{name}"], {"month": month})
    assign_languages_of(db, changed)
    _rebuild_prices(db, changed)


def take_snapshots(db: sqlite3.Connection, months: Iterable[int], taken_on: date) -> None:
    """Keep what is booked for these months at the end of that day; a later call of the same day replaces it."""
    for month in months:
        db.execute(_SQL["store_snapshot"], {"month": month, "taken_on": taken_on.isoformat()})


def _rebuild(db: sqlite3.Connection, name: str, months: Iterable[int]) -> None:
    db.execute(_SQL[f"make_fresh_{name}"])
    for month in months:
        _store(db, name, month)


def _rebuild_prices(db: sqlite3.Connection, months: Iterable[int]) -> None:
    """The spots of a month are read once, for all three."""
    for name in ("cell", *OF_PRICES):
        db.execute(_SQL[f"make_fresh_{name}"])
    for month in months:
        db.execute(_SQL["fresh_cell"], {"month": month})
        for name in OF_PRICES:
            _store(db, name, month)
        db.execute("DELETE FROM temp.fresh_cell")


def _store(db: sqlite3.Connection, name: str, month: int) -> None:
    db.execute(_SQL[f"fresh_{name}"], {"month": month})
    db.execute(_SQL[f"drop_gone_{name}"], {"month": month})
    db.execute(_SQL[f"store_changed_{name}"], {"month": month})
    db.execute(f"DELETE FROM temp.fresh_{name}")  # noqa: S608 - the name of a summary
