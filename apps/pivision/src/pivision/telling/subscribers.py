"""Who is told: webhooks, MQTT brokers, mailboxes. What is public lies in the database, what opens doors in a file."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pivision.datafolder import DataFolder
from pivision.devices.audit import By, note
from pivision.errors import PiVisionError
from pivision.pictures.filing import write_durably
from pivision.telling.statements import SQL
from station_kit.environment import Secret
from station_kit.mail import is_address
from station_kit.sqlitefile import transaction

MOST_ADDRESSES = 20  # of one subscriber
_NO_SECRETS, _ADD_AGAIN = "Its secrets are not on this machine", "Remove it and add it again"


class BadSubscriber(PiVisionError):
    """A subscriber that cannot be used; the message says why."""

    exit_code = 2


class Form(StrEnum):
    """What a webhook takes: the event as JSON, ntfy's headers with the picture, or the `text` of Slack and Teams."""

    JSON = "json"
    NTFY = "ntfy"
    CHAT = "chat"


@dataclass(frozen=True)
class Wishes:
    """What a subscriber wants to hear. No kinds or devices named: all. Quiet hours are the appliance's local time."""

    kinds: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    quiet_from: str = ""  # 22:00
    quiet_to: str = ""  # 07:00
    with_picture: bool = True
    ends: bool = True  # also when something ends


@dataclass(frozen=True)
class Webhook:
    """Where to post is a secret: an address often is a key. `host` alone is shown."""

    host: str
    form: Form = Form.JSON
    wishes: Wishes = field(default_factory=Wishes)


@dataclass(frozen=True)
class Broker:
    """An MQTT broker. With `discovery`, Home Assistant finds the cameras by itself."""

    host: str
    port: int = 1883
    user: str = ""
    tls: bool = False
    topic: str = "pivision"
    discovery: str = "homeassistant"  # "" = none
    wishes: Wishes = field(default_factory=Wishes)


@dataclass(frozen=True)
class Mailbox:
    """Who is written to, by the machine's mail server (station_kit.mail)."""

    to: tuple[str, ...]
    wishes: Wishes = field(default_factory=Wishes)

    @property
    def host(self) -> str:
        """What is shown of where it goes."""
        return ", ".join(self.to)


Way = Webhook | Broker | Mailbox


@dataclass(frozen=True)
class Subscriber:
    """One of them, as the database has it."""

    id: int
    name: str
    enabled: bool
    to: Way

    @property
    def kind(self) -> str:
        return _kind(self.to)


def add_webhook(
    db: sqlite3.Connection, folder: DataFolder, name: str, address: Secret, hook: Webhook, by: By
) -> Subscriber:
    """Tell this address from now on. BadSubscriber. `hook.host` is taken from the address."""
    host = _host_of(address.reveal())
    if host is None:
        raise BadSubscriber(f"Webhook {name} not added: that is no http or https address")
    public = Webhook(host, hook.form, hook.wishes)
    return _add(db, folder, name, public, {"address": address.reveal()}, by)


def add_broker(
    db: sqlite3.Connection, folder: DataFolder, name: str, broker: Broker, password: Secret | None, by: By
) -> Subscriber:
    """Tell this broker from now on. BadSubscriber."""
    if not broker.host or not 1 <= broker.port <= 65535:
        raise BadSubscriber(f"Broker {name} not added: it needs a host, and a port from 1 to 65535")
    if any(sign in broker.topic + broker.discovery for sign in "#+\0"):
        raise BadSubscriber(f"Broker {name} not added: a topic has no # and no +")
    return _add(db, folder, name, broker, {"password": password.reveal()} if password else {}, by)


def add_mailbox(db: sqlite3.Connection, folder: DataFolder, name: str, box: Mailbox, by: By) -> Subscriber:
    """Write to these addresses from now on. BadSubscriber."""
    if not 1 <= len(box.to) <= MOST_ADDRESSES:
        raise BadSubscriber(f"Mail {name} not added: it needs 1 to {MOST_ADDRESSES} addresses")
    for address in box.to:
        if not is_address(address):
            raise BadSubscriber(f"Mail {name} not added: {address!r} is no e-mail address")
    return _add(db, folder, name, box, {}, by)


def everybody(db: sqlite3.Connection) -> list[Subscriber]:
    """All of them, by name."""
    rows = db.execute("SELECT id, kind, name, body, enabled FROM subscriber ORDER BY name")
    return [_subscriber(row) for row in rows]


