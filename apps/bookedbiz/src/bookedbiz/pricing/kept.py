"""The summaries of prices follow the languages that people set; imports make them anew by themselves."""

import json
import sqlite3

from station_kit.statements import load

_SQL = load("bookedbiz.pricing")


def follow_languages(db: sqlite3.Connection) -> None:
    """Make the summaries anew of the bill codes whose lines have other languages now, in the caller's transaction."""
    codes = [row[0] for row in db.execute(_SQL["codes_to_follow"])]
    for name in ("priced", "parted", "aired"):
        db.execute(_SQL[f"forget_{name}"], {"codes": json.dumps(codes)})
        for code in codes:
            db.execute(_SQL[f"tell_{name}"], {"code": code})
