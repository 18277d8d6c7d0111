"""Take the newest import back: its rows go, those it took out return with their ids, months it closed are as before.

One transaction, recorded as a batch of its own whose changes are the reverse. Imports are taken back one by one, the
newest first.
"""

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bookedbiz.accounts.refresh import refresh_after_import
from bookedbiz.errors import Refused
from bookedbiz.importing.batch import store_changes
from bookedbiz.importing.difference import tell_changes
from bookedbiz.importing.lock import import_lock
from bookedbiz.importing.spots import Spot
from bookedbiz.importing.summary import rebuild_summary, take_snapshots
from bookedbiz.months import label, station_day
from bookedbiz.names.audit import By, Deed, write_audit
from station_kit.sqlitefile import transaction
from station_kit.statements import load

KEPT_BATCHES = 20  # of so many the removed rows are kept
LOCK_WAIT_S = 1.0
_SQL = load("bookedbiz.importing")
_COLUMNS = ", ".join(Spot._fields)


@dataclass(frozen=True)
class Undone:
    """What was taken back, and what that changed. `batch_id` is of the record of the undo."""

    undone: int
    file_name: str
    batch_id: int
    rows_restored: int
    rows_taken_out: int
    gross_before_cents: int
    gross_after_cents: int
    reopened: tuple[int, ...]


def forget_old_removals(db: sqlite3.Connection) -> None:
    """Keep the removed rows of the last imports alone, in the caller's transaction."""
    newest = "(SELECT max(id) FROM batch)"
    for table in ("removed_spot", "removed_issue"):
        db.execute(f"DELETE FROM {table} WHERE removed_in <= {newest} - ?", (KEPT_BATCHES,))  # noqa: S608 - constants


def undoable(db: sqlite3.Connection) -> sqlite3.Row | None:
    """The batch that an undo would take back: the newest that changed anything and is still in force."""
    row: sqlite3.Row | None = db.execute(_SQL["newest_in_force"]).fetchone()
    return row


def undo_newest(
    db: sqlite3.Connection, data_path: Path, by: By, now: datetime, *, expected: int | None = None
) -> Undone:
    """Take the newest import back. Refused when there is none, another is the newest, or its rows are not kept."""
    with import_lock(data_path, by.actor, wait_s=LOCK_WAIT_S), transaction(db):
        batch = undoable(db)
        if batch is None:
            raise Refused("Nothing undone: there is no import to take back")
        if expected is not None and batch["id"] != expected:
            raise Refused(
                f"Import {expected} not undone: the newest that is in force is {batch['id']}",
                "Imports are taken back one by one, the newest first",
            )
        undone = _undo(db, batch, by, now)
    refresh_after_import(db, now)
    return undone


def _undo(db: sqlite3.Connection, batch: sqlite3.Row, by: By, now: datetime) -> Undone:
    gone = _spots(db, f"SELECT {_COLUMNS} FROM spot WHERE batch_id = ? ORDER BY id", batch["id"])  # noqa: S608
    back = _spots(db, f"SELECT {_COLUMNS} FROM removed_spot WHERE removed_in = ? ORDER BY id", batch["id"])  # noqa: S608
    if (len(gone), len(back)) != (batch["rows_added"], batch["rows_removed"]):
        raise Refused(
            f"Import {batch['id']} not undone: its rows were changed since, or the rows it took out are no longer kept",
            f"They are kept for {KEPT_BATCHES} imports. Import the workbook of before again",
        )
    months = sorted({spot.month for spot in (*gone, *back)})
    before = _gross(db, months)
    db.execute("DELETE FROM spot WHERE batch_id = ?", (batch["id"],))
    db.execute(
        f"INSERT INTO spot (id, {_COLUMNS}) SELECT id, {_COLUMNS} FROM removed_spot WHERE removed_in = ?",  # noqa: S608
        (batch["id"],),
    )
    for name in ("restore_issues", "forget_first_batch"):
        db.execute(_SQL[name], {"batch_id": batch["id"]})
    rebuild_summary(db, months)
    after = _gross(db, months)
    record = _record(db, batch, by, (len(back), len(gone)), (before, after))
    reopened = _unclose(db, batch["id"], record, by)
    closed = {row[0] for row in db.execute("SELECT month FROM month_status WHERE status = 'closed'")}
    take_snapshots(db, [month for month in months if month not in closed], station_day(now))
    store_changes(db, record, tell_changes(gone, back).lines)
    for table in ("removed_spot", "removed_issue"):
        db.execute(f"DELETE FROM {table} WHERE removed_in = ?", (batch["id"],))  # noqa: S608 - constants
    write_audit(db, by, Deed("undo_import", f"import {batch['id']}", batch["file_name"], f"import {record}"))
    return Undone(batch["id"], batch["file_name"], record, len(back), len(gone), before, after, reopened)


def _unclose(db: sqlite3.Connection, batch_id: int, record: int, by: By) -> tuple[int, ...]:
    """Months that the batch closed are open again, or have the seal of the close before; those that are open now."""
    reopened = []
    for (month,) in db.execute(
        """SELECT month FROM month_seal WHERE batch_id = ?
           AND month IN (SELECT month FROM month_status WHERE status = 'closed') ORDER BY month""",
        (batch_id,),
    ).fetchall():
        earlier = db.execute(
            _SQL["seal_before"], {"month": month, "batch_id": batch_id, "label": label(month)}
        ).fetchone()
        if earlier is None:
            db.execute("DELETE FROM month_status WHERE month = ?", (month,))
            write_audit(db, by, Deed("reopen_month", label(month), "closed", f"import {batch_id} was taken back"))
            reopened.append(int(month))
        else:
            db.execute(
                """INSERT INTO month_seal (month, batch_id, sealed_at, spots, gross_cents, net_cents, digest)
                   VALUES (?, ?, ?, ?, ?, ?, ?)""",
                (month, record, by.at, *earlier),
            )
    return tuple(reopened)


def _record(db: sqlite3.Connection, batch: sqlite3.Row, by: By, rows: tuple[int, int], gross: tuple[int, int]) -> int:
    found = db.execute(
        """INSERT INTO batch (started_at, finished_at, mode, file_name, file_sha256, status, imported_by, undoes,
               rows_read, rows_stored, rows_added, rows_removed, gross_before_cents, gross_after_cents)
           VALUES (:at, :at, 'MANUAL', :name, '', 'completed', :by, :undoes,
               :back, :back, :back, :gone, :before, :after)
           RETURNING id""",
        {
            "at": by.at, "by": by.actor, "name": f"undo of import {batch['id']}", "undoes": batch["id"],
            "back": rows[0], "gone": rows[1], "before": gross[0], "after": gross[1],
        },
    ).fetchone()  # fmt: skip
    return int(found[0])


def _spots(db: sqlite3.Connection, sql: str, batch_id: int) -> list[Spot]:
    return [Spot(*row) for row in db.execute(sql, (batch_id,))]


def _gross(db: sqlite3.Connection, months: list[int]) -> int:
    sums = [db.execute("SELECT COALESCE(SUM(gross_cents), 0) FROM booked WHERE month = ?", (each,)) for each in months]
    return sum(int(cursor.fetchone()[0]) for cursor in sums)
