"""What the imports did and how old the data is, from the batch records. No booked figure comes from here."""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from bookedbiz.months import STATION_ZONE
from station_kit import statements

_SQL = statements.load("bookedbiz.reports")

LATE_AFTER = timedelta(hours=7)  # four runs a day are six hours apart, so one of them was missed
STALE_AFTER = timedelta(hours=24)
_SATURDAY = 5


class Age(StrEnum):
    """How far the data can be trusted to be today's."""

    FRESH = "fresh"
    LATE = "late"
    STALE = "stale"
    NEVER = "never"


@dataclass(frozen=True)
class Batch:
    """One import that has ended."""

    id: int
    finished_at: datetime
    mode: str
    file_name: str
    status: str
    imported_by: str
    rows_read: int
    rows_stored: int
    rows_skipped: int
    rows_added: int
    rows_removed: int
    rows_unchanged: int
    issues: int
    gross_before_cents: int
    gross_after_cents: int
    error: str | None

    @property
    def gross_change_cents(self) -> int:
        return self.gross_after_cents - self.gross_before_cents


@dataclass(frozen=True)
class Change:
    """What one import did to one contract in one month."""

    kind: str
    month: int
    customer: str
    ae: str
    contract: str | None
    spots: int
    gross_cents: int


@dataclass(frozen=True)
class Day:
    """What the imports of a stretch of time did together."""

    batches: int
    rows_added: int
    rows_removed: int
    gross_cents: int


@dataclass(frozen=True)
class Freshness:
    """When the data was last brought up to date, and whether an import has failed since."""

    age: Age
    at: datetime | None
    since: timedelta | None
    failed: Batch | None


def freshness(db: sqlite3.Connection, now: datetime) -> Freshness:
    """How old the data is at `now`."""
    last = last_completed(db)
    newest = recent(db, 1)
    failed = newest[0] if newest and newest[0].status == "failed" else None
    if last is None:
        return Freshness(Age.NEVER, None, None, failed)
    since = max(now - last.finished_at, timedelta(0))
    return Freshness(_age(since, now), last.finished_at, since, failed)


def last_completed(db: sqlite3.Connection) -> Batch | None:
    """The last import that succeeded."""
    row = db.execute(_SQL["last_completed_batch"]).fetchone()
    return None if row is None else _batch(row)


def completed(db: sqlite3.Connection, batch_id: int) -> Batch | None:
    """The import of that id; None when there is none, or it failed."""
    row = db.execute(_SQL["completed_batch"], {"id": batch_id}).fetchone()
    return None if row is None else _batch(row)


def recent(db: sqlite3.Connection, count: int) -> list[Batch]:
    """The last imports, failed ones included, newest first."""
    return [_batch(row) for row in db.execute(_SQL["last_batches"], {"count": count})]


def biggest_changes(db: sqlite3.Connection, batch: Batch, *, count: int, only_ae_id: int | None = None) -> list[Change]:
    """What an import changed most, by gross dollars."""
    parameters = {"batch_id": batch.id, "count": count, "only_ae_id": only_ae_id}
    return [Change(**dict(row)) for row in db.execute(_SQL["biggest_changes"], parameters)]


def since(db: sqlite3.Connection, moment: datetime) -> Day:
    """What all imports that ended at `moment` or later did together."""
    text = moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "")
    return Day(**dict(db.execute(_SQL["changes_since"], {"since": text}).fetchone()))


def _age(since: timedelta, now: datetime) -> Age:
    if since > STALE_AFTER:
        return Age.STALE
    working_day = now.astimezone(STATION_ZONE).weekday() < _SATURDAY
    return Age.LATE if since > LATE_AFTER and working_day else Age.FRESH


def _batch(row: sqlite3.Row) -> Batch:
    values = dict(row)
    ended = values["finished_at"] or values.pop("started_at")
    values.pop("started_at", None)
    return Batch(**values | {"finished_at": _moment(ended)})


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)
