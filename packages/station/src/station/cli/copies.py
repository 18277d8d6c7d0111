"""Making portable copies of a live database for a command: on the primary, under the lease, with progress."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import click

from station.cli.asking import store_of
from station.cli.progress import Course, progress, sending
from station.cli.session import Session
from station.clock import utc_now

if TYPE_CHECKING:
    from station.fleet import App, Host
    from station.points.copying import Copier, Source, Standing, Stored
    from station.points.portablefile import OnBytes
    from station.stores.store import Store

    Making = Callable[[Copier, Standing | None, OnBytes], Stored]


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


def upload_copy(session: Session, app: "App", database: str, store_name: str | None = None) -> CopyStored:
    """Bring one database's current copy in that store, or in the app's first, up to date and say what was done."""

    def bring(copier: "Copier", known: "Standing | None", on_bytes: "OnBytes") -> "Stored":
        return copier.upload(known, on_bytes)

    return _make(session, app, database, store_name or app.stores[0], bring)


def back_up_copy(session: Session, app: "App", database: str, store_name: str, name: str) -> CopyStored:
    """Keep a copy of this moment in that store under that name and say what was done."""

    def back_up(copier: "Copier", known: "Standing | None", on_bytes: "OnBytes") -> "Stored":
        return copier.back_up(name, known, on_bytes)

    return _make(session, app, database, store_name, back_up)


def source_of(session: Session, app: "App", database: str) -> "Source":
    """The live database, by the lease."""
    from station.cluster.lease import Lease  # noqa: PLC0415
    from station.cluster.live import live_source  # noqa: PLC0415

    host = _likely_primary(session, app)
    return live_source(app, database, session.fleet.hosts, Lease(store_of(session, app, host), app.name))


def _likely_primary(session: Session, app: "App") -> "Host | None":
    """The host here that was primary last, by its own word: with its folder the store is opened only once."""
    from station.cluster.roles import read_epoch  # noqa: PLC0415

    epochs = {name: read_epoch(session.fleet.hosts[name].paths.state(app.name)) or 0 for name in app.hosts}
    last = max(epochs, key=lambda name: epochs[name])
    return session.fleet.hosts[last] if epochs[last] else None


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


def _make(session: Session, app: "App", database: str, store_name: str, make: "Making") -> CopyStored:
    """Have a copy made and sent, with progress, and say what was done."""
    with _copying(session, app, database, store_name) as (copier, known, store):
        began_s = time.monotonic()
        what = f"{app.name}/{database}"
        with progress(f"copying {what}") as course:
            send = _Sending(course, f"sending {what} to {store_name}")
            with sending(store, send.sent):
                stored = make(copier, known, send.copied)
    return _told(stored, store_name, time.monotonic() - began_s)


class _Sending:
    """From a copy that is made to a copy that is sent: what was copied is what will be sent."""

    def __init__(self, course: Course, title: str) -> None:
        self._course = course
        self._title = title
        self._is_sent = False

    def copied(self, done: int, total: int) -> None:
        self._course.to(done, total)

    def sent(self, amount: int) -> None:
        if not self._is_sent:
            self._is_sent = True
            self._course.step(self._title, self._course.total)
        self._course.by(amount)


@contextmanager
def _copying(
    session: Session, app: "App", database: str, store_name: str
) -> "Iterator[tuple[Copier, Standing | None, Store]]":
    """The copier of the live database to that store, and what is known of it without reading it."""
    from station.cluster.lease import Lease  # noqa: PLC0415
    from station.cluster.live import standing  # noqa: PLC0415
    from station.points.copying import copier  # noqa: PLC0415
    from station.points.portable import known_copy  # noqa: PLC0415

    source = source_of(session, app, database)
    host = session.fleet.hosts[source.host]
    lease = Lease(store_of(session, app, host), app.name)
    store = store_of(session, app, host, store_name)
    with ended_by_sigterm(), copier(source, store, lambda: lease.require(source.epoch), utc_now) as made:
        there = known_copy(store, source.identity)
        yield made, standing(app, source, host, there.digest, utc_now) if there else None, store


def _told(stored: "Stored", store: str, took_s: float) -> CopyStored:
    copy = stored.copy
    return CopyStored(
        app=copy.app,
        database=copy.database,
        store=store,
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
