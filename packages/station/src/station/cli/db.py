"""`station db`: restore points, portable copies and drills of an app's databases."""

from datetime import datetime
from typing import TYPE_CHECKING

import click

from station.cli.asking import app_argument, database_option, one_database, store_of
from station.cli.console import json_option, say, show
from station.cli.copies import backup, download, list_backups, upload
from station.cli.drilling import drill
from station.cli.looking import list_path, test
from station.cli.prune import prune
from station.cli.restoring import restore
from station.cli.session import Session, pass_session
from station.cli.verifying import verify
from station.clock import utc_now
from station.errors import NotRunning

if TYPE_CHECKING:
    from rich.console import RenderableType

    from station.cli.copies_text import CopyFigures
    from station.fleet import App
    from station.points.point import Point


@click.group()
def db() -> None:
    """Restore points, portable copies and drills of an app's databases."""


@db.command("list-points")
@app_argument
@database_option
@click.option("--limit", type=click.IntRange(1), metavar="N", default=20, show_default=True, help="How many.")
@json_option
@pass_session
def list_points(session: Session, app_name: str | None, database_name: str | None, limit: int, as_json: bool) -> None:
    """List the newest restore points, the newest first."""
    from station.cli import points_text  # noqa: PLC0415

    app = session.app(app_name)
    database = one_database(app, database_name)
    points = _points(session, app, database)
    listed = points_text.Listed(app.name, database, len(points), tuple(points[::-1][:limit]))
    now = utc_now().astimezone()
    show(listed, lambda shown: points_text.table(shown, now), as_json, points_text.listed_json)
    if not as_json:
        say(f"{len(listed.points)} of {len(points)} points")


@db.command()
@app_argument
@json_option
@pass_session
def point(session: Session, app_name: str | None, as_json: bool) -> None:
    """Have the primary take a restore point now."""
    from station.cluster.lease import Lease  # noqa: PLC0415
    from station.cluster.peer import Peer  # noqa: PLC0415

    app = session.app(app_name)
    holding = Lease(store_of(session, app), app.name).current()
    if holding is None:
        raise NotRunning(f"Nobody has been primary of {app.name} yet", "Start the fleet: `station up`")
    host = session.host(holding.holder)
    answer = Peer(host.name, host.paths).call("point", on_step=say, app=app.name)
    taken = {name: said.get("point") for name, said in answer["databases"].items()}
    result = {"app": app.name, "host": host.name, "points": taken}
    show(result, lambda _: _taken(taken, utc_now().astimezone()), as_json)


@db.command()
@app_argument
@json_option
@pass_session
def info(session: Session, app_name: str | None, as_json: bool) -> None:
    """Show sizes, chains, the first and last restore point, and the portable copies of every database."""
    from station.cli import copies_text, points_text  # noqa: PLC0415

    app = session.app(app_name)
    now = utc_now().astimezone()
    found = tuple(points_text.figures(name, _points(session, app, name)) for name in app.databases)
    told = copies_text.Info(app.name, found, tuple(_copies(session, app, name) for name in app.databases))
    show(told, lambda shown: copies_text.info_table(shown, now), as_json)


def _points(session: Session, app: "App", database: str) -> "list[Point]":
    from station.points.catalog import read_catalog  # noqa: PLC0415
    from station.points.point import DatabaseId  # noqa: PLC0415

    catalog = read_catalog(store_of(session, app), DatabaseId(app.name, database))
    for damaged in catalog.damaged.values():
        say(f"left out: {damaged.message}")
    return catalog.points


def _copies(session: Session, app: "App", database: str) -> "CopyFigures":
    from station.cli.copies_text import figures  # noqa: PLC0415
    from station.points.drill import last_passed_at  # noqa: PLC0415
    from station.points.point import DatabaseId  # noqa: PLC0415
    from station.points.portable import known_copy  # noqa: PLC0415
    from station.points.portable import list_backups as kept_backups  # noqa: PLC0415

    store, identity = store_of(session, app), DatabaseId(app.name, database)
    kept, drilled_at = kept_backups(store, identity), last_passed_at(store, identity)
    return figures(database, known_copy(store, identity), kept, drilled_at)


def _taken(taken: dict[str, dict[str, object] | None], now: datetime) -> "RenderableType":
    from station.cli.points_text import taken_line  # noqa: PLC0415

    return "\n".join(taken_line(name, point, now) for name, point in taken.items())


db.add_command(prune)
for command in (test, upload, backup, download, list_backups, list_path, drill):
    db.add_command(command)
db.add_command(restore)
db.add_command(verify)
