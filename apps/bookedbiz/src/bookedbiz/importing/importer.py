"""Import a workbook: read it, decide month by month, store the difference, all in one transaction or not at all."""

import sqlite3
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic

from bookedbiz.accounts.refresh import refresh_after_import
from bookedbiz.collector import without_collector
from bookedbiz.errors import BookedBizError
from bookedbiz.importing.batch import (
    begin_batch,
    complete_batch,
    fail_abandoned,
    fail_batch,
    newest_same,
    sheets_last_time,
    store_changes,
    store_details,
    store_spot_ids,
)
from bookedbiz.importing.closing import close_months
from bookedbiz.importing.difference import Amounts, ChangeKey
from bookedbiz.importing.kept import keep_workbook, sha256_of
from bookedbiz.importing.lock import import_lock
from bookedbiz.importing.months import month_states, store_month
from bookedbiz.importing.report import (
    ImportReport,
    MonthLine,
    count_skips,
    describe_sheets,
    missing_sheets,
    sum_changes,
    waiting_months,
)
from bookedbiz.importing.request import ImportRequest, Mode, Progress, in_silence
from bookedbiz.importing.rules import MonthState, Outcome, decide, require_no_fall, require_right_year
from bookedbiz.importing.spots import SpotWriter
from bookedbiz.importing.summary import rebuild_summary, take_snapshots
from bookedbiz.importing.undoing import forget_old_removals
from bookedbiz.moments import utc_text
from bookedbiz.months import label, station_day
from bookedbiz.names.audit import By
from bookedbiz.workbook.reader import WorkbookContent, read_workbook
from bookedbiz.workbook.rows import Row, money_of
from station_kit.sqlitefile import transaction

LOCK_WAIT_S = 1.0  # somebody who changes a few spots is done long before; an import is not


class _DryRun(Exception):
    """Raised at the end of a dry run."""


def import_workbook(
    db: sqlite3.Connection, request: ImportRequest, data_path: Path, progress: Progress = in_silence
) -> ImportReport:
    """Bring the file into the ledger, and say what that changed; `progress` is told how far it is.

    All of it happens in one transaction; when anything is raised the ledger is what it was, apart from the record of
    a failed batch. WorkbookError, ImportBusy, or Refused when a safeguard says no. A dry run leaves no trace.
    """
    watch = _Watch(request.now)
    with import_lock(data_path, request.by, wait_s=LOCK_WAIT_S), without_collector():
        if request.dry_run:
            report = _try_out(db, request)
        else:
            fail_abandoned(db, watch.text())
            report = _import_recorded(db, request, data_path, (watch, progress))
            problem = refresh_after_import(db, request.now)
            report.warnings.extend([problem] if problem else [])
    report.took_s = round(watch.elapsed_s(), 3)
    return report


class _Watch:
    """Time since the moment that the import was given."""

    def __init__(self, began_at: datetime) -> None:
        self._began_at = began_at
        self._began = monotonic()

    def elapsed_s(self) -> float:
        return monotonic() - self._began

    def text(self) -> str:
        return utc_text(self._began_at + timedelta(seconds=self.elapsed_s()))


def _try_out(db: sqlite3.Connection, request: ImportRequest) -> ImportReport:
    report = ImportReport(request.file.name, request.mode.value, dry_run=True)
    sha256 = sha256_of(request.file)
    if _recognised(db, request, sha256, report):
        return report
    content = read_workbook(request.file)
    try:
        with transaction(db):
            _store(db, begin_batch(db, request, sha256), request, content, report)
            raise _DryRun
    except _DryRun:
        return report


def _import_recorded(
    db: sqlite3.Connection, request: ImportRequest, data_path: Path, told: tuple[_Watch, Progress]
) -> ImportReport:
    watch, progress = told
    report = ImportReport(request.file.name, request.mode.value)
    sha256 = sha256_of(request.file)
    with transaction(db):
        batch_id = report.batch_id = begin_batch(db, request, sha256)
    try:
        if _recognised(db, request, sha256, report):
            with transaction(db):
                complete_batch(db, batch_id, report, watch.text())
            return report
        content = read_workbook(request.file, progress)
        keep_workbook(request.file, sha256, data_path)
        with transaction(db):
            _store(db, batch_id, request, content, report, progress)
            complete_batch(db, batch_id, report, watch.text())
    except BaseException as why:
        fail_batch(db, batch_id, getattr(why, "message", None) or f"{type(why).__name__}: {why}", watch.text())
        raise
    return report


