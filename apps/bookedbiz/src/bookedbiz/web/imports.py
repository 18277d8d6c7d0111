"""Imports: what each changed, taking the newest back, closed months, and a workbook brought in by the browser."""

import hashlib
import re
import shutil
from contextlib import closing
from pathlib import Path

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.utils import secure_filename

from bookedbiz.errors import BookedBizError, Refused, WorkbookError
from bookedbiz.importing.closing import closed_months, closings, reopen_month
from bookedbiz.importing.importer import import_workbook
from bookedbiz.importing.problems import problems_of
from bookedbiz.importing.request import ImportRequest, Mode, Progress
from bookedbiz.importing.shown import report_lines
from bookedbiz.importing.told import KINDS, tell_batch
from bookedbiz.importing.undoing import undo_newest, undoable
from bookedbiz.months import label, month_of, station_day
from bookedbiz.notices.telling import import_and_tell
from bookedbiz.users import Role
from bookedbiz.web.context import acting, context, database, now, open_for_writing, require_writable, writing
from bookedbiz.web.roles import ADMIN, MANAGEMENT, only
from bookedbiz.web.running import Outcome
from station_kit.sqlitefile import open_database

blueprint = Blueprint("imports", __name__, url_prefix="/imports")

SHOWN = 60
QUICK_S = 2.0  # an import that ends within it leads straight to what it changed
LARGEST_WORKBOOK_BYTES = 80 * 1024 * 1024  # a recap of 100,000 rows has about 12 MB
_MODES = {"refresh": Mode.WEEKLY, "close": Mode.CLOSE}
_SHA256 = re.compile(r"[0-9a-f]{64}")


def allow_workbook() -> None:
    """Let a large body in where a workbook is handed over, and only for who may do it."""
    if request.endpoint == "imports.hand_over" and getattr(current_user, "role", None) is Role.ADMIN:
        request.max_content_length = LARGEST_WORKBOOK_BYTES


@blueprint.get("/")
@only(MANAGEMENT)
def batches() -> str:
    """Which imports were there, and what did each change?"""
    db = database()
    rows = db.execute(
        """SELECT id, started_at, mode, file_name, status, imported_by, rows_added, rows_removed, issues,
               undoes, same_as, gross_after_cents - gross_before_cents AS gross_cents, error,
               id IN (SELECT undoes FROM batch WHERE undoes IS NOT NULL) AS undone
           FROM batch ORDER BY id DESC LIMIT ?""",
        (SHOWN,),
    ).fetchall()
    under_way = context().runs.under_way()
    return render_template("clerk-imports.html", batches=rows, newest=undoable(db), under_way=under_way)


@blueprint.get("/<int:batch_id>")
@only(MANAGEMENT)
def batch(batch_id: int) -> str:
    """What did this import change, by customer, account executive and month?"""
    db = database()
    row = db.execute("SELECT * FROM batch WHERE id = ?", (batch_id,)).fetchone()
    if row is None:
        abort(404)
    months = db.execute("SELECT * FROM batch_month WHERE batch_id = ? ORDER BY month", (batch_id,)).fetchall()
    return render_template(
        "clerk-import.html", batch=row, told=tell_batch(db, batch_id), kinds=KINDS, months=months,
        newest=undoable(db), problems=problems_of(db, batch_id),
    )  # fmt: skip


@blueprint.get("/<int:batch_id>.json")
@only(MANAGEMENT)
def batch_for_programs(batch_id: int) -> ResponseReturnValue:
    """The same for a program."""
    told = tell_batch(database(), batch_id)
    lines = {"customers": told.customers, "aes": told.aes, "months": told.months, "total": [told.total]}
    return {"batch": batch_id, **{name: [vars(line) for line in each] for name, each in lines.items()}}


@blueprint.post("/<int:batch_id>/undo")
@only(ADMIN)
def undo(batch_id: int) -> ResponseReturnValue:
    """Take the newest import back."""
    with open_for_writing() as db:
        done = undo_newest(db, context().settings.workbooks, acting(), now(), expected=batch_id)
    flash(f"Import {done.undone} taken back: {done.rows_restored:,} rows restored, {done.rows_taken_out:,} taken out.")
    return redirect(url_for("imports.batch", batch_id=done.batch_id))


@blueprint.get("/months")
@only(MANAGEMENT)
def months() -> str:
    """Which months are closed, and do they hold what they held?"""
    db = database()
    return render_template("clerk-months.html", months=closed_months(db), seals=closings(db))


@blueprint.post("/months/<int:month>/reopen")
@only(ADMIN)
def reopen(month: int) -> ResponseReturnValue:
    """Let imports change a closed month again."""
    with writing() as (db, by):
        reopen_month(db, month, request.form.get("reason", ""), by)
    flash(f"{label(month)} is open again.")
    return redirect(url_for("imports.months"))


@blueprint.get("/new")
@only(ADMIN)
def new() -> str:
    """Bring a workbook in: refresh open months, or close months."""
    settings, db = context().settings, database()
    first, last, spots = db.execute("SELECT min(month), max(month), COALESCE(sum(spots), 0) FROM booked").fetchone()
    return render_template("clerk-upload.html", settings=settings, first=first, last=last, spots=spots)


