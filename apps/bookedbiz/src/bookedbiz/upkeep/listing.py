"""Customers with their class, to say another one. Reads only; the report on classes is in bookedbiz.reports."""

import sqlite3

from bookedbiz.names.text import name_key
from station_kit.statements import load

_SQL = load("bookedbiz.upkeep")


def customers_by_class(db: sqlite3.Connection, year: int, *, part: str = "", wanted: str = "") -> list[sqlite3.Row]:
    """Active customers whose name has that part, of that class, those with the most money first."""
    asked = {"year": year, "part": name_key(part) if part else "", "class": wanted}
    return db.execute(_SQL["customers_by_class"], asked).fetchall()
