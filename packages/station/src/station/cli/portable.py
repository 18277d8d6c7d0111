"""`station db upload`, `backup`, `download`, `list-backups`: portable copies, whole files that a person can open."""

import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.cli.afar import naming_others
from station.cli.asking import app_argument, database_option, one_database, one_store, store_option
from station.cli.console import json_option, say, show
from station.cli.copies import CopyStored, back_up_copy, ended_by_sigterm, upload_copy
from station.cli.progress import progress
from station.cli.restoring import refuse_live
from station.cli.session import Session, pass_session
from station.clock import utc_now

if TYPE_CHECKING:
    from datetime import tzinfo

    from station.fleet import App
    from station.points.point import DatabaseId
    from station.stores.store import Store


@dataclass(frozen=True)
class Downloaded:
    """Which copy was written where."""

    app: str
    database: str
    store: str
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
@store_option
@json_option
@pass_session
def upload(
    session: Session, app_name: str | None, database_name: str | None, store_name: str | None, as_json: bool
) -> None:
    """Bring the portable copy `database.db` in the store up to date.

    It is made on the primary from one moment of the live database, checked, and then stored; the app goes on meanwhile.
    When nothing was written since the last copy nothing is sent. Exit code 12 while another copy is being made, 13
    when another host is primary.
    """
    app = session.app(app_name)
    database, store = one_database(app, database_name), one_store(app, store_name)
    show(upload_copy(session, app, database, store), _stored_line, as_json)


@click.command()
@click.argument("words", metavar="[APP] [NAME]", nargs=-1)
@database_option
@store_option
@json_option
@pass_session
def backup(
    session: Session, words: tuple[str, ...], database_name: str | None, store_name: str | None, as_json: bool
) -> None:
    """Keep a portable copy of this moment under a name.

    Without NAME it is `database_backup_` and the time, in the fleet's time zone. A name that exists is refused (exit
    code 20): no backup is ever written over. A single word that is no app of the fleet is the NAME.
    """
    from station.points.portable import backup_name  # noqa: PLC0415

    app, name = _app_then_name(session, words)
    database, store = one_database(app, database_name), one_store(app, store_name)
    name = backup_name(name, utc_now(), _zone(session))
    show(back_up_copy(session, app, database, store, name), _stored_line, as_json)


@click.command()
@app_argument
@database_option
@store_option
@click.option("--backup", "backup", metavar="NAME", help="That backup, as `station db list-backups` names it.")
@click.option(
    "--to", "target", type=click.Path(path_type=Path), help="The file to write; must be new.  [default: a name here]"
)
@json_option
@pass_session
def download(  # noqa: PLR0913, PLR0917 - one parameter per option
    session: Session,
    app_name: str | None,
    database_name: str | None,
    store_name: str | None,
    backup: str | None,
    target: Path | None,
    as_json: bool,
) -> None:
    """Fetch a portable copy into a new file, checked against its record.

    It never goes over an existing file, nor to where a host keeps live data. Exit code 14 when the copy is not what
    its record says.
    """
    from station.points.point import DatabaseId  # noqa: PLC0415
    from station.points.portable import current_key, one_backup  # noqa: PLC0415

    app = session.app(app_name)
    identity, name = DatabaseId(app.name, one_database(app, database_name)), one_store(app, store_name)
    file = f"{app.name}-{identity.database}-{current_key(identity).rpartition('/')[2]}"
    with naming_others(session, app, identity.database, name):
        store = session.store(name)
        if backup:
            key = one_backup(store, identity, backup)
            file = f"{app.name}-{identity.database}-{key.rpartition('/')[2]}"
        else:
            key = current_key(identity)
        place = (target or Path(file)).absolute()
        refuse_live(session.fleet, place)
        done = _fetch(store, identity, key, place)
    show(done, _downloaded_line, as_json)


@click.command("list-backups")
@app_argument
@database_option
@store_option
@json_option
@pass_session
def list_backups(
    session: Session, app_name: str | None, database_name: str | None, store_name: str | None, as_json: bool
) -> None:
    """List the backups, the newest first."""
    from station.cli import copies_text  # noqa: PLC0415
    from station.points.point import DatabaseId  # noqa: PLC0415
    from station.points.portable import list_backups as found  # noqa: PLC0415

    app = session.app(app_name)
    database, store = one_database(app, database_name), one_store(app, store_name)
    kept = tuple(found(session.store(store), DatabaseId(app.name, database))[::-1])
    listed = copies_text.Backups(app.name, database, store, kept)
    show(listed, lambda shown: copies_text.table(shown, utc_now().astimezone()), as_json, copies_text.backups_json)
    if not as_json:
        say(f"{len(kept)} backups in {store}")


def _fetch(store: "Store", identity: "DatabaseId", key: str, place: Path) -> Downloaded:
    from station.points.copying import fetch  # noqa: PLC0415

    began_s = time.monotonic()
    with ended_by_sigterm(), progress(f"downloading {place.name} from {store.name}") as course:

        def on_bytes(done: int, total: int) -> None:
            course.to(done, total)
            if done == total:
                course.step(f"checking {place.name}")

        copy = fetch(store, key, place, on_bytes)
    return Downloaded(
        app=copy.app,
        database=identity.database,
        store=store.name,
        key=key,
        file=place,
        taken_at=copy.taken_at,
        bytes=copy.bytes,
        digest=copy.digest,
        sha256=copy.sha256,
        took_s=round(time.monotonic() - began_s, 3),
    )


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


def _stored_line(done: CopyStored) -> str:
    from station.watch.wording import clock_time, size  # noqa: PLC0415

    hows = {"file": "checked and stored", "copied": "copied by the store", "nothing": "unchanged, nothing sent"}
    of = clock_time(done.taken_at, utc_now().astimezone())
    return f"{done.key} in {done.store}: {hows[done.sent]}, {size(done.bytes)} of {of}, took {done.took_s:.1f} s"


def _downloaded_line(done: Downloaded) -> str:
    from station.watch.wording import clock_time, size  # noqa: PLC0415

    of = clock_time(done.taken_at, utc_now().astimezone())
    return (
        f"downloaded {done.file} from {done.store}: {size(done.bytes)} of {of}, took {done.took_s:.1f} s; "
        "equals its record, digest proved, integrity ok"
    )
