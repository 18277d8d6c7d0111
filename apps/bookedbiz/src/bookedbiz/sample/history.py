"""The made-up station's past as snapshots: what its imports of the last fourteen months would have recorded each day.

Months fill as in trade: little half a year before, three fifths a month before, the rest until they are over.
"""

import random
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from bookedbiz.months import add_months, first_day, month_of
from bookedbiz.sample.plan import SampleSpec
from station_kit.statements import load

_SQL = load("bookedbiz.sample")

REACH = timedelta(days=425)  # the day of a year ago, and the weeks before it
_MOST_STEPS = 7
_FELL_BACK = 0.04  # of the steps: something was booked and cancelled again
# Days before the end of a month, and how much of it is booked then: the sample's own months ahead lie on this curve.
_CURVE = ((240, 0.0), (190, 0.04), (161, 0.08), (133, 0.14), (102, 0.24), (72, 0.4), (41, 0.6), (10, 0.92), (0, 1.0))


@dataclass(frozen=True)
class Line:
    """What is booked for a month in one place: its key, without the month, and the amounts it has come to."""

    key: tuple[int, int, int, int]  # entity, revenue type, market, sector
    spots: int
    gross_cents: int
    net_cents: int


Recorded = tuple[date, int, int, int]  # a day, and spots, gross and net at its end


def lay_history(db: sqlite3.Connection, spec: SampleSpec) -> None:
    """Put the past in place of the one day that the sample's imports recorded, in the caller's transaction."""
    since = spec.today - REACH
    dice = random.Random(f"history {spec.seed}")
    db.execute("DELETE FROM snapshot")
    rows = db.execute(_SQL["booked_lines"], {"first_month": month_of(since)}).fetchall()
    db.executemany(
        "INSERT INTO snapshot VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (row[0], *line.key, day.isoformat(), *amounts)
            for row in rows
            for line in [Line((row[1], row[2], row[3], row[4]), row[5], row[6], row[7])]
            for day, *amounts in steps_of(dice, line, row[0], since, spec.today)
        ),
    )


def steps_of(dice: random.Random, line: Line, month: int, since: date, today: date) -> list[Recorded]:
    """The days on which the line changed, from the first that was recorded on; the last is what is booked now."""
    over = first_day(add_months(month, 1)) - timedelta(days=1)
    booked = _share_at((over - today).days)
    count = dice.randint(1, min(_MOST_STEPS, line.spots))
    shares = sorted(dice.uniform(0, booked) for _ in range(count))
    days = [max(since, _weekday(over - timedelta(days=_days_before(share)))) for share in shares]
    recorded: dict[date, Recorded] = {}
    for number, day in enumerate(days, start=1):
        part = number / count
        if number < count and dice.random() < _FELL_BACK:
            part = min(1.0, part + 1.5 / count)
        recorded[min(day, today)] = (min(day, today), *_parts(line, part))
    return list(_without_standstill(sorted(recorded.values())))


def _parts(line: Line, part: float) -> tuple[int, int, int]:
    if part >= 1:
        return line.spots, line.gross_cents, line.net_cents
    spots = max(1, round(line.spots * part))
    if spots == line.spots:
        return line.spots, line.gross_cents, line.net_cents
    return spots, line.gross_cents * spots // line.spots, line.net_cents * spots // line.spots


def _without_standstill(recorded: list[Recorded]) -> Iterator[Recorded]:
    """Only the days on which something moved, as an import keeps them."""
    before: tuple[int, ...] = ()
    for step in recorded:
        if step[1:] != before:
            yield step
        before = step[1:]


def _share_at(days: int) -> float:
    """How much of a month is booked so many days before its end."""
    for (earlier, less), (later, more) in pairwise(_CURVE):
        if days >= earlier:
            return max(less, 0.01)
        if days >= later:
            return max(0.01, less + (more - less) * (earlier - days) / (earlier - later))
    return 1.0


def _days_before(share: float) -> int:
    """The same curve the other way."""
    for (earlier, less), (later, more) in pairwise(_CURVE):
        if share <= more:
            return round(earlier - (earlier - later) * (share - less) / (more - less))
    return 0


def _weekday(day: date) -> date:
    """Nobody books on a weekend."""
    return day - timedelta(days=max(0, day.weekday() - 4))
