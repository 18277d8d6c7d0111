"""Keep the language of every line of the summary what steps and rules say it is; only lines that differ are written."""

import sqlite3
from collections.abc import Iterable

from bookedbiz.pricing.kept import follow_languages
from station_kit.statements import load

_SQL = load("bookedbiz.languages")
_FIRST, _LAST = 0, 999999


def assign_languages(db: sqlite3.Connection, *, bill_code_id: int | None = None) -> None:
    """Of all months, of one bill code or of all: after a rule or the meaning of a code has changed."""
    _keep_codes(db, set(_assign(db, _FIRST, _LAST, bill_code_id)))
    follow_languages(db)


def assign_languages_of(db: sqlite3.Connection, months: Iterable[int]) -> None:
    """Of some months: after their summary was made anew."""
    changed = list(months)
    for month in changed:
        _assign(db, month, month, None)
    _keep_codes(db, changed)


def wrong_languages(db: sqlite3.Connection, count: int) -> list[str]:
    """Lines that have another language than they should, in words; none is as it must be."""
    rows = db.execute(_SQL["check_languages"]).fetchmany(count)
    return [f"month {month}, {raw}: {has}, not {should}" for month, raw, has, should in rows]


def _assign(db: sqlite3.Connection, first: int, last: int, bill_code_id: int | None) -> list[int]:
    """The month of each line that has another language now."""
    asked = {"first_month": first, "last_month": last, "bill_code_id": bill_code_id}
    return [row[0] for row in db.execute(_SQL["assign_languages"], asked)]


def _keep_codes(db: sqlite3.Connection, months: Iterable[int]) -> None:
    """The summary by codes follows."""
    for month in months:
        db.execute("DELETE FROM coded WHERE month = ?", (month,))
        db.execute(_SQL["store_coded"], {"month": month})
