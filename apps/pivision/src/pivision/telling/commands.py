"""`pivision subscribers …`: parses, calls one function, shows the result. Addresses and passwords come by a prompt."""

import getpass
import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import Any

import click

from pivision.database import open_durable, prepare
from pivision.datafolder import DataFolder
from pivision.devices.audit import By
from pivision.settings import Settings
from pivision.telling import subscribers as people
from pivision.telling.subscribers import Broker, Form, Mailbox, Webhook, Wishes
from pivision.telling.trying import try_out
from station_kit.environment import Secret

_by = click.option("--by", default=getpass.getuser, show_default="you", help="Who does this, for the audit.")
_kinds = click.option("--kind", "kinds", multiple=True, help="Only these kinds of events; all without.")
_devices = click.option("--device", "devices", multiple=True, help="Only of these cameras; all without.")
_quiet = click.option("--quiet", metavar="FROM-TO", help="Hours without a sound, as 22:00-07:00.")
_picture = click.option("--no-picture", is_flag=True, help="Words only.")


@click.group()
def subscribers() -> None:
    """Who is told of events: webhooks, MQTT brokers, and by mail."""


@subscribers.command("list")
def list_() -> None:
    """Everybody who is told, and whether the last message arrived."""
    with _opened() as (db, _):
        for each in people.everybody(db):
            state = "on" if each.enabled else "off"
            click.echo(f"{each.name}  {each.kind} at {each.to.host}  {state}")


@subscribers.command("add-webhook")
@click.argument("name")
@click.option(
    "--form", type=click.Choice([each.value for each in Form]), default=Form.JSON.value, help="What the address takes."
)
@_kinds
@_devices
@_quiet
@_picture
@_by
def add_webhook(name: str, form: str, by: str, **wanted: Any) -> None:
    """Post every event to an address. The address is asked for: it often is a key."""
    hook = Webhook("", Form(form), _wishes(**wanted))
    with _opened() as (db, folder):
        made = people.add_webhook(db, folder, name, _asked("Address: "), hook, _now(by))
    click.echo(f"{made.name} is told of events at {made.to.host}")


@subscribers.command("add-mqtt")
@click.argument("name")
@click.argument("host")
@click.option("--port", type=click.IntRange(1, 65535), default=1883, show_default=True)
@click.option("--user", default="", help="Its password is asked for.")
@click.option("--tls", is_flag=True)
@click.option("--topic", default="pivision", show_default=True, help="What all topics begin with.")
@click.option("--discovery", default="homeassistant", show_default=True, help='Home Assistant\'s prefix; "" for none.')
@_by
def add_mqtt(name: str, host: str, user: str, by: str, **parts: Any) -> None:
    """Tell an MQTT broker, and let Home Assistant find the cameras."""
    broker = Broker(host, user=user, **parts)
    password = _asked("Password: ") if user else None
    with _opened() as (db, folder):
        made = people.add_broker(db, folder, name, broker, password, _now(by))
    click.echo(f"{made.name} is told of events at {made.to.host}")


@subscribers.command("add-mail")
@click.argument("name")
@click.argument("addresses", nargs=-1, required=True)
@_kinds
@_devices
@_quiet
@_picture
@_by
def add_mail(name: str, addresses: tuple[str, ...], by: str, **wanted: Any) -> None:
    """Write to these e-mail addresses. The mail server is named in the environment: NOTICE_SMTP."""
    with _opened() as (db, folder):
        made = people.add_mailbox(db, folder, name, Mailbox(addresses, _wishes(**wanted)), _now(by))
    click.echo(f"{made.name} is told of events by mail to {made.to.host}")


@subscribers.command("try")
@click.argument("name")
def try_(name: str) -> None:
    """Send a test, now: does it arrive?"""
    settings = Settings.from_env(os.environ, pages=False)
    with _opened() as (db, folder):
        tried = try_out(db, folder, name, settings.mail_server, datetime.now(UTC))
    click.echo(f"A test is on its way to {tried.to.host}")


@subscribers.command()
@click.argument("name")
@_by
def remove(name: str, by: str) -> None:
    """Tell them nothing more."""
    with _opened() as (db, folder):
        people.remove(db, folder, name, _now(by))
    click.echo(f"{name} is told nothing more")


@contextmanager
def _opened() -> Iterator[tuple[sqlite3.Connection, DataFolder]]:
    settings = Settings.from_env(os.environ, pages=False)
    folder = settings.folder
    folder.make()
    prepare(settings.database)
    with closing(open_durable(settings.database)) as db:
        yield db, folder


def _asked(prompt: str) -> Secret:
    text = getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline()
    return Secret(text.strip())


def _wishes(kinds: tuple[str, ...], devices: tuple[str, ...], quiet: str | None, no_picture: bool) -> Wishes:
    begin, _, end = (quiet or "").partition("-")
    return Wishes(kinds, devices, begin, end, with_picture=not no_picture)


def _now(by: str) -> By:
    return By(by, datetime.now(UTC))
