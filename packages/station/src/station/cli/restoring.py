"""`station db restore`: a database as it was at a moment, in a file of its own."""

import os
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.cli.afar import naming_others
from station.cli.asking import app_argument, database_option, one_database, one_store, store_option
from station.cli.console import json_option, say, show
from station.cli.litestream_restore import Asked, Engine, engine_option, from_litestream
from station.cli.litestream_restore import line as litestream_line
from station.cli.moments import moment
from station.cli.progress import progress
from station.cli.session import Session, pass_session
from station.clock import utc_now
from station.errors import DamagedObject, NoSuchPoint, Refused

if TYPE_CHECKING:
    from station.fleet import App, Fleet
    from station.points.placing import Owner
    from station.points.point import DatabaseId, Point
    from station.stores.store import Store


@dataclass(frozen=True)
class Restored:
    """What was written, and where from."""

    app: str
    database: str
    store: str
    point: str
    taken_at: datetime
    file: Path
    bytes: int
    pages: int
    digest: str
    integrity: str
    took_s: float


@dataclass(frozen=True)
class Wanted:
    """Which point: the newest, or that of a moment, or that of a name."""

    at: datetime | None
    name: str | None


@click.command()
@app_argument
@database_option
@store_option
@click.option("--at", "at_text", metavar="TIME", help="The newest point at or before: '10m ago', '09:12', ISO.")
@click.option("--point", "point_name", metavar="NAME", help="That point, as `station db list-points` names it.")
@engine_option
@click.option("--to", "target", type=click.Path(path_type=Path), required=True, help="The file to write; must be new.")
@json_option
@pass_session
def restore(  # noqa: PLR0913, PLR0917 - one parameter per option
    session: Session,
    app_name: str | None,
    database_name: str | None,
    store_name: str | None,
    at_text: str | None,
    point_name: str | None,
    engine: Engine,
    target: Path,
    as_json: bool,
) -> None:
    """Write a database as it was at a restore point to a new file.

    Without --at and --point the newest point is taken. A time without a zone is this machine's wall time.
    Every stored byte and every written page is verified, and the file appears whole or not at all.

    When the store does not answer, or does not hold what is asked for, the message names the app's other stores that
    hold points.

    With --engine litestream the replica that Litestream made is restored, of the newest primary's epoch; with freshest
    it is, when it is newer than the newest point.
    """
    from station.points.point import DatabaseId  # noqa: PLC0415

    if at_text and point_name:
        raise click.UsageError("Give --at or --point, not both.")
    if point_name and engine != "own":
        raise click.UsageError("--point names a point of our own; Litestream knows none of them.")
    app = session.app(app_name)
    database, store = one_database(app, database_name), one_store(app, store_name)
    target = target.absolute()
    refuse_live(session.fleet, target)
    wanted = Wanted(moment(at_text, utc_now().astimezone()) if at_text else None, point_name)
    owner = owner_here(session, app)
    asked = Asked(app, database, store, target, wanted.at, owner)
    replica = from_litestream(session, asked, engine)
    if replica is not None:
        show(replica, litestream_line, as_json)
        return
    with naming_others(session, app, database, store):
        done = _restore(session.store(store), DatabaseId(app.name, database), wanted, target, owner)
    show(done, _line, as_json)


def refuse_live(fleet: "Fleet", target: Path) -> None:
    """Refused when the file lies where a host keeps an app's data: an agent would take it for its own."""
    for host in fleet.hosts.values():
        for app in fleet.apps.values():
            for folder in (host.paths.data(app.name), host.paths.state(app.name)):
                if target.resolve().is_relative_to(folder.resolve()):
                    raise Refused(
                        f"{target} not written: it lies in {folder}, where {host.name} keeps {app.name}'s own data",
                        "Name a file elsewhere, look at it, and then decide",
                    )


def owner_here(session: Session, app: "App") -> "Owner | None":
    """Whose a restored database is: when root restores on a machine that runs the app, that of the app's user.

    Moved to its place it can be written there. Anybody else's is his own.
    """
    from station.points.placing import owner_named  # noqa: PLC0415

    host = session.machine_here()
    if os.geteuid() != 0 or host is None or host.name not in app.hosts:
        return None
    return owner_named(app.account)


def _restore(store: "Store", identity: "DatabaseId", wanted: Wanted, target: Path, owner: "Owner | None") -> Restored:
    from station.cli.watched import Watched  # noqa: PLC0415
    from station.points.catalog import list_points  # noqa: PLC0415
    from station.points.restore import restore as restore_point  # noqa: PLC0415

    began_s = time.monotonic()
    with progress(f"looking at the points in {store.name}") as course:
        watched = Watched(store, course.by)
        points = list_points(watched, identity)
        point = _pick(points, wanted)
        say(_picked(point, wanted.at, utc_now().astimezone()))
        steps = [each for each in points if each.chain == point.chain and each.seq <= point.seq]
        course.step(f"restoring to {target.name}", sum(each.object_bytes for each in steps))
        restore_point(watched, point, target, owner=owner)
        took_s = time.monotonic() - began_s
        course.step(f"checking {target.name}")
        return _restored(point, store.name, target, took_s)


def _pick(points: "list[Point]", wanted: Wanted) -> "Point":
    from station.points.catalog import point_at, point_named  # noqa: PLC0415

    if wanted.name:
        return point_named(points, wanted.name)
    if wanted.at:
        return point_at(points, wanted.at)
    if not points:
        raise NoSuchPoint("There is no restore point at all", "Start the fleet, or look at `station db info`")
    return points[-1]


def _picked(point: "Point", wanted: datetime | None, now: datetime) -> str:
    from station.watch.wording import clock_time, length  # noqa: PLC0415

    before = f", {length((wanted - point.taken_at).total_seconds())} before the moment asked for" if wanted else ""
    age = length((now - point.taken_at).total_seconds())
    return f"point {point.name}, taken {clock_time(point.taken_at, now)} ({age} ago){before}"


def _restored(point: "Point", store: str, target: Path, took_s: float) -> Restored:
    from station.sqlite.scan import check_integrity  # noqa: PLC0415

    fault = check_integrity(target) if point.page_count else None
    if fault:
        raise DamagedObject(
            f"{target} equals its point, but SQLite finds fault with it: {fault}",
            "The database was damaged before the point was taken; try an earlier one with --at",
        )
    return Restored(
        app=point.app,
        database=point.database,
        store=store,
        point=point.name,
        taken_at=point.taken_at,
        file=target,
        bytes=target.stat().st_size,
        pages=point.page_count,
        digest=point.digest,
        integrity="ok",
        took_s=round(took_s, 3),
    )


def _line(done: Restored) -> str:
    from station.watch.wording import size  # noqa: PLC0415

    rate = f", {size(done.bytes / done.took_s)}/s" if done.took_s else ""
    return (
        f"restored {done.file}: {size(done.bytes)} in {done.pages:,} pages, took {done.took_s:.1f} s{rate}; "
        f"digest proved, integrity {done.integrity}"
    )