def remove(db: sqlite3.Connection, folder: DataFolder, name: str, by: By) -> None:
    """Tell them nothing more. BadSubscriber when there is no such one."""
    found = by_name(db, name)
    with transaction(db):
        db.execute("DELETE FROM subscriber WHERE id = ?", (found.id,))
        note(db, by, "subscriber removed", name)
    _secret_file(folder, found.id).unlink(missing_ok=True)


def enable(db: sqlite3.Connection, name: str, wanted: bool, by: By) -> None:
    """Tell them again, or nothing for a while. BadSubscriber when there is no such one."""
    found = by_name(db, name)
    with transaction(db):
        db.execute("UPDATE subscriber SET enabled = ? WHERE id = ?", (int(wanted), found.id))
        note(db, by, "subscriber enabled" if wanted else "subscriber disabled", name)


def by_name(db: sqlite3.Connection, name: str) -> Subscriber:
    """The one of that name. BadSubscriber."""
    row = db.execute("SELECT id, kind, name, body, enabled FROM subscriber WHERE name = ?", (name,)).fetchone()
    if row is None:
        raise BadSubscriber(f"There is no subscriber {name}", "See: pivision subscribers list")
    return _subscriber(row)


def secrets_of(folder: DataFolder, subscriber_id: int) -> Mapping[str, Secret]:
    """What opens the door. BadSubscriber when the file is gone: a restored database comes without it."""
    try:
        found = json.loads(_secret_file(folder, subscriber_id).read_text(encoding="utf-8"))
    except (OSError, ValueError) as why:
        raise BadSubscriber(_NO_SECRETS, _ADD_AGAIN) from why
    return {name: Secret(text) for name, text in found.items()}


def address_of(folder: DataFolder, subscriber_id: int) -> Secret:
    """Where a webhook posts to. BadSubscriber when that is not known here."""
    found = secrets_of(folder, subscriber_id).get("address")
    if found is None:
        raise BadSubscriber(_NO_SECRETS, _ADD_AGAIN)
    return found


def _add(
    db: sqlite3.Connection, folder: DataFolder, name: str, to: Way, secrets: Mapping[str, str], by: By
) -> Subscriber:
    if not name.strip() or len(name) > 64:
        raise BadSubscriber("Subscriber not added: its name is no text of 1 to 64 characters")
    kind = _kind(to)
    values = {"kind": kind, "name": name.strip(), "body": json.dumps(asdict(to)), "at": by.at}
    with transaction(db):
        if db.execute("SELECT 1 FROM subscriber WHERE name = ?", (name.strip(),)).fetchone():
            raise BadSubscriber(f"Subscriber {name} not added: there is one", "Remove it first, or take another name")
        number = int(db.execute(SQL["add_subscriber"], values).fetchone()["id"])
        note(db, by, "subscriber added", name.strip(), new=f"{kind} at {to.host}")
        write_durably(_secret_file(folder, number), json.dumps(dict(secrets)).encode())  # mkstemp made it 0600
    return by_name(db, name.strip())


def _host_of(address: str) -> str | None:
    try:
        parts = urlsplit(address)
        return parts.hostname if parts.scheme in ("http", "https") and parts.port != 0 else None
    except ValueError:
        return None


def _subscriber(row: sqlite3.Row) -> Subscriber:
    body: dict[str, Any] = json.loads(row["body"])
    wishes = body.pop("wishes")
    heard = Wishes(**wishes | {"kinds": tuple(wishes["kinds"]), "devices": tuple(wishes["devices"])})
    return Subscriber(row["id"], row["name"], bool(row["enabled"]), _way(row["kind"], body, heard))


def _way(kind: str, body: Mapping[str, Any], heard: Wishes) -> Way:
    if kind == "webhook":
        return Webhook(body["host"], Form(body["form"]), heard)
    if kind == "mail":
        return Mailbox(tuple(body["to"]), heard)
    return Broker(**body, wishes=heard)


def _kind(to: Way) -> str:
    return {Webhook: "webhook", Broker: "mqtt", Mailbox: "mail"}[type(to)]


def _secret_file(folder: DataFolder, subscriber_id: int) -> Path:
    return folder.secrets / f"subscriber-{subscriber_id}.json"
