"""`station db upload`, `backup`, `download`, `list-backups`: portable copies, whole files that a person can open."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.cli.asking import app_argument, database_option, one_database, store_of
from station.cli.console import json_option, progress, say, show
from station.cli.restoring import refuse_live
from station.cli.session import Session, pass_session
from station.clock import utc_now

if TYPE_CHECKING:
    from datetime import tzinfo

    from station.fleet import App
    from station.points.copying import Copier, Source, Standing, Stored
    from station.stores.store import Store


@dataclass(frozen=True)
class CopyStored:
    """What `upload` or `backup` left in the store; `sent` is file, copied (by the store itself) or nothing."""

    app: str
    database: str
    store: str
    key: str
    sent: str
    taken_at: datetime
    bytes: int
    digest: str
    sha256: str
    epoch: int
    host: str
    took_s: float


@dataclass(frozen=True)
class Downloaded:
    """Which copy was written where."""

    app: str
    database: str
    key: str
    file: Path
    taken_at: datetime
    bytes: int
    digest: str
    sha256: str
    took_s: float


@click.command()
@app_argument
@database_option
@json_option
@pass_session
def upload(session: Session, app_name: str | None, database_name: str | None, as_json: bool) -> None:
    """Bring the portable copy `database.db` in the store up to date.

    It is made on the primary from one moment of the live database, checked, and then stored; the app goes on meanwhile.
    When nothing was written since the last copy nothing is sent. Exit code 12 while another copy is being made, 13
    when another host is primary.
    """
    app = session.app(app_name)
    show(upload_copy(session, app, one_database(app, database_name)), _stored_line, as_json)


@click.command()
@click.argument("words", metavar="[APP] [NAME]", nargs=-1)
@database_option
@json_option
@pass_session
def backup(session: Session, words: tuple[str, ...], database_name: str | None, as_json: bool) -> None:
    """Keep a portable copy of this moment under a name.

    Without NAME it is `database_backup_` and the time, in the fleet's time zone. A name that exists is refused (exit
    code 20): no backup is ever written over. A single word that is no app of the fleet is the NAME.
    """
    from station.points.portable import backup_name  # noqa: PLC0415

    app, name = _app_then_name(session, words)
    database = one_database(app, database_name)
    name = backup_name(name, utc_now(), _zone(session))
    with _copying(session, app, database) as (copier, known):
        began_s = time.monotonic()
        with progress(f"copying {app.name}/{database}") as advance:
            stored = copier.back_up(name, known, advance)
    show(_told(stored, store_of(session, app), time.monotonic() - began_s), _stored_line, as_json)


@click.command()
@app_argument
@database_option
@click.option("--backup", "backup", metavar="NAME", help="That backup, as `station db list-backups` names it.")
@click.option(
    "--to", "target", type=click.Path(path_type=Path), help="The file to write; must be new.  [default: a name here]"
)
@json_option
@pass_session
def download(
    session: Session,
    app_name: str | None,
    database_name: str | None,
    backup: str | None,
    target: Path | None,
    as_json: bool,
) -> None:
    """Fetch a portable copy into a new file, checked against its record.

    It never goes over an existing file, nor to where a host keeps live data. Exit code 14 when the copy is not what
    its record says.
    """
    from station.points.copying import fetch  # noqa: PLC0415
    from station.points.point import DatabaseId  # noqa: PLC0415
    from station.points.portable import current_key, one_backup  # noqa: PLC0415

    app = session.app(app_name)
    identity = DatabaseId(app.name, one_database(app, database_name))
    store = store_of(session, app)
    key = one_backup(store, identity, backup) if backup else current_key(identity)
    place = (target or Path(f"{app.name}-{identity.database}-{key.rpartition('/')[2]}")).absolute()
    refuse_live(session.fleet, place)
    began_s = time.monotonic()
    with ended_by_sigterm(), progress(f"downloading {place.name}") as advance:
        copy = fetch(store, key, place, advance)
    took_s = round(time.monotonic() - began_s, 3)
    done = Downloaded(
        app.name, identity.database, key, place, copy.taken_at, copy.bytes, copy.digest, copy.sha256, took_s
    )
    show(done, _downloaded_line, as_json)


@click.command("list-backups")
@app_argument
@database_option
@json_option
@pass_session
def list_backups(session: Session, app_name: str | None, database_name: str | None, as_json: bool) -> None:
    """List the backups, the newest first."""
    from station.cli import copies_text  # noqa: PLC0415
    from station.points.point import DatabaseId  # noqa: PLC0415
    from station.points.portable import list_backups as found  # noqa: PLC0415

    app = session.app(app_name)
    database = one_database(app, database_name)
    kept = tuple(found(store_of(session, app), DatabaseId(app.name, database))[::-1])
    listed = copies_text.Backups(app.name, database, kept)
    show(listed, lambda shown: copies_text.table(shown, utc_now().astimezone()), as_json, copies_text.backups_json)
    if not as_json:
        say(f"{len(kept)} backups")


def upload_copy(session: Session, app: "App", database: str) -> CopyStored:
    """Bring one database's current copy up to date and say what was done."""
    with _copying(session, app, database) as (copier, known):
        began_s = time.monotonic()
        with progress(f"copying {app.name}/{database}") as advance:
            stored = copier.upload(known, advance)
    return _told(stored, store_of(session, app), time.monotonic() - began_s)


