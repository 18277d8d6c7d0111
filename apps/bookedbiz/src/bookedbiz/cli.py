"""The command `bookedbiz`: parses, calls one function, shows the result."""

import getpass
import json
import os
import signal
import sqlite3
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import TextIO

import click

from bookedbiz.cli_accounts import COMMANDS as ACCOUNT_COMMANDS
from bookedbiz.cli_imports import COMMANDS
from bookedbiz.cli_notices import COMMANDS as NOTICE_COMMANDS
from bookedbiz.cli_notices import import_told, tell_checks
from bookedbiz.cli_planning import COMMANDS as PLANNING_COMMANDS
from bookedbiz.cli_shared import as_json_option, by, ledger, months_of
from bookedbiz.errors import BookedBizError, Refused
from bookedbiz.importing.checks import check_ledger
from bookedbiz.importing.importer import import_workbook
from bookedbiz.importing.request import ImportRequest, Mode
from bookedbiz.importing.shown import report_lines
from bookedbiz.money import dollars
from bookedbiz.names.adopt import adopt_names, unknown_aes, unknown_customers
from bookedbiz.sample.fill import SampleRequest, begun_sample, fill
from bookedbiz.sample.traffic import Traffic
from bookedbiz.users import NewUser, Role, create_user, list_users, set_password
from station_kit import environment
from station_kit.environment import Secret
from station_kit.errors import BadSetting, KitError
from station_kit.sqlitefile import transaction

_MODES = {"weekly": Mode.WEEKLY, "close": Mode.CLOSE, "manual": Mode.MANUAL}


def main() -> None:
    """Entry point. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused by a safeguard, 130 interrupted."""
    try:
        bookedbiz(standalone_mode=False)
    except click.exceptions.Exit as end:
        sys.exit(end.exit_code)
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(wrong.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except KitError as error:
        click.echo(f"error: {error.message}", err=True)
        if error.hint:
            click.echo(f"\n  hint: {error.hint}", err=True)
        sys.exit(error.exit_code if isinstance(error, BookedBizError) else 1)
    except (sqlite3.OperationalError, OSError) as why:  # a full disk, a locked file: no bug of ours
        click.echo(f"error: Not done: {why}", err=True)
        sys.exit(1)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="bookedbiz")
def bookedbiz() -> None:
    """Booked ad-sales revenue of a TV station. DATABASE_PATH names the ledger, DATA_PATH the folder of its files."""


@bookedbiz.command("serve")
def serve_pages() -> None:
    """Answer until SIGTERM, on the socket that systemd handed over or at BIND and PORT."""
    from bookedbiz.settings import Settings  # noqa: PLC0415 - the other commands need no web server
    from bookedbiz.web.serve import serve  # noqa: PLC0415

    serve(Settings.from_env(os.environ), os.environ)


@bookedbiz.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--mode", type=click.Choice(list(_MODES)), default="weekly", help="weekly: open months (the daily log).")
@click.option("--by", default=getpass.getuser, help="Who imports; your login name by default.")
@click.option("--dry-run", is_flag=True, help="Show the same report and change nothing.")
@click.option("--accept-drop", is_flag=True, help="A month may lose more than a fifth of its rows or dollars.")
@click.option("--include-past", is_flag=True, help="Take months that are over, though they wait for their close.")
@click.option("--months", default="", help="With --mode close: the months to close, such as 202601-202603,202605.")
@click.option("--reason", help="Why a closed month is closed again.")
@as_json_option
def import_file(file: Path, mode: str, *, as_json: bool, months: str, **chosen: object) -> None:
    """Import a Commercial Log. Nothing of it is stored when anything is wrong with it as a whole."""
    request = ImportRequest(
        file=file,
        by=str(chosen["by"]),
        now=datetime.now(UTC),
        mode=_MODES[mode],
        dry_run=bool(chosen["dry_run"]),
        accept_drop=bool(chosen["accept_drop"]),
        include_past=bool(chosen["include_past"]),
        months=months_of(months),
        reason=str(chosen["reason"]) if chosen["reason"] else None,
    )
    with ledger() as (db, place):
        report = import_told(db, file, request.now, lambda: import_workbook(db, request, place.data))
    if as_json:
        click.echo(json.dumps(report.as_json()))
    else:
        for line in report_lines(report):
            click.echo(line)


@bookedbiz.command("check")
@click.option("--tell", "telling", is_flag=True, help="Send a notice when something is wrong; for a job.")
@as_json_option
def check(*, as_json: bool, telling: bool) -> None:
    """Prove that the ledger is what it must be."""
    with ledger() as (db, place):
        checks = check_ledger(db)
        if telling:
            tell_checks(db, checks, datetime.now(UTC))
    failed = [one for one in checks if not one.passed]
    if as_json:
        click.echo(json.dumps({"passed": not failed, "checks": [asdict(one) for one in checks]}))
    else:
        for one in checks:
            told = [] if one.passed else [*one.found, one.what_to_do]
            click.echo("\n        ".join([f"{'ok  ' if one.passed else 'FAIL'}  {one.name}", *told]))
    if failed:
        raise BookedBizError(f"{place.database} is not what it must be: {len(failed)} of {len(checks)} checks failed")
    if not as_json:
        click.echo(f"{place.database} passed {len(checks)} checks.")