def _recognised(db: sqlite3.Connection, request: ImportRequest, sha256: str, report: ImportReport) -> bool:
    """Whether the ledger holds this very file already, as its newest import; if so the report says all there is."""
    newest = newest_same(db, request, sha256)
    if newest is None:
        return False
    report.same_as = newest["same_as"] or newest["id"]
    report.rows_read, report.rows_stored = newest["rows_read"], newest["rows_stored"]
    report.rows_skipped, report.rows_left = newest["rows_skipped"], newest["rows_left"]
    report.rows_unchanged = newest["rows_added"] + newest["rows_unchanged"]
    report.gross_before_cents = report.gross_after_cents = newest["gross_after_cents"]
    return True


def _store(
    db: sqlite3.Connection,
    batch_id: int,
    request: ImportRequest,
    content: WorkbookContent,
    report: ImportReport,
    progress: Progress = in_silence,
) -> None:
    by_month: dict[int, list[Row]] = defaultdict(list)
    for row in content.rows():
        by_month[row.month].append(row)
    before = month_states(db)
    require_right_year(request, {month: len(rows) for month, rows in by_month.items()})
    outcomes = decide(request, by_month, before)
    wanted = [month for month in sorted(by_month) if outcomes[month] is Outcome.IMPORTED]
    require_no_fall(request, before, {month: _state_of(by_month[month]) for month in wanted})

    last_time = sheets_last_time(db, request.mode.value)
    writer = SpotWriter(db, batch_id, undoable=True)
    changes: dict[ChangeKey, Amounts] = {}
    issues: Counter[str] = Counter()
    for month in sorted(outcomes):
        held = before.get(month, MonthState())
        line = MonthLine(month, outcomes[month], len(by_month.get(month, ())), held, held)
        report.months.append(line)
        if line.outcome is Outcome.IMPORTED:
            progress(f"comparing and storing {label(month)}", len(report.months))
            changes |= store_month(db, writer, by_month[month], line)
            for row in by_month[month]:
                for issue in writer.issues(row):
                    issues[issue.code] += 1
            _count(report, line)
        else:
            report.rows_left += line.file_rows
    progress("adding up", len(report.months))
    _finish(db, batch_id, request, content, report)
    report.issues = dict(issues.most_common())
    report.changes = sum_changes(changes)
    report.warnings = [*content.warnings, *missing_sheets(content, last_time), *waiting_months(report)]
    store_details(db, batch_id, report, content)
    store_changes(db, batch_id, changes)
    store_spot_ids(db, batch_id, writer.ids)
    forget_old_removals(db)


def _count(report: ImportReport, line: MonthLine) -> None:
    report.rows_added += line.rows_added
    report.rows_removed += line.rows_removed
    report.rows_unchanged += line.file_rows - line.rows_added
    report.gross_before_cents += line.before.gross_cents
    report.gross_after_cents += line.after.gross_cents


def _finish(
    db: sqlite3.Connection, batch_id: int, request: ImportRequest, content: WorkbookContent, report: ImportReport
) -> None:
    """Summary, snapshots, seals, and the counts that must agree."""
    changed = [line.month for line in report.months if line.rows_added or line.rows_removed]
    rebuild_summary(db, changed)
    if request.mode is Mode.CLOSE:  # pacing looks at open months alone
        close_months(db, request.months, batch_id, By(request.by, utc_text(request.now)), request.reason)
    else:
        take_snapshots(db, changed, station_day(request.now))
    report.sheets = describe_sheets(content)
    report.skipped = count_skips(content)
    report.rows_read = sum(sheet.rows_read for sheet in content.sheets)
    report.rows_skipped = sum(report.skipped.values())
    report.rows_stored = report.rows_left + report.rows_added + report.rows_unchanged
    if report.rows_read != report.rows_stored + report.rows_skipped:
        raise BookedBizError(
            f"{request.file.name} not imported: {report.rows_read} lines were read, but {report.rows_stored} would be "
            f"stored and {report.rows_skipped} skipped"
        )
    after = month_states(db)
    for line in report.months:
        touched = line.outcome in (Outcome.IMPORTED, Outcome.UNCHANGED)
        if touched and replace(after[line.month], closed=False) != replace(line.after, closed=False):
            raise BookedBizError(f"{request.file.name} not imported: {label(line.month)} would not hold its rows")


def _state_of(rows: list[Row]) -> MonthState:
    return MonthState(len(rows), *money_of(rows))
