"""`pivision fsck` and `pivision retention`: parse, call, show."""

import json
import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime

import click

from pivision.database import open_durable
from pivision.datafolder import DataFolder
from pivision.pictures import fsck as checking
from pivision.pictures import retention as keeping
from pivision.settings import Settings

_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.command()
@click.option("--repair", is_flag=True, help="Mend what is found: rows say what is gone, stray files go.")
@_json
def fsck(repair: bool, as_json: bool) -> None:
    """Do the files and the database agree? Exit code 1 when not, and nothing was mended."""
    now = datetime.now(UTC)
    with _opened() as (db, folder):
        found = checking.look(db, folder, now)
        if repair and not found.is_clean:
            checking.mend(db, folder, found, now)
    if as_json:
        click.echo(json.dumps(asdict(found) | {"mended": repair and not found.is_clean}))
    else:
        _show(found, mended=repair)
    if found.database or not (found.is_clean or repair):
        sys.exit(1)


@click.command()
@click.option("--dry-run", is_flag=True, help="Say what would go, and remove nothing.")
@_json
def retention(dry_run: bool, as_json: bool) -> None:
    """Let go what is too old, or what there is no room for; the worker does it every hour."""
    with _opened() as (db, folder):
        report = keeping.run(db, folder, datetime.now(UTC), dry=dry_run)
    if as_json:
        click.echo(json.dumps(asdict(report)))
        return
    pictures = report.by_age + report.by_bytes + report.by_room
    would = "would go" if dry_run else "went"
    click.echo(
        f"{pictures:,} pictures {would} ({report.by_age:,} by age, {report.by_bytes + report.by_room:,} for room), "
        f"{report.freed_bytes / 1e6:,.1f} MB; {report.kept_bytes / 1e6:,.1f} MB of pictures are kept, "
        f"{report.free_bytes / 1e9:,.1f} GB are free"
    )


@contextmanager
def _opened() -> Iterator[tuple[sqlite3.Connection, DataFolder]]:
    settings = Settings.from_env(os.environ, pages=False)
    folder = settings.folder
    folder.make()
    with closing(open_durable(settings.database)) as db:
        yield db, folder


def _show(found: checking.Findings, *, mended: bool) -> None:
    if found.pictures_elsewhere:
        click.echo(
            f"{len(found.pictures_elsewhere):,} pictures of events lie on the machine that the app ran on before"
        )
    if found.is_clean:
        click.echo("ok: every row has its file, and every file its row")
        return
    for words, what in (
        ("the database says", found.database),
        ("picture of an event without its file", found.pictures_without_file),
        ("frame whose bytes are gone", found.frames_without_bytes),
        ("frame that waits and cannot be looked at", found.jobs_without_frame),
        ("file that belongs to nothing", found.files_without_row),
    ):
        for each in what:
            click.echo(f"{words}: {each}")
    click.echo("mended" if mended else "nothing was changed; `pivision fsck --repair` mends it")
