"""The commands about imports: fetch, close, reopen, diff, undo."""

import getpass
import json
import os
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from bookedbiz.cli_notices import import_told
from bookedbiz.cli_shared import as_json_option, by, ledger, months_of
from bookedbiz.errors import Refused
from bookedbiz.importing.closing import closed_months, reopen_month
from bookedbiz.importing.fetching import fetch
from bookedbiz.importing.importer import import_workbook
from bookedbiz.importing.report import ImportReport
from bookedbiz.importing.request import ImportRequest, Mode
from bookedbiz.importing.shown import report_lines
from bookedbiz.importing.told import KINDS, Line, tell_batch
from bookedbiz.importing.undoing import undo_newest
from bookedbiz.money import dollars
from bookedbiz.months import label
from station_kit.sqlitefile import transaction

_by_option = click.option("--by", "who", default=getpass.getuser, help="Who does it; your login name by default.")


@click.command("fetch")
@click.argument("log", type=click.Path(path_type=Path), required=False)
@_by_option
@as_json_option
def fetch_log(log: Path | None, who: str, *, as_json: bool) -> None:
    """Import today's Commercial Log from where COMMERCIAL_LOG says that it lies; for a job that nobody watches.

    Ends with 4, and imports nothing, when the drive is not there, somebody has the workbook open, it is still being
    copied, or it is not today's.
    """
    named = os.environ.get("COMMERCIAL_LOG", "")
    path = log or (Path(named) if named else None)
    if path is None:
        click.echo("Nothing fetched: COMMERCIAL_LOG names no workbook.")
        return
    with ledger() as (db, place):
        now = datetime.now(UTC)
        report = import_told(db, path, now, lambda: fetch(db, path, place.data, who, now))
    _show(report, as_json=as_json)


@click.command("close")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--months", default="", help="The months to close, such as 202601-202603,202605.")
@click.option("--reason", help="Why a closed month is closed again.")
@click.option("--dry-run", is_flag=True, help="Show the same report and change nothing.")
@_by_option
@as_json_option
def close(file: Path | None, months: str, who: str, *, as_json: bool, **chosen: object) -> None:
    """Close months with accounting's recap FILE; without one, list the closed months and compare their seals."""
    if file is None:
        _list_closed(as_json=as_json)
        return
    reason = str(chosen["reason"]) if chosen["reason"] else None
    request = ImportRequest(
        file,
        who,
        datetime.now(UTC),
        Mode.CLOSE,
        dry_run=bool(chosen["dry_run"]),
        months=months_of(months),
        reason=reason,
    )
    with ledger() as (db, place):
        report = import_told(db, file, request.now, lambda: import_workbook(db, request, place.data))
    _show(report, as_json=as_json)


@click.command("reopen")
@click.argument("month")
@click.option("--reason", required=True, help="Why: it is kept with the month and in the audit.")
def reopen(month: str, reason: str) -> None:
    """Let imports change a closed month again."""
    months = sorted(months_of(month))
    with ledger() as (db, _), transaction(db):
        for each in months:
            reopen_month(db, each, reason, by())
    click.echo(f"{', '.join(label(each) for each in months)} open again.")


@click.command("diff")
@click.argument("batch", type=int, required=False)
@as_json_option
def diff(batch: int | None, *, as_json: bool) -> None:
    """What an import changed, by customer, account executive and month; the newest that changed anything by default."""
    with ledger() as (db, _):
        newest = db.execute("SELECT max(batch_id) FROM change").fetchone()[0]
        number = batch or newest
        known = db.execute("SELECT file_name FROM batch WHERE id = ?", (number,)).fetchone()
        if known is None:
            raise Refused("Nothing to show: there is no such import")
        told = tell_batch(db, int(number))
    if as_json:
        click.echo(json.dumps({"batch": number, **asdict(told)}))
        return
    for title, lines in (("Customer", told.customers), ("Account executive", told.aes), ("Month", told.months)):
        click.echo(f"{title:40}" + "".join(f"{kind:>10}" for kind in KINDS) + f"{'gross':>18}{'net':>18}")
        for line in lines:
            click.echo(_line(line))
        click.echo("")
    click.echo(f"Import {number} ({known[0]}) changed {sum(told.total.spots.values()):,} rows, "
               f"gross {dollars(told.total.gross_cents)}.")  # fmt: skip


@click.command("undo")
@click.argument("batch", type=int, required=False)
@_by_option
@as_json_option
def undo(batch: int | None, who: str, *, as_json: bool) -> None:
    """Take the newest import back; with BATCH, only if that is the newest."""
    now = datetime.now(UTC)
    with ledger() as (db, place):
        done = undo_newest(db, place.data, by()._replace(actor=who), now, expected=batch)
    if as_json:
        click.echo(json.dumps(asdict(done)))
        return
    for month in done.reopened:
        click.echo(f"{label(month)} is open again.")
    change = dollars(done.gross_after_cents - done.gross_before_cents)
    click.echo(
        f"Import {done.undone} ({done.file_name}) taken back as batch {done.batch_id}: {done.rows_restored:,} rows "
        f"restored, {done.rows_taken_out:,} taken out, gross {change}."
    )


def _list_closed(*, as_json: bool) -> None:
    with ledger() as (db, _):
        closed = closed_months(db)
    if as_json:
        told = [{"month": one.month, "closed_at": one.closed_at, "whole": one.is_whole} for one in closed]
        click.echo(json.dumps({"closed": told}))
        return
    for one in closed:
        whole = "as closed" if one.is_whole else "CHANGED SINCE"
        click.echo(f"{label(one.month):8}{one.closed_at[:10]:12}{one.closed_by:24}{one.now.spots:>9,} rows  {whole}")
    click.echo(f"{len(closed)} months are closed, {sum(not one.is_whole for one in closed)} changed since.")


def _show(report: ImportReport, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(report.as_json()))
        return
    for line in report_lines(report):
        click.echo(line)


def _line(line: Line) -> str:
    spots = "".join(f"{line.spots[kind] or '':>10}" for kind in KINDS)
    return f"{line.name[:39]:40}{spots}{dollars(line.gross_cents):>18}{dollars(line.net_cents):>18}"


COMMANDS = (fetch_log, close, reopen, diff, undo)
