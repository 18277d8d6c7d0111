"""`pivision users …`: parses, calls one function, shows the result. Passwords come by a prompt or standard input."""

import getpass
import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime

import click

from pivision import tokens
from pivision import users as people
from pivision.database import open_durable, prepare
from pivision.devices.audit import By
from pivision.users import Role
from station_kit.environment import Secret, credential, database_path
from station_kit.errors import BadSetting


@click.group()
def users() -> None:
    """Who may look at the pages, and who may change things."""


@users.command()
@click.argument("name")
@click.option("--role", type=click.Choice([each.value for each in Role]), default=Role.VIEWER.value, show_default=True)
def add(name: str, role: str) -> None:
    """A new account. Its password is asked for, or read from standard input."""
    password = _password()
    with _opened() as db:
        made = people.add(db, name, Role(role), password, _by())
    click.echo(f"{made.name} may {'change things' if made.role is Role.ADMIN else 'look'}")


@users.command("first-admin")
@click.argument("name", default="admin")
def first_admin(name: str) -> None:
    """The first account, with the password that the host handed over as first_admin_password; twice is once."""
    password = credential("first_admin_password", os.environ)
    with _opened() as db:
        if not people.add_first(db, name, password, _by()):
            click.echo("There is somebody already; nothing was changed")
            return
    click.echo(f"{name} may change things, with the password of first_admin_password")


@users.command()
@click.argument("name")
def passwd(name: str) -> None:
    """Another password; it ends the sessions of the old one."""
    password = _password()
    with _opened() as db:
        people.set_password(db, name, password, _by())
    click.echo(f"{name} has another password")


@users.command("list")
def list_() -> None:
    """Every account."""
    with _opened() as db:
        for each in people.everybody(db):
            seen = f"last here {each.last_login_at}" if each.last_login_at else "never here"
            click.echo(f"{each.name}  {each.role}{'' if each.active else '  off'}  {seen}")


@users.group()
def token() -> None:
    """What programs show instead of a name and a password."""


@token.command("add")
@click.argument("person")
@click.argument("name")
@click.option("--role", type=click.Choice([each.value for each in Role]), default=Role.VIEWER.value, show_default=True)
def add_token(person: str, name: str, role: str) -> None:
    """Print a token for PERSON's programs, this once; NAME says what it is for."""
    with _opened() as db:
        made = tokens.add(db, person, name, Role(role), _by())
    click.echo(made.reveal())
    click.echo(f"Token {name} of {person}: it may {'change things' if role == Role.ADMIN else 'look'}.", err=True)


@token.command("list")
@click.argument("person", required=False)
def list_tokens(person: str | None) -> None:
    """Every token that opens anything, or PERSON's alone."""
    with _opened() as db:
        for each in tokens.of(db, person):
            used = f"last used {each.last_used_at}" if each.last_used_at else "never used"
            click.echo(f"{each.person}  {each.name}  {each.role}  …{each.hint}  {used}")


@token.command("revoke")
@click.argument("person")
@click.argument("name")
def revoke_token(person: str, name: str) -> None:
    """End a token of PERSON's now."""
    with _opened() as db:
        tokens.revoke(db, person, name, _by())
    click.echo(f"Token {name} of {person} opens nothing any more")


@contextmanager
def _opened() -> Iterator[sqlite3.Connection]:
    path = database_path(os.environ)
    prepare(path)
    with closing(open_durable(path)) as db:
        yield db


def _password() -> Secret:
    if not sys.stdin.isatty():
        return Secret(sys.stdin.readline().rstrip("\r\n"))
    first = getpass.getpass("Password: ")
    if first != getpass.getpass("Again: "):
        raise BadSetting("Password not taken: the two differ")
    return Secret(first)


def _by() -> By:
    return By(getpass.getuser(), datetime.now(UTC))
