"""`station db`: restore points, portable copies and drills of an app's databases."""

from datetime import datetime
from typing import TYPE_CHECKING

import click

from station.cli.afar import naming_others
from station.cli.asking import app_argument, database_option, one_database, one_store, store_of, store_option
from station.cli.console import json_option, say, show
from station.cli.drilling import drill
from station.cli.holdings import info
from station.cli.looking import list_path
from station.cli.portable import backup, download, list_backups, upload
from station.cli.prune import prune
from station.cli.restoring import restore
from station.cli.session import Session, pass_session
from station.cli.trying import test
from station.cli.verifying import verify
from station.clock import utc_now
from station.errors import NotRunning

if TYPE_CHECKING:
    from rich.console import RenderableType


@click.group()
def db() -> None:
    """Restore points, portable copies and drills of an app's databases."""


@db.command("list-points")
@app_argument
@database_option
@store_option
@click.option("--limit", type=click.IntRange(1), metavar="N", default=20, show_default=True, help="How many.")
@json_option
@pass_session
def list_points(
    session: Session,
    app_name: str | None,
    database_name: str | None,
    store_name: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """List the newest restore points, the newest first."""
    from station.cli import points_text  # noqa: PLC0415
    from station.points.catalog import read_catalog  # noqa: PLC0415
    from station.points.point import DatabaseId  # noqa: PLC0415

    app = session.app(app_name)
    database, store = one_database(app, database_name), one_store(app, store_name)
    with naming_others(session, app, database, store):
        catalog = read_catalog(session.store(store), DatabaseId(app.name, database))
    for damaged in catalog.damaged.values():
        say(f"left out: {damaged.message}")
    points = catalog.points
    listed = points_text.Listed(app.name, database, store, len(points), tuple(points[::-1][:limit]))
    now = utc_now().astimezone()
    show(listed, lambda shown: points_text.table(shown, now), as_json, points_text.listed_json)
    if not as_json:
        say(f"{len(listed.points)} of {len(points)} points in {store}")


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
        hint = session.host(app.primary).paths.start_hint
        raise NotRunning(f"Nobody has been primary of {app.name} yet", hint)
    host = session.host(holding.holder)
    answer = Peer(host.name, host.paths).call("point", on_step=say, app=app.name)
    taken = {name: said.get("point") for name, said in answer["databases"].items()}
    result = {"app": app.name, "host": host.name, "points": taken}
    show(result, lambda _: _taken(taken, utc_now().astimezone()), as_json)


def _taken(taken: dict[str, dict[str, object] | None], now: datetime) -> "RenderableType":
    from station.cli.points_text import taken_line  # noqa: PLC0415

    return "\n".join(taken_line(name, point, now) for name, point in taken.items())


for command in (test, upload, backup, download, info, list_backups, list_path, restore, verify, prune, drill):
    db.add_command(command)
