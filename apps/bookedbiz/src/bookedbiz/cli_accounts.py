"""The commands about accounts: compute signals anew, list them, give accounts out, contacts out and in."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from bookedbiz.accounts import assigning, contacts_csv
from bookedbiz.accounts.queue import open_items
from bookedbiz.accounts.refresh import record, refresh
from bookedbiz.accounts.signals import PRIORITY
from bookedbiz.accounts.standing import accounts as all_accounts
from bookedbiz.cli_shared import as_json_option, by, ledger
from bookedbiz.errors import Refused
from bookedbiz.months import month_of, station_day
from station_kit.sqlitefile import transaction


@click.group("accounts")
def accounts() -> None:
    """Who looks after customers and agencies, their signals, and whom one talks to there."""


@accounts.command("refresh")
def refresh_accounts() -> None:
    """Compute figures and signals of every account anew, as every import does."""
    now = datetime.now(UTC)
    with ledger() as (db, _), transaction(db):
        found = refresh(db, now)
        record(db, now, None, None)
    click.echo(f"Computed for {found.accounts:,} accounts: {found.opened} signals opened, {found.closed} closed.")


@accounts.command("signals")
@as_json_option
def list_signals(*, as_json: bool) -> None:
    """Every open signal, the most urgent first."""
    today = station_day(datetime.now(UTC))
    with ledger() as (db, _):
        names = {each.id: (each.name, each.ae) for each in all_accounts(db, today)}
        items = [item for item in open_items(db, today) if item.account_id in names]
    items.sort(key=lambda item: (PRIORITY[item.kind], names[item.account_id][0]))
    if as_json:
        told = [
            {
                "account": names[item.account_id][0],
                "ae": names[item.account_id][1],
                "signal": item.kind.value,
                "label": item.label,
                "state": item.state,
                "since": item.opened_on,
            }
            for item in items
        ]
        click.echo(json.dumps({"signals": told}))
        return
    for item in items:
        name, ae = names[item.account_id]
        click.echo(f"{item.kind.value:12}{item.state:13}{name[:36]:38}{ae[:16]:18}{item.label}")
    click.echo(f"{len(items)} signals, {sum(item.state == 'new' for item in items)} of them new.")


@accounts.command("assign")
def assign() -> None:
    """Give every account that nobody looks after to who sold the most there in the last 12 months."""
    month = month_of(station_day(datetime.now(UTC)))
    with ledger() as (db, _), transaction(db):
        given = assigning.assign_by_sales(db, month, by())
    click.echo(f"{given:,} accounts given out.")


@accounts.group("contacts")
def contacts() -> None:
    """Contacts as a CSV file."""


@contacts.command("export")
def export_contacts() -> None:
    """Print every contact as CSV."""
    with ledger() as (db, _):
        content = contacts_csv.contacts_as_csv(db, None)
    sys.stdout.buffer.write(content)


@contacts.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Show what it would change and change nothing.")
def import_contacts(file: Path, *, dry_run: bool) -> None:
    """Add and change contacts by a CSV file with a line for each; all of it, or nothing."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as why:
        raise Refused(f"No contacts imported: {file} cannot be read: {why}", "Save it as CSV UTF-8") from why
    with ledger() as (db, _), transaction(db):
        wanted = contacts_csv.read_contacts(db, text, None)
        added = sum(each.contact_id is None for each in wanted)
        if dry_run:
            click.echo(f"{added:,} contacts would be added; {len(wanted) - added:,} are there already.")
            return
        added, changed = contacts_csv.store_contacts(db, wanted, by())
    click.echo(f"{added:,} contacts added, {changed:,} changed.")


COMMANDS = (accounts,)
