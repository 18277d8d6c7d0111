"""The record of each import: running, then completed or failed. A failed one leaves nothing but its record."""

import sqlite3
from collections import Counter

from bookedbiz.importing.difference import Amounts, ChangeKey
from bookedbiz.importing.report import ImportReport
from bookedbiz.importing.request import ImportRequest, Mode
from bookedbiz.importing.spots import Texts
from bookedbiz.moments import utc_text
from bookedbiz.workbook.reader import WorkbookContent
from station_kit.sqlitefile import transaction
from station_kit.statements import load

_SQL = load("bookedbiz.importing")


def begin_batch(db: sqlite3.Connection, request: ImportRequest, sha256: str) -> int:
    """The id of a new batch that is running."""
    row = db.execute(
        """INSERT INTO batch (started_at, mode, file_name, file_sha256, status, imported_by)
           VALUES (?, ?, ?, ?, 'running', ?) RETURNING id""",
        (utc_text(request.now), request.mode.value, request.file.name, sha256, request.by),
    ).fetchone()
    return int(row[0])


def complete_batch(db: sqlite3.Connection, batch_id: int, report: ImportReport, at: str) -> None:
    """Write down what the report says; the table's own checks hold rows read = stored + skipped."""
    db.execute(
        """UPDATE batch SET status = 'completed', finished_at = ?, rows_read = ?, rows_stored = ?, rows_skipped = ?,
               rows_left = ?, rows_added = ?, rows_removed = ?, rows_unchanged = ?, issues = ?,
               gross_before_cents = ?, gross_after_cents = ?, same_as = ?
           WHERE id = ?""",
        (
            at,
            report.rows_read,
            report.rows_stored,
            report.rows_skipped,
            report.rows_left,
            report.rows_added,
            report.rows_removed,
            report.rows_unchanged,
            sum(report.issues.values()),
            report.gross_before_cents,
            report.gross_after_cents,
            report.same_as,
            batch_id,
        ),
    )


def fail_batch(db: sqlite3.Connection, batch_id: int, error: str, at: str) -> None:
    """Say why the batch left nothing, in a transaction of its own."""
    with transaction(db):
        db.execute("UPDATE batch SET status = 'failed', finished_at = ?, error = ? WHERE id = ?", (at, error, batch_id))


def fail_abandoned(db: sqlite3.Connection, at: str) -> int:
    """Mark batches that say running as failed: the caller holds the import lock, so nobody runs them."""
    if not db.execute("SELECT 1 FROM batch WHERE status = 'running'").fetchone():
        return 0
    with transaction(db):
        return db.execute(
            """UPDATE batch SET status = 'failed', finished_at = ?, error = 'cut short; nothing was stored'
               WHERE status = 'running'""",
            (at,),
        ).rowcount


def store_details(db: sqlite3.Connection, batch_id: int, report: ImportReport, content: WorkbookContent) -> None:
    """What became of each sheet, month and skipped line."""
    sheets = Texts(
        db.execute("SELECT name, id FROM sheet"),
        lambda name: int(db.execute("INSERT INTO sheet (name) VALUES (?) RETURNING id", (name,)).fetchone()[0]),
    )
    db.executemany(
        "INSERT INTO batch_sheet VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (batch_id, sheets[line.sheet], line.rows_read, line.rows_stored, line.rows_skipped, line.issues,
             line.gross_cents, line.net_cents, line.total_cents)
            for line in report.sheets
        ],
    )  # fmt: skip
    db.executemany(
        "INSERT INTO batch_month VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (batch_id, line.month, line.outcome.value, line.file_rows, line.before.rows, line.after.rows,
             line.rows_added, line.rows_removed, line.before.gross_cents, line.after.gross_cents,
             line.before.net_cents, line.after.net_cents)
            for line in report.months
        ],
    )  # fmt: skip
    for sheet in content.sheets:
        sheet_id = sheets[sheet.name]
        reasons = Counter(skip.reason for skip in sheet.skipped)
        db.executemany(
            "INSERT INTO batch_skip VALUES (?, ?, ?, ?)",
            [(batch_id, sheet_id, reason, rows) for reason, rows in reasons.items()],
        )
        db.executemany(
            "INSERT INTO skipped_row VALUES (?, ?, ?, ?, ?)",
            [(batch_id, sheet_id, skip.number, skip.reason, skip.content) for skip in sheet.skipped if skip.content],
        )


def store_changes(db: sqlite3.Connection, batch_id: int, lines: dict[ChangeKey, Amounts]) -> None:
    """Keep the change report."""
    db.executemany(
        """INSERT INTO change (batch_id, kind, month, bill_code_id, sales_person_id, contract_id, columns,
               spots, gross_before_cents, gross_after_cents, net_before_cents, net_after_cents)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        [
            (batch_id, *key, amounts.spots, amounts.gross_before_cents, amounts.gross_after_cents,
             amounts.net_before_cents, amounts.net_after_cents)
            for key, amounts in lines.items()
        ],
    )  # fmt: skip
    for name in ("changed_contract", "changed_seller"):
        db.execute(f"DELETE FROM {name} WHERE batch_id = ?", (batch_id,))  # noqa: S608 - constants
        db.execute(_SQL[f"store_{name}"], {"batch_id": batch_id})


def store_spot_ids(db: sqlite3.Connection, batch_id: int, ids: tuple[int, int] | None) -> None:
    """Keep between which numbers the spots are that it added, these and those of before."""
    if ids is not None:
        sql = "UPDATE batch SET first_spot_id = COALESCE(first_spot_id, ?), last_spot_id = ? WHERE id = ?"
        db.execute(sql, (*ids, batch_id))


def sheets_last_time(db: sqlite3.Connection, mode: str) -> list[str]:
    """The sheets of the newest completed import of that mode."""
    rows = db.execute(
        """SELECT sheet.name FROM batch_sheet JOIN sheet ON sheet.id = sheet_id
           WHERE batch_id = (SELECT max(batch.id) FROM batch JOIN batch_sheet ON batch_id = batch.id
                             WHERE status = 'completed' AND mode = ?)
           ORDER BY sheet.id""",
        (mode,),
    )
    return [str(name) for (name,) in rows]


def newest_same(db: sqlite3.Connection, request: ImportRequest, sha256: str) -> sqlite3.Row | None:
    """The newest completed batch, if it brought this very file and importing it again can change nothing."""
    if request.mode is Mode.CLOSE:  # other months may be ticked, or the same be closed again
        return None
    newest: sqlite3.Row | None = db.execute(
        "SELECT * FROM batch WHERE status = 'completed' ORDER BY id DESC LIMIT 1"
    ).fetchone()
    if newest is None or newest["file_sha256"] != sha256 or newest["mode"] != request.mode.value:
        return None
    return None if request.include_past and newest["rows_left"] else newest
