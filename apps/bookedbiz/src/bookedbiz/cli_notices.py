"""The commands about notices: remind, notices; and how the other commands tell what came of them."""

import json
import os
import sqlite3
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from bookedbiz.changes.digest import write_digests
from bookedbiz.cli_shared import as_json_option, ledger
from bookedbiz.errors import BookedBizError
from bookedbiz.importing.checks import Check
from bookedbiz.importing.report import ImportReport
from bookedbiz.notices import telling, words
from bookedbiz.notices.outbox import Notice, Sent, send_waiting
from bookedbiz.notices.ways import Ways, ways_of
from station_kit.statements import load

_SQL = load("bookedbiz.notices")


def import_told(db: sqlite3.Connection, file: Path, now: datetime, run: Callable[[], ImportReport]) -> ImportReport:
    """What `run` gives; it and what it raises is told to whom the environment names."""
    report, sent = telling.import_and_tell(db, _ways(), file, now, run)
    _say(sent)
    return report


def tell_checks(db: sqlite3.Connection, checks: Sequence[Check], now: datetime) -> None:
    """Tell what is wrong with the ledger, if anything is."""
    notice = words.of_checks(checks)
    if notice is not None:
        _say(telling.told(db, notice, _ways(), now))


@click.command("remind")
def remind() -> None:
    """Tell loudly when nothing has been imported for 24 hours, and send what waits; for a daily job."""
    with ledger() as (db, _):
        notice = telling.remind(db, _ways(), datetime.now(UTC))
    click.echo("Data is being imported as it should." if notice is None else f"Told: {notice.title}.")


@click.group("notices")
def notices() -> None:
    """What the station was told of imports and checks, by ntfy, a webhook or mail."""


@notices.command("list")
@click.option("--count", type=click.IntRange(1, 500), default=20, help="How many, the newest first.")
@as_json_option
def notices_list(count: int, *, as_json: bool) -> None:
    """The last notices, and whether they went out."""
    with ledger() as (db, _):
        rows = [dict(row) for row in db.execute(_SQL["last_notices"], {"count": count})]
    if as_json:
        click.echo(json.dumps({"notices": rows}))
        return
    for row in rows:
        went = f"waits: {row['waiting']}" if row["waiting"] else f"sent by {row['sent']}" if row["sent"] else "kept"
        click.echo(
            f"{row['at'][:16].replace('T', ' ')}  {'LOUD ' if row['loud'] else 'quiet'}  {row['title']}  ({went})"
        )
    click.echo(f"{len(rows)} notices; set up: {', '.join(_ways().names) or 'no way'}.")


@notices.command("send")
def notices_send() -> None:
    """Try again what has not gone out yet; for a job."""
    with ledger() as (db, _):
        sent = send_waiting(db, _ways(), datetime.now(UTC))
    _say(sent)
    click.echo(f"{sent.sent} sent, {sent.waiting} waiting.")


@notices.command("try")
@click.option("--loud", is_flag=True, help="As loud as one of a failure.")
def notices_try(*, loud: bool) -> None:
    """Send a notice that says nothing, to see that it arrives."""
    ways = _ways()
    if not ways.names:
        raise BookedBizError("No notice sent: no way is set up", "Set NOTICE_NTFY, NOTICE_WEBHOOK or NOTICE_SMTP")
    with ledger() as (db, _):
        sent = telling.told(db, Notice("try", "A trial notice", "It says nothing.", loud), ways, datetime.now(UTC))
    if sent.errors:
        raise BookedBizError(f"Notice not sent everywhere: {'; '.join(sent.errors)}", "It is tried again for 3 days")
    click.echo(f"Sent by {', '.join(ways.names)}.")


@click.command("digest")
def digest() -> None:
    """Write to who subscribed what has changed since yesterday, and send it; for a daily job."""
    now = datetime.now(UTC)
    with ledger() as (db, _):
        written = write_digests(db, now)
        sent = send_waiting(db, _ways(), now)
    _say(sent)
    click.echo(f"{written} letters written, {sent.sent} notices sent, {sent.waiting} waiting.")


def _ways() -> Ways:
    """Those of the environment; what is wrong with one is said each time."""
    ways = ways_of(os.environ)
    for problem in ways.problems:
        click.echo(f"warning: notices: {problem}", err=True)
    return ways


def _say(sent: Sent) -> None:
    for error in sent.errors:
        click.echo(f"warning: a notice was not sent and is tried again later: {error}", err=True)


COMMANDS = (remind, notices, digest)