def source_of(session: Session, app: "App", database: str) -> "Source":
    """The live database, by the lease."""
    from station.cluster.lease import Lease  # noqa: PLC0415
    from station.cluster.live import live_source  # noqa: PLC0415

    return live_source(app, database, session.fleet.hosts, Lease(store_of(session, app), app.name))


@contextmanager
def ended_by_sigterm() -> Iterator[None]:
    """SIGTERM ends the block as Ctrl-C does: what was begun is taken away, and the exit code is 130."""

    def end(number: int, frame: object) -> None:
        raise click.Abort

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _copying(session: Session, app: "App", database: str) -> "Iterator[tuple[Copier, Standing | None]]":
    """The copier of the live database, and what is known of it without reading it."""
    from station.cluster.lease import Lease  # noqa: PLC0415
    from station.cluster.live import standing  # noqa: PLC0415
    from station.points.copying import copier  # noqa: PLC0415
    from station.points.portable import known_copy  # noqa: PLC0415

    source = source_of(session, app, database)
    host = session.fleet.hosts[source.host]
    store = store_of(session, app, host)
    lease = Lease(store, app.name)
    with ended_by_sigterm(), copier(source, store, lambda: lease.require(source.epoch), utc_now) as made:
        there = known_copy(store, source.identity)
        yield made, standing(app, source, host, there.digest, utc_now) if there else None


def _app_then_name(session: Session, words: tuple[str, ...]) -> "tuple[App, str | None]":
    if len(words) > 2:
        raise click.UsageError("Give an app and a name at most.")
    if len(words) == 2:
        return session.app(words[0]), words[1]
    if words and words[0] not in session.fleet.apps:
        return session.app(None), words[0]
    return session.app(words[0] if words else None), None


def _zone(session: Session) -> "tzinfo | None":
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    return ZoneInfo(session.fleet.time_zone) if session.fleet.time_zone else None


def _told(stored: "Stored", store: "Store", took_s: float) -> CopyStored:
    copy = stored.copy
    return CopyStored(
        app=copy.app,
        database=copy.database,
        store=store.name,
        key=stored.key,
        sent=stored.sent.value,
        taken_at=copy.taken_at,
        bytes=copy.bytes,
        digest=copy.digest,
        sha256=copy.sha256,
        epoch=copy.epoch,
        host=copy.host,
        took_s=round(took_s, 3),
    )


def _stored_line(done: CopyStored) -> str:
    from station.watch.wording import clock_time, size  # noqa: PLC0415

    hows = {"file": "checked and stored", "copied": "copied by the store", "nothing": "unchanged, nothing sent"}
    of = clock_time(done.taken_at, utc_now().astimezone())
    return f"{done.key} in {done.store}: {hows[done.sent]}, {size(done.bytes)} of {of}, took {done.took_s:.1f} s"


def _downloaded_line(done: Downloaded) -> str:
    from station.watch.wording import clock_time, size  # noqa: PLC0415

    of = clock_time(done.taken_at, utc_now().astimezone())
    return (
        f"downloaded {done.file}: {size(done.bytes)} of {of}, took {done.took_s:.1f} s; "
        "equals its record, digest proved, integrity ok"
    )
