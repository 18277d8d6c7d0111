"""`station datasette-copy APP`: a new copy of the app's databases for Datasette; a timer runs it."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.cli.asking import complete_app, complete_host, store_of
from station.cli.console import say
from station.cli.newest import fresh_mirror
from station.cli.session import Session, pass_session
from station.clock import to_text, utc_now
from station.durable import durable_write
from station.hosts import systemctl
from station.hosts.rendering.datasette import COPIES
from station.points.mirrorcopy import copy_mirror, mirror_point

if TYPE_CHECKING:
    from station.fleet import App, Host
    from station.points.point import Point

FOLLOWED = "datasette"  # in the app's state: what is followed where the host has no mirror


@dataclass(frozen=True)
class _Origin:
    """Where a copy comes from: a folder of a mirror, and the point that it has."""

    folder: Path
    point: "Point"


@click.command("datasette-copy", help="Make a new copy of an app's databases for Datasette.")
@click.argument("app_name", metavar="APP", shell_complete=complete_app)
@click.option("--host", "host_name", required=True, metavar="HOST", shell_complete=complete_host, help="Where.")
@pass_session
def datasette_copy(session: Session, app_name: str, host_name: str) -> None:
    app, host = session.app(app_name), session.host(host_name)
    folder = host.paths.root / COPIES.removeprefix("/") / app.name
    if any([_renew(session, app, host, name, folder / its.file) for name, its in app.databases.items()]):
        systemctl.act("restart", [f"{app.name}-datasette.service"], "--no-block")
    elif not all((folder / its.file).exists() for its in app.databases.values()):
        systemctl.act("start", [f"station-again@{app.name}-datasette-copy.service.timer"])  # not at its own slow pace


def _renew(session: Session, app: "App", host: "Host", database: str, target: Path) -> bool:
    """Whether there is something new in the place of the copy. Until that is whole the old one stays."""
    origin = _origin(session, app, host, database)
    what = f"{app.name}/{database}"
    if origin is None:
        say(f"{what}: there is no restore point yet; Datasette starts with the first")
        return False
    note = target.with_name(f".{target.name}.digest")
    if target.exists() and note.exists() and note.read_text() == origin.point.digest:
        say(f"{what}: nothing new since {to_text(origin.point.taken_at)}")
        return False
    fresh = target.with_name(f".{target.name}.new")
    fresh.unlink(missing_ok=True)
    point = copy_mirror(origin.folder, database, fresh)
    if point is None:
        say(f"{what}: the mirror has gone meanwhile; the old copy stays until the next time")
        return False
    fresh.chmod(0o640)
    fresh.replace(target)
    durable_write(note, point.digest.encode())
    say(f"{what}: Datasette has the point {point.name} of {to_text(point.taken_at)}")
    return True


def _origin(session: Session, app: "App", host: "Host", database: str) -> _Origin | None:
    """The host's mirror, when it is fresh; else the store, followed in a folder: only what is new is fetched."""
    from station.points.mirror import Mirror  # noqa: PLC0415
    from station.points.point import DatabaseId  # noqa: PLC0415

    state = host.paths.state(app.name)
    point = fresh_mirror(state, database, utc_now())
    if point is not None:
        shutil.rmtree(state / FOLLOWED, ignore_errors=True)
        return _Origin(state / "mirror", point)
    followed = Mirror(state / FOLLOWED, store_of(session, app, host), DatabaseId(app.name, database))
    followed.folder.mkdir(mode=0o700, exist_ok=True)
    followed.catch_up()
    there = mirror_point(followed.folder, database)
    return _Origin(followed.folder, there) if there is not None else None