@bookedbiz.command("sample")
@click.option("--spots", type=click.IntRange(100, 2_000_000), default=24_000, help="How many, over three years.")
@click.option("--seed", type=int, default=7, help="The same seed gives the same ledger.")
@click.option("--dirt", type=click.IntRange(0, 3), default=1, help="How carelessly the workbooks were kept.")
def sample(spots: int, seed: int, dirt: int) -> None:
    """Fill an empty ledger with a made-up station, through real workbooks. Run again it changes nothing."""
    password = environment.credential("first_admin_password", os.environ) if _has_password() else None
    with ledger() as (db, place):
        request = SampleRequest(spots, seed, datetime.now(UTC), dirt)
        filled = fill(db, request, place.data, password, lambda text: click.echo(text, err=True))
    done = f"filled by {filled.imports} imports" if filled.imports else "was filled before, nothing changed"
    click.echo(f"{place.database} holds {filled.spots:,} spots: {done}.")


@bookedbiz.command("sample-traffic")
@click.option("--every", "every_s", type=click.FloatRange(0.05, 3600), default=2.0, help="Seconds between changes.")
@click.option("--seed", type=int, default=0, help="The same seed makes the same changes; 0 for others every time.")
def sample_traffic(every_s: float, seed: int) -> None:
    """Book, reprice and cancel a few made-up spots again and again, until SIGTERM."""
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with ledger() as (db, place):
        spec = begun_sample(db)
        if spec is None:
            raise Refused(f"No traffic made: {place.database} holds no sample", "Fill a new one with: bookedbiz sample")
        traffic = Traffic(db, place.data, spec, seed or int(datetime.now(UTC).timestamp()))
        while not stop.is_set():
            done = traffic.tick(datetime.now(UTC))
            click.echo(f"traffic booked={done.booked} repriced={done.repriced} cancelled={done.cancelled}", err=True)
            stop.wait(every_s)


@bookedbiz.group("names")
def names() -> None:
    """Customers and account executives."""


@names.command("unknown")
@as_json_option
def names_unknown(*, as_json: bool) -> None:
    """Names that rows have and the ledger does not know, the largest first."""
    with ledger() as (db, _):
        found = {"customers": unknown_customers(db), "aes": unknown_aes(db)}
    if as_json:
        click.echo(json.dumps({kind: [asdict(one) for one in ones] for kind, ones in found.items()}))
        return
    for kind, ones in found.items():
        for one in ones:
            click.echo(f"{kind:10} {one.name:60}{one.spots:>8,} spots{dollars(one.gross_cents):>18}")
    click.echo(f"{len(found['customers'])} customers and {len(found['aes'])} account executives are not known yet.")


@names.command("adopt")
def names_adopt() -> None:
    """Take over every unknown name as it is written; see them first with `names unknown`."""
    with ledger() as (db, _), transaction(db):
        customers, aes = adopt_names(db, by())
    click.echo(f"{customers} customers and {aes} account executives made.")


@bookedbiz.group("users")
def users() -> None:
    """The people who may log in."""


_password_file = click.option(
    "--password-file", type=click.File(), help="Read the password from this file, - for standard input; else asked for."
)


@users.command("add")
@click.argument("email")
@click.option("--role", type=click.Choice([role.value for role in Role]), default=Role.VIEWER.value)
@click.option("--first-name", default="")
@click.option("--last-name", default="")
@click.option("--ae", help="The account executive they are, for their own figures.")
@_password_file
def users_add(email: str, role: str, password_file: TextIO | None, **named: str) -> None:
    """Make a user."""
    with ledger() as (db, _):
        new = NewUser(email, Role(role), named["first_name"], named["last_name"], _password(password_file), named["ae"])
        with transaction(db):
            user = create_user(db, new, by())
    if user.role is Role.AE and user.ae_id is None:
        click.echo("They are no account executive yet and see nothing: name one with --ae, or on /users/.", err=True)
    click.echo(f"User {user.email} made, role {user.role.value}.")


@users.command("list")
@as_json_option
def users_list(*, as_json: bool) -> None:
    """Everybody who may log in."""
    with ledger() as (db, _):
        everybody = list_users(db)
    if as_json:
        click.echo(json.dumps({"users": [asdict(user) for user in everybody]}))
        return
    for user in everybody:
        click.echo(f"{user.email:40}{user.role.value:12}{'' if user.active else 'inactive':10}{user.name}")
    click.echo(f"{len(everybody)} users.")


@users.command("passwd")
@click.argument("email")
@_password_file
def users_passwd(email: str, password_file: TextIO | None) -> None:
    """Give a user a new password."""
    with ledger() as (db, _):
        password = _password(password_file)
        with transaction(db):
            set_password(db, email, password, by())
    click.echo(f"Password of {email} set.")


def _password(file: TextIO | None) -> Secret:
    """Never from the command line, which others can see."""
    if file is not None:
        return Secret(file.readline().rstrip("\r\n"))
    if not sys.stdin.isatty():
        raise BadSetting("No password: there is no terminal to ask on", "Hand it over with --password-file -")
    return Secret(click.prompt("Password", hide_input=True, confirmation_prompt=True))


def _has_password() -> bool:
    return bool(os.environ.get("CREDENTIALS_DIRECTORY"))


for command in (*COMMANDS, *ACCOUNT_COMMANDS, *NOTICE_COMMANDS, *PLANNING_COMMANDS):
    bookedbiz.add_command(command)


if __name__ == "__main__":
    main()
