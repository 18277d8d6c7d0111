"""`station db restore --engine litestream|freshest`: a database from Litestream's replica, or from the fresher one."""

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from station.cli.console import say
from station.cli.session import Session
from station.clock import utc_now
from station.errors import NoSuchPoint, StationError

if TYPE_CHECKING:
    from station.cluster.litestream_program import Program
    from station.cluster.litestream_restore import Own, Replica, Replicas
    from station.fleet import App
    from station.points.placing import Owner
    from station.points.point import DatabaseId
    from station.stores.store import Store

Engine = Literal["own", "litestream", "freshest"]

engine_option = click.option(
    "--engine",
    type=click.Choice(["own", "litestream", "freshest"]),
    default="own",
    show_default=True,
    help="From our own points, from Litestream's replica, or from whichever is newer.",
)


@dataclass(frozen=True)
class RestoredReplica:
    """What was written, and where from."""

    app: str
    database: str
    engine: str
    store: str
    epoch: int
    newest: datetime
    file: Path
    bytes: int
    integrity: str
    took_s: float


@dataclass(frozen=True)
class Asked:
    """What is to be restored, where to, whose it shall be (None: ours), as of when (None: the newest).

    `store`: where our own points are.
    """

    app: "App"
    database: str
    store: str
    target: Path
    at: datetime | None = None
    owner: "Owner | None" = None


def from_litestream(session: Session, asked: Asked, engine: Engine) -> RestoredReplica | None:
    """Restore from the replica. None when it is for our own points to do it; why was said.

    UsageError without Litestream in the manifest; Refused, NoSuchPoint, DamagedObject, StoreError.
    """
    from station.cluster.litestream_restore import Replicas, pick  # noqa: PLC0415
    from station.points.point import DatabaseId  # noqa: PLC0415

    if engine == "own":
        return None
    wanted = asked.app.litestream
    if wanted is None:
        raise click.UsageError(f"{asked.app.name} has no table [apps.{asked.app.name}.litestream] in the manifest.")
    if engine == "freshest" and asked.at is not None:
        raise click.UsageError("--engine freshest is for the newest state; with --at name the engine.")
    identity = DatabaseId(asked.app.name, asked.database)
    store = session.store(wanted.store)
    replicas = Replicas(_program(session, asked.app), session.fleet.stores[wanted.store], identity)
    if engine == "freshest":
        replica = _chosen(session, asked, (replicas, store, identity))
        if replica is None:
            return None
    else:
        replica = pick(replicas, replicas.epochs(store))
    return _restored(replicas, replica, asked, wanted.store)


def line(done: RestoredReplica) -> str:
    """The result in one line."""
    from station.watch.wording import clock_time, size  # noqa: PLC0415

    of = clock_time(done.newest, utc_now().astimezone())
    return (
        f"restored {done.file} from Litestream's replica in {done.store} (epoch {done.epoch}, shipped up to {of}): "
        f"{size(done.bytes)}, took {done.took_s:.1f} s; integrity {done.integrity}"
    )


def _program(session: Session, app: "App") -> "Program":
    from station.cluster.litestream import environment  # noqa: PLC0415
    from station.cluster.litestream_program import find_program, read_keys  # noqa: PLC0415

    assert app.litestream is not None
    spec = session.fleet.stores[app.litestream.store]
    env = {**os.environ, **environment(spec, read_keys(spec))}
    return find_program(app.litestream.program, session.fleet.path.parent, env)


def _chosen(session: Session, asked: Asked, there: "tuple[Replicas, Store, DatabaseId]") -> "Replica | None":
    """The replica, when it is the fresher one. What does not answer is told, and the other one is taken."""
    from station.cluster.lease import Lease  # noqa: PLC0415
    from station.cluster.litestream_restore import freshest, pick  # noqa: PLC0415

    replicas, store, identity = there
    assert asked.app.litestream is not None
    replica, own, lease_epoch = None, None, 0
    try:
        replica = pick(replicas, replicas.epochs(store))
    except StationError as why:
        say(f"Litestream: {why.message}")
    try:
        own = _own(session, asked, identity)
    except StationError as why:
        say(f"our own points: {why.message}")
    with suppress(StationError):
        holding = Lease(session.store(asked.app.stores[0]), asked.app.name).current()
        lease_epoch = holding.epoch if holding else 0
    choice = freshest(own, replica, lease_epoch, asked.app.litestream)
    say(f"taken: {choice.engine}; {choice.why}")
    return replica if choice.engine == "litestream" else None


def _own(session: Session, asked: Asked, identity: "DatabaseId") -> "Own | None":
    from station.cluster.litestream_restore import Own  # noqa: PLC0415
    from station.points.catalog import newest  # noqa: PLC0415

    point = newest(session.store(asked.store), identity)
    return Own(point.epoch, point.taken_at) if point else None


def _restored(replicas: "Replicas", replica: "Replica", asked: Asked, store: str) -> RestoredReplica:
    if replica.newest is None:
        raise NoSuchPoint("Litestream's replica holds nothing")
    from station.cli.copies import ended_by_sigterm  # noqa: PLC0415 - it needs the module that needs this one

    began_s = time.monotonic()
    with ended_by_sigterm():
        replicas.restore(replica, asked.target, asked.at, owner=asked.owner)
    return RestoredReplica(
        app=asked.app.name,
        database=asked.database,
        engine="litestream",
        store=store,
        epoch=replica.epoch,
        newest=replica.newest,
        file=asked.target,
        bytes=asked.target.stat().st_size,
        integrity="ok",
        took_s=round(time.monotonic() - began_s, 3),
    )
