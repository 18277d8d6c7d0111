"""A made-up traffic department: books, reprices and cancels a few spots at a time, each time in one transaction.

It uses what the importer uses: the same reading of a line, the same storing, the same summary. The spots of one run
and day are one batch, which is complete after every transaction.
"""

import random
import sqlite3
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

from bookedbiz.errors import ImportBusy
from bookedbiz.importing.batch import store_changes, store_spot_ids
from bookedbiz.importing.difference import Changes, tell_changes
from bookedbiz.importing.lock import import_lock
from bookedbiz.importing.spots import SpotWriter
from bookedbiz.importing.summary import rebuild_summary, take_snapshots
from bookedbiz.moments import utc_text
from bookedbiz.months import add_months, month_of, station_day
from bookedbiz.sample.airings import Airing, MonthPlan, airings_of
from bookedbiz.sample.cells import Shown, cells_of
from bookedbiz.sample.plan import SampleSpec, world_of
from bookedbiz.workbook.cells import Cell, memos
from bookedbiz.workbook.rows import Row, clean_line
from station_kit.sqlitefile import transaction

ACTOR = "sample-traffic"
_MOST_HELD = 400  # spots that may be repriced or cancelled later
_MONTHS_AHEAD = 4


@dataclass(frozen=True)
class Tick:
    """What one transaction did, in spots."""

    booked: int = 0
    repriced: int = 0
    cancelled: int = 0


@dataclass
class Traffic:
    """One run: its dice, its batch of the day, and the spots it has booked and may still change."""

    db: sqlite3.Connection
    data_path: Path
    spec: SampleSpec
    seed: int
    held: list[Airing] = field(default_factory=list)
    batch: tuple[int, date] | None = None

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)
        self._world = world_of(self.spec)
        self._number = 0

    def tick(self, now: datetime) -> Tick:
        """Book, reprice or cancel a few spots; nothing while an import is running."""
        try:
            with import_lock(self.data_path, ACTOR), transaction(self.db):
                return self._change_something(now)
        except ImportBusy:
            return Tick()

    def _change_something(self, now: datetime) -> Tick:
        batch_id = self._batch_of(station_day(now), now)
        roll = self._dice.random()
        if len(self.held) < 5 or roll < 0.6:
            return self._store(batch_id, [], self._new_airings(station_day(now)), now)
        before = self.held.pop(self._dice.randrange(len(self.held)))
        if roll < 0.85:
            gross = before.gross + self._dice.choice((500, 1000, 2500))
            after = replace(before, gross=gross, net=gross - round(gross * (0.15 if before.has_agency else 0)))
            return self._store(batch_id, [before], [after], now)
        return self._store(batch_id, [before], [], now)

    def _new_airings(self, today: date) -> list[Airing]:
        month = add_months(month_of(today), self._dice.randrange(_MONTHS_AHEAD + 1))
        self._number += 1
        plan = MonthPlan(month, self.spec.index_of(month), self._dice.randrange(1, 4), today, leaver_left=True)
        return airings_of(self._world, plan, self.seed * 1_000_003 + self._number)

    def _store(self, batch_id: int, gone: list[Airing], new: list[Airing], now: datetime) -> Tick:
        writer = SpotWriter(self.db, batch_id)
        removed = writer.remove([spot_id for airing in gone if (spot_id := self._find(_row_of(airing))) is not None])
        if len(removed) < len(gone):  # an import has taken it out
            return Tick()
        added = writer.add([_row_of(airing) for airing in new])
        changes = tell_changes(removed, added)
        months = {spot.month for spot in (*removed, *added)}
        rebuild_summary(self.db, months)
        take_snapshots(self.db, months, station_day(now))
        store_changes(self.db, batch_id, changes.lines)
        store_spot_ids(self.db, batch_id, writer.ids)
        self._count(batch_id, (len(added), len(removed)), changes, now)
        self.held = [*self.held, *(airing for airing in new if airing.gross > 0)][-_MOST_HELD:]
        repriced = min(len(gone), len(new))
        return Tick(len(new) - repriced, repriced, len(gone) - repriced)

    def _find(self, row: Row) -> int | None:
        found = self.db.execute(
            "SELECT id FROM spot WHERE month = ? AND row_hash = ? LIMIT 1", (row.month, row.row_hash)
        ).fetchone()
        return int(found[0]) if found else None

    def _batch_of(self, today: date, now: datetime) -> int:
        if self.batch is None or self.batch[1] != today:
            row = self.db.execute(
                """INSERT INTO batch (started_at, finished_at, mode, file_name, file_sha256, status, imported_by,
                       gross_before_cents, gross_after_cents)
                   SELECT :at, :at, 'TRAFFIC', :actor, '', 'completed', :actor, gross, gross
                   FROM (SELECT coalesce(sum(gross_cents), 0) AS gross FROM booked WHERE month >= :month)
                   RETURNING id""",
                {"at": utc_text(now), "actor": ACTOR, "month": month_of(today)},
            ).fetchone()
            self.batch = int(row[0]), today
        return self.batch[0]

    def _count(self, batch_id: int, rows: tuple[int, int], changes: Changes, now: datetime) -> None:
        gained = sum(amounts.gross_after_cents - amounts.gross_before_cents for amounts in changes.lines.values())
        self.db.execute(
            """UPDATE batch SET finished_at = :at, rows_read = rows_read + :added, rows_stored = rows_stored + :added,
                   rows_added = rows_added + :added, rows_removed = rows_removed + :removed,
                   gross_after_cents = gross_after_cents + :gained
               WHERE id = :id""",
            {"at": utc_text(now), "added": rows[0], "removed": rows[1], "gained": gained, "id": batch_id},
        )


def _row_of(airing: Airing) -> Row:
    """The airing as the importer would read it from a workbook."""
    cells: list[Cell] = [cell.number if isinstance(cell, Shown) else cell for cell in cells_of(airing)]
    row = clean_line(airing.sheet, 0, [float(cell) if isinstance(cell, int) else cell for cell in cells], memos())
    assert isinstance(row, Row)
    return row
