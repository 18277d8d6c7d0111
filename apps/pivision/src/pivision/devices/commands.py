"""`pivision devices …`: parses, calls one function, shows the result."""

import getpass
import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TextIO

import click

from pivision.config import from_json, to_json
from pivision.database import open_durable, prepare
from pivision.devices import access, configs, registry
from pivision.devices.audit import By
from station_kit.environment import database_path

_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.group("devices")
def devices() -> None:
    """The cameras that may send pictures."""


@devices.command("list")
@_json
def list_devices(*, as_json: bool) -> None:
    """Every camera: when it was heard of, what waits of it, what is missing."""
    now = datetime.now(UTC)
    with _database() as db:
        found = [(each, registry.gaps(db, each.id)) for each in registry.devices(db)]
    if as_json:
        shown = [{**asdict(each), "lag_s": each.lag_s(now), "missing": lost.missing} for each, lost in found]
        click.echo(json.dumps({"devices": shown}))
        return
    for each, lost in found:
        state = "" if each.enabled else "disabled"
        seen = each.last_seen_at or "never seen"
        click.echo(
            f"{each.name:24} {state:9}{seen:26}lag {each.lag_s(now):6.0f} s  missing {lost.missing:5}  {each.title}"
        )
    click.echo(f"{len(found)} device{'' if len(found) == 1 else 's'}.")


@devices.command("add")
@click.argument("name")
@click.option("--title", default="", help="What people call it; the name by default.")
def add_device(name: str, title: str) -> None:
    """Make a camera, and the code that it is enrolled with."""
    with _database() as db:
        registry.add(db, name, title, _by())
        code = access.make_code(db, name, _by())
    _show_code(name, code.reveal())


@devices.command("code")
@click.argument("name")
def make_code(name: str) -> None:
    """Make another enrolment code; the one before it is void."""
    with _database() as db:
        code = access.make_code(db, name, _by())
    _show_code(name, code.reveal())


@devices.command("rotate")
@click.argument("name")
@click.option("--overlap-h", type=click.FloatRange(0, 24 * 30), default=access.OVERLAP_S / 3600, show_default=True)
def rotate_key(name: str, overlap_h: float) -> None:
    """Print a new key, this once; the old one is valid until the new one is used, and no longer than the overlap."""
    with _database() as db:
        key = access.rotate(db, name, _by(), overlap_s=overlap_h * 3600)
    click.echo(key.reveal())
    click.echo(f"New key of {name}: the old one ends when this one is used, or in {overlap_h:g} h.", err=True)


@devices.command("revoke")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
def revoke_keys(name: str, *, yes: bool) -> None:
    """End all keys of a camera now; it has to be enrolled again."""
    if not yes:
        click.confirm(f"{name} will be refused from now on. Revoke its keys?", abort=True)
    with _database() as db:
        ended = access.revoke(db, name, _by())
    click.echo(f"{ended} key{'' if ended == 1 else 's'} of {name} revoked.")


@devices.command("disable")
@click.argument("name")
def disable(name: str) -> None:
    """Refuse whatever a camera sends; its keys and settings stay."""
    with _database() as db:
        registry.enable(db, name, _by(), enabled=False)
    click.echo(f"{name} is disabled.")


@devices.command("enable")
@click.argument("name")
def enable(name: str) -> None:
    """Take a disabled camera's pictures again."""
    with _database() as db:
        registry.enable(db, name, _by(), enabled=True)
    click.echo(f"{name} is enabled.")


@devices.command("blur")
@click.argument("name")
@click.argument("state", type=click.Choice(["on", "off"]))
def blur(name: str, state: str) -> None:
    """Show and send of a camera's pictures only the goods, all else unrecognisable; or whole pictures again."""
    with _database() as db:
        registry.blur(db, name, _by(), wanted=state == "on")
    shown = "Only the goods can be recognised in pictures" if state == "on" else "Whole pictures are shown"
    click.echo(f"{shown} of {name}.")


@devices.command("signing")
@click.argument("name")
@click.argument("state", type=click.Choice(["on", "off"]))
def signing(name: str, state: str) -> None:
    """Take only signed requests of a camera: its key is then sent no more; or only those with its key again."""
    with _database() as db:
        registry.require_signatures(db, name, _by(), wanted=state == "on")
    taken = "Only signed requests are" if state == "on" else "Its key is"
    click.echo(f"{taken} taken of {name}.")


@devices.command("config")
@click.argument("name")
@click.option("--put", "file", type=click.File(), help="Put this JSON in force, - for standard input.")
@click.option("--expect", type=int, help="The version that it was made from; the one in force by default.")
@click.option("--revert", type=int, metavar="VERSION", help="Put what that version said in force again.")
@click.option("--history", is_flag=True, help="List the versions.")
def config(name: str, file: TextIO | None, expect: int | None, revert: int | None, *, history: bool) -> None:
    """Show the configuration in force, or change it."""
    with _database() as db:
        found = registry.device(db, name)
        newest = configs.in_force(db, found.id)
        expected = newest.version if expect is None else expect
        if history:
            for each in configs.history(db, found.id):
                click.echo(f"{each.version:5}  {each.made_at}  {each.made_by:16}{each.note}")
        elif revert is not None:
            made = configs.revert(db, found.id, revert, _by(), expected=expected)
            click.echo(f"Version {made} of {name} is in force: what {revert} said.")
        elif file is not None:
            made = configs.put(db, found.id, from_json(file.read()), _by(), expected=expected)
            click.echo(f"Version {made} of {name} is in force.")
        else:
            click.echo(json.dumps(json.loads(to_json(newest.config)), indent=2))
            click.echo(f"Version {newest.version} of {name}.", err=True)


def _show_code(name: str, code: str) -> None:
    click.echo(code)
    click.echo(f"Enrolment code of {name}: valid once, for 15 minutes.", err=True)


def _by() -> By:
    return By(getpass.getuser(), datetime.now(UTC))


@contextmanager
def _database() -> Iterator[sqlite3.Connection]:
    path = database_path(os.environ)
    prepare(path)
    db = open_durable(path)
    try:
        yield db
    finally:
        db.close()
