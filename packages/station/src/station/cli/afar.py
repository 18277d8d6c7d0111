"""When one store of an app does not help: which of the others do."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from station.cli.session import Session
from station.clock import utc_now
from station.errors import DamagedObject, NoSuchPoint, StationError, StoreError

if TYPE_CHECKING:
    from station.fleet import App


@dataclass(frozen=True)
class Elsewhere:
    """The newest point that another store holds of a database."""

    store: str
    taken_at: datetime


@contextmanager
def naming_others(session: Session, app: "App", database: str, tried: str) -> Iterator[None]:
    """What the block raises because of the store `tried` also says which other stores hold points."""
    try:
        yield
    except (StoreError, NoSuchPoint, DamagedObject) as why:
        others = list(elsewhere(session, app, database, tried))
        if not others:
            raise
        why.hint = "\n".join([why.hint, *(_told(each) for each in others)]).strip()
        raise


def elsewhere(session: Session, app: "App", database: str, tried: str) -> Iterator[Elsewhere]:
    """The other stores that answer and hold points."""
    from station.points.catalog import newest  # noqa: PLC0415
    from station.points.point import DatabaseId  # noqa: PLC0415

    for name in app.stores:
        if name == tried:
            continue
        with suppress(StationError):
            point = newest(session.store(name), DatabaseId(app.name, database))
            if point is not None:
                yield Elsewhere(name, point.taken_at)


def _told(each: Elsewhere) -> str:
    from station.watch.wording import clock_time  # noqa: PLC0415

    now = utc_now().astimezone()
    return f"The store {each.store} holds points up to {clock_time(each.taken_at, now)}: --store {each.store}"