@blueprint.post("/new")
@only(ADMIN)
def hand_over() -> ResponseReturnValue:
    """Take the workbook, and show what importing it would change; nothing is changed yet."""
    given = request.files.get("workbook")
    if given is None or not given.filename or _MODES.get(request.form.get("mode", "")) is None:
        abort(422)
    name = secure_filename(given.filename) or "workbook.xlsx"
    content = given.stream
    sha256 = hashlib.file_digest(content, "sha256").hexdigest()  # type: ignore[arg-type]  # a file, spooled to disk
    content.seek(0)
    folder = _staged(sha256)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    given.save(folder / name)
    return _tried_out(folder / name, sha256)


@blueprint.post("/try")
@only(ADMIN)
def try_again() -> ResponseReturnValue:
    """Show it anew with other months or safeguards."""
    path, sha256 = _handed_over()
    return _tried_out(path, sha256)


@blueprint.post("/run")
@only(ADMIN)
def run() -> ResponseReturnValue:
    """Import what was handed over; it goes on though the page is closed."""
    path, _ = _handed_over()
    require_writable()
    asked, settings = _request(path), context().settings

    def work(progress: Progress) -> Outcome:
        with closing(open_database(settings.database)) as db:
            report, sent = import_and_tell(
                db, settings.ways, path, asked.now, lambda: import_workbook(db, asked, settings.workbooks, progress)
            )
        shutil.rmtree(path.parent, ignore_errors=True)
        said = f"{report.file} imported: {report.rows_added:,} rows added, {report.rows_removed:,} removed."
        return Outcome(report.batch_id, said, sent)

    run_id = context().runs.start(path.name, asked.by, asked.now, work)
    return _shown(run_id, wait_s=QUICK_S)


@blueprint.get("/running/<run_id>")
@only(ADMIN)
def running(run_id: str) -> ResponseReturnValue:
    """How far is this import?"""
    return _shown(run_id)


def _shown(run_id: str, *, wait_s: float = 0.0) -> ResponseReturnValue:
    found = context().runs.find(run_id, wait_s=wait_s)
    if found is None:
        abort(404)
    if found.outcome is not None:
        flash(found.outcome.words)
        for error in found.outcome.notice.errors:
            flash(f"A notice of it was not sent and is tried again: {error}.")
        return redirect(url_for("imports.batch", batch_id=found.outcome.batch_id))
    if request.method == "POST" and not found.has_ended:
        return redirect(url_for("imports.running", run_id=run_id))
    since_s = (now() - found.began_at).total_seconds()
    return render_template("clerk-running.html", run=found, since_s=since_s), 409 if found.error else 200


def _tried_out(path: Path, sha256: str) -> ResponseReturnValue:
    lines: list[str] = []
    problem, closable, totals = None, [], []
    with open_for_writing() as db:
        try:
            report = import_workbook(db, _request(path, dry_run=True), context().settings.workbooks)
            lines = list(report_lines(report))
            totals = [line for line in report.months if line.month in _request(path).months]
        except (Refused, WorkbookError) as why:
            problem = why
        if request.form.get("mode") == "close" and not isinstance(problem, WorkbookError):
            closable = _closable(path)
    return render_template(
        "clerk-try.html", lines=lines, problem=problem, name=path.name, sha256=sha256, form=request.form,
        ticked=request.form.getlist("months"), closable=closable, totals=totals,
    ), 200 if problem is None else 409  # fmt: skip


def _closable(path: Path) -> list[tuple[int, bool]]:
    """The months of the workbook that are over, and whether each is closed already."""
    with open_for_writing() as db:
        tried = import_workbook(
            db,
            ImportRequest(path, current_user.email, now(), dry_run=True, accept_drop=True, include_past=True),
            context().settings.workbooks,
        )
        held = {row["month"] for row in db.execute("SELECT month FROM month_status WHERE status = 'closed'")}
    found = {line.month for line in tried.months if line.file_rows}
    return [(month, month in held) for month in sorted(found) if month < month_of(station_day(now()))]


def _request(path: Path, *, dry_run: bool = False) -> ImportRequest:
    form = request.form
    mode = _MODES.get(form.get("mode", ""), Mode.WEEKLY)
    ticked = frozenset(int(text) for text in form.getlist("months") if text.isascii() and text.isdigit())
    return ImportRequest(
        file=path, by=current_user.email, now=now(), mode=mode, dry_run=dry_run,
        accept_drop=form.get("accept_drop") == "1", include_past=form.get("include_past") == "1",
        months=ticked if mode is Mode.CLOSE else frozenset(), reason=form.get("reason", "").strip() or None,
    )  # fmt: skip


def _handed_over() -> tuple[Path, str]:
    """The workbook that was handed over before, by its hash."""
    sha256 = request.form.get("sha256", "")
    folder = _staged(sha256) if _SHA256.fullmatch(sha256) else None
    files = sorted(folder.iterdir()) if folder and folder.is_dir() else []
    if not files:
        raise BookedBizError("Nothing imported: the workbook is no longer here", "Choose it again")
    return files[0], sha256


def _staged(sha256: str) -> Path:
    return context().settings.workbooks / "handed-over" / sha256
