"""What the ledger holds of each month, and storing the difference of one."""

import sqlite3

from bookedbiz.importing.difference import Amounts, ChangeKey, difference, tell_changes
from bookedbiz.importing.report import MonthLine
from bookedbiz.importing.rules import MonthState, Outcome
from bookedbiz.importing.spots import SpotWriter
from bookedbiz.workbook.rows import Row, money_of


def month_states(db: sqlite3.Connection) -> dict[int, MonthState]:
    """Rows, gross, net and status of every month that has rows or a status."""
    rows = db.execute(
        """SELECT month, sum(spots), sum(gross), sum(net), max(closed) FROM (
               SELECT month, spots, gross_cents AS gross, net_cents AS net, 0 AS closed FROM booked
               UNION ALL SELECT month, 0, 0, 0, status = 'closed' FROM month_status)
           GROUP BY month"""
    )
    return {month: MonthState(spots, gross, net, bool(closed)) for month, spots, gross, net, closed in rows}


def store_month(
    db: sqlite3.Connection, writer: SpotWriter, rows: list[Row], line: MonthLine
) -> dict[ChangeKey, Amounts]:
    """Make the month hold exactly these rows; `line` learns what that took. Equal rows keep their ids."""
    stored = db.execute("SELECT id, row_hash FROM spot WHERE month = ?", (line.month,)).fetchall()
    found = difference(((spot_id, row_hash) for spot_id, row_hash in stored), rows)
    removed = writer.remove(found.removed)
    added = writer.add(found.added)
    line.rows_added, line.rows_removed = len(added), len(removed)
    line.after = MonthState(len(rows), *money_of(rows))
    if not added and not removed:
        line.outcome = Outcome.UNCHANGED
    return tell_changes(removed, added).lines
