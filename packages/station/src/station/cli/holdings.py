"""`station db info`: what every store of an app holds, and which of them cannot be reached."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.cli.asking import app_argument, one_or_all_stores, stores_of
from station.cli.console import json_option, say, show
from station.cli.progress import Course, progress
from station.cli.session import Session, pass_session
from station.clock import utc_now
from station.errors import StationError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from station.cli.copies_text import CopyFigures
    from station.cli.points_text import Figures
    from station.fleet import App, StoreSpec
    from station.stores.extras import About
    from station.stores.store import Store


@dataclass(frozen=True)
class Holding:
    """What one store holds of the app. `holds_lease`: it is the app's first. `error`: why it could not be looked at."""

    store: str
    kind: str
    place: str
    holds_lease: bool
    encrypted: bool
    account: str | None
    used_bytes: int | None
    free_bytes: int | None
    points: int | None
    stored_bytes: int | None
    newest_at: datetime | None
    databases: "tuple[Figures, ...]"
    copies: "tuple[CopyFigures, ...]"
    error: str | None
    hint: str | None


@dataclass(frozen=True)
class Info:
    """What the app's stores hold."""

    app: str
    stores: tuple[Holding, ...]


@click.command()
@app_argument
@one_or_all_stores
@json_option
@pass_session
def info(session: Session, app_name: str | None, store_name: str | None, as_json: bool) -> None:
    """Show what every store of the app is and holds: room, points, sizes, chains, and portable copies.

    A store that cannot be reached is shown with the reason; exit code 16 only when none can.
    """
    app = session.app(app_name)
    now = utc_now().astimezone()
    held, failures = [], []
    with progress(f"looking at the stores of {app.name}") as course:
        for name in stores_of(app, store_name):
            course.step(f"looking at {name}")
            holding, failure = _holding(session, app, name, course)
            held.append(holding)
            failures += [failure] if failure else []
    show(Info(app.name, tuple(held)), lambda shown: _table(shown, now), as_json)
    if len(failures) == len(held):
        raise failures[0]


def _holding(session: Session, app: "App", name: str, course: Course) -> tuple[Holding, StationError | None]:
    from station.cli.watched import Watched  # noqa: PLC0415
    from station.stores.extras import about  # noqa: PLC0415

    known: About | None = None
    try:
        store = session.store(name)
        known = about(store)
        watched = Watched(store, course.by)
        found = tuple(_figures(watched, app.name, database) for database in app.databases)
        copies = tuple(_copies(watched, app.name, database) for database in app.databases)
    except StationError as why:
        return _told(session, app, name, known, why=why), why
    return _told(session, app, name, known, found, copies), None


def _told(  # noqa: PLR0913, PLR0917 - what is known of it comes from many places
    session: Session,
    app: "App",
    name: str,
    known: "About | None",
    found: "tuple[Figures, ...]" = (),
    copies: "tuple[CopyFigures, ...]" = (),
    why: StationError | None = None,
) -> Holding:
    spec = session.fleet.stores[name]
    newest = [each.last_at for each in found if each.last_at is not None]
    return Holding(
        store=name,
        kind=spec.kind,
        place=known.place if known else where(spec),
        holds_lease=name == app.stores[0],
        encrypted=spec.key_file is not None,
        account=known.account if known else None,
        used_bytes=known.used_bytes if known else None,
        free_bytes=known.free_bytes if known else None,
        points=None if why else sum(each.points for each in found),
        stored_bytes=None if why else sum(each.stored_bytes for each in found),
        newest_at=max(newest, default=None),
        databases=found,
        copies=copies,
        error=why.message if why else None,
        hint=why.hint if why else None,
    )


def _figures(store: "Store", app: str, database: str) -> "Figures":
    from station.cli.points_text import figures  # noqa: PLC0415
    from station.points.catalog import read_catalog  # noqa: PLC0415
    from station.points.point import DatabaseId  # noqa: PLC0415

    catalog = read_catalog(store, DatabaseId(app, database))
    for damaged in catalog.damaged.values():
        say(f"left out: {damaged.message}")
    return figures(database, catalog.points)


def _copies(store: "Store", app: str, database: str) -> "CopyFigures":
    from station.cli.copies_text import figures  # noqa: PLC0415
    from station.points.drill import last_passed_at  # noqa: PLC0415
    from station.points.point import DatabaseId  # noqa: PLC0415
    from station.points.portable import known_copy, list_backups  # noqa: PLC0415

    identity = DatabaseId(app, database)
    kept, drilled_at = list_backups(store, identity), last_passed_at(store, identity)
    return figures(database, known_copy(store, identity), kept, drilled_at)


def _table(shown: Info, now: datetime) -> "RenderableType":
    from rich.console import Group  # noqa: PLC0415

    parts: list[RenderableType] = []
    for each in shown.stores:
        parts += [*([""] if parts else []), *_store_lines(each, now)]
    return Group(*parts)


def where(spec: "StoreSpec") -> str:
    """Where the store is, as far as the manifest knows."""
    path = "" if spec.path == Path() else spec.path.as_posix()
    return {"s3": f"s3://{spec.bucket}/{path}", "sftp": f"{spec.user}@{spec.server}:{path}"}.get(spec.kind, path)


def _store_lines(each: Holding, now: datetime) -> "list[RenderableType]":
    from rich.padding import Padding  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    from station.cli import copies_text, points_text  # noqa: PLC0415

    facts = Table.grid(padding=(0, 2))
    facts.add_row("store", _what(each))
    if each.error is not None:
        facts.add_row("NOT reached", each.error + (f"  ({each.hint})" if each.hint else ""))
        return [Text(each.store, style="bold"), Padding(facts, (0, 0, 0, 2), expand=False)]
    facts.add_row("room", _room(each))
    parts: list[RenderableType] = [facts]
    for points, copies in zip(each.databases, each.copies, strict=True):
        parts += [points_text.figures_table([points], now), copies_text.figures_table(copies, now)]
    return [Text(each.store, style="bold"), *(Padding(part, (0, 0, 0, 2), expand=False) for part in parts)]


def _what(each: Holding) -> str:
    account = f" of {each.account}" if each.account else ""
    encrypted = ", encrypted" if each.encrypted else ""
    lease = ", holds the lease" if each.holds_lease else ""
    return f"{each.kind} {each.place}{account}{encrypted}{lease}"


def _room(each: Holding) -> str:
    from station.watch.wording import size  # noqa: PLC0415

    used = f"{size(each.used_bytes)} used" if each.used_bytes is not None else ""
    free = f"{size(each.free_bytes)} free" if each.free_bytes is not None else ""
    return ", ".join(filter(None, (used, free))) or "such a store does not tell"
