"""The commands about plans and exports: budget import, switches, tokens of workbooks."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import click

from bookedbiz.cli_shared import as_json_option, by, ledger
from bookedbiz.exports.tokens import list_tokens, new_token, revoke_token
from bookedbiz.money import dollars
from bookedbiz.months import month_of, station_day
from bookedbiz.planning import budgets, sheet
from bookedbiz.planning.saving import Saved, Session, save
from bookedbiz.switches import Switch, is_on, turn
from station_kit.environment import Secret
from station_kit.sqlitefile import transaction


@click.group("budget")
def budget() -> None:
    """What each entity is to bring, month by month."""


@budget.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--year", type=click.IntRange(1990, 2099), help="Of months without a year; this year by default.")
@click.option("--note", default="", help="Kept with every change.")
@click.option("--change-past", is_flag=True, help="Budgets of months that are over may change, too.")
@click.option("--dry-run", is_flag=True, help="Show what it would change and change nothing.")
@as_json_option
def budget_import(file: Path, year: int | None, *, as_json: bool, dry_run: bool, **more: object) -> None:
    """Take a budget over from a sheet: names in the first column, months in the first line; XLSX or CSV.

    Or a line for each: entity, month, budget. An empty cell changes nothing. All of it is stored, or nothing.
    """
    month = month_of(station_day(datetime.now(UTC)))
    session = Session("import", month, str(more["note"]), change_past=bool(more["change_past"]))
    with ledger() as (db, _), transaction(db):
        wanted = budgets.wanted_budget(db, sheet.read_file(file), year or month // 100)
        taken = budgets.compare(db, wanted)
        saved = Saved(None, sum(each.changed for each in taken)) if dry_run else save(db, wanted, session, by())
    if as_json:
        told = {"session": saved.session_id, "changes": saved.changes, "entities": [asdict(each) for each in taken]}
        click.echo(json.dumps(told))
        return
    for each in taken:
        click.echo(f"{each.name:30}{each.months:4} months{dollars(each.before):>18} -> {dollars(each.after):>16}")
    said = "would change" if dry_run else "changed"
    click.echo(f"{_counted(saved.changes, 'budget')} of {_counted(len(taken), 'entity')} {said}.")


@click.group("switch")
def switch() -> None:
    """What the station allows beyond the rule."""


@switch.command("list")
@as_json_option
def switch_list(*, as_json: bool) -> None:
    """Every switch, and whether it is on."""
    with ledger() as (db, _):
        found = {each.value: is_on(db, each) for each in Switch}
    if as_json:
        click.echo(json.dumps(found))
        return
    for name, on in found.items():
        click.echo(f"{'on ' if on else 'off'}  {name}")


@switch.command("turn")
@click.argument("name", type=click.Choice([each.value for each in Switch]))
@click.argument("state", type=click.Choice(["on", "off"]))
def switch_turn(name: str, state: str) -> None:
    """Turn one on or off."""
    with ledger() as (db, _), transaction(db):
        changed = turn(db, Switch(name), by(), on=state == "on")
    click.echo(f"Switch {name!r} is {state}{'' if changed else ', as it was'}.")


@click.group("token")
def token() -> None:
    """What a workbook fetches its exports with; see docs/power-query.md."""


@token.command("new")
@click.argument("name")
@click.option(
    "--token-file", type=click.File(), help="Let in a token that a workbook has already; - for standard input."
)
def token_new(name: str, token_file: TextIO | None) -> None:
    """Make a token and print it, this one time. NAME says which workbook uses it."""
    given = Secret(token_file.readline().strip()) if token_file else None
    with ledger() as (db, _), transaction(db):
        made = new_token(db, name, by(), given=given)
    if given is None:
        click.echo(made.reveal())
    click.echo(f"Token {name.strip()} made; it is kept nowhere else and cannot be shown again.", err=True)


@token.command("list")
@as_json_option
def token_list(*, as_json: bool) -> None:
    """Every token by name; none can be shown again."""
    with ledger() as (db, _):
        found = list_tokens(db)
    if as_json:
        click.echo(json.dumps({"tokens": [asdict(each) for each in found]}))
        return
    for each in found:
        state = f"revoked {each.revoked_at[:10]}" if each.revoked_at else "opens the exports"
        click.echo(f"{each.name:30}{each.created_at[:10]}  by {each.created_by:20}{state}")
    click.echo(f"{_counted(sum(each.revoked_at is None for each in found), 'token')} in force.")


@token.command("revoke")
@click.argument("name")
def token_revoke(name: str) -> None:
    """Let a token open nothing any more, from now on."""
    with ledger() as (db, _), transaction(db):
        revoke_token(db, name, by())
    click.echo(f"Token {name.strip()} revoked.")


def _counted(number: int, word: str) -> str:
    """`1 budget`, `2 entities`."""
    return f"{number:,} {word if number == 1 else f'{word[:-1]}ies' if word.endswith('y') else f'{word}s'}"


COMMANDS = (budget, switch, token)
