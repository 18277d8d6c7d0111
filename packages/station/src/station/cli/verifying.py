"""`station db verify`: is what the stores hold whole?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from station.cli.alone import alone
from station.cli.asking import app_argument, one_or_all_stores, stores_of
from station.cli.console import json_option, say, show
from station.cli.copies import ended_by_sigterm
from station.cli.progress import progress
from station.cli.session import Session, pass_session
from station.errors import DamagedObject, StationError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from station.fleet import App

DAMAGED_HINT = (
    "Keep what is whole: `station db list-points`. A damaged newest chain is replaced by a new full copy within"
    " minutes of a standby noticing; `station failover` begins one at once"
)


@dataclass(frozen=True)
class VerifiedStore:
    """What was looked at in one store; `error` is why it could not be read to the end.

    `broken_references`: foreign keys that lead nowhere in what a deep look restored. They do in the live database too.
    """

    objects: int
    damaged: int
    unreferenced: int
    unreferenced_bytes: int
    broken_references: int
    error: str | None


@dataclass(frozen=True)
class Verified:
    """What was looked at and what is wrong with it.

    `unreferenced` are objects without a record: of a run that goes on or was killed, or left by a prune. No damage.
    """

    app: str
    deep: bool
    objects: int
    damaged: tuple[dict[str, str], ...]
    unreferenced: tuple[dict[str, str | int], ...]
    unreferenced_bytes: int
    stores: dict[str, VerifiedStore]


@click.command()
@app_argument
@one_or_all_stores
@click.option("--deep", is_flag=True, help="Also restore the newest point of every chain and have SQLite check it.")
@json_option
@pass_session
def verify(session: Session, app_name: str | None, store_name: str | None, deep: bool, as_json: bool) -> None:
    """Read every object in the app's stores and compare it with its record.

    Exit code 12 while another verify runs here; 14 when anything is damaged; 16 when a store cannot be read, after the
    others were.
    """
    app = session.app(app_name)
    looks = [_Look(session, app, name) for name in stores_of(app, store_name)]
    with alone(session, app, "verify"), ended_by_sigterm():
        for each in looks:
            each.take(deep)
    show(_verified(app.name, deep, looks), _text, as_json)
    damaged = sum(len(each.damaged) for each in looks)
    if damaged:
        raise DamagedObject(f"{damaged} of {sum(each.objects for each in looks)} findings are damage", DAMAGED_HINT)
    for each in looks:
        if each.failure is not None:
            raise each.failure


class _Look:
    """At one store of the app; what was found up to a failure is kept."""

    def __init__(self, session: Session, app: "App", store: str) -> None:
        self._session = session
        self._app = app
        self.store = store
        self.objects = 0
        self.damaged: list[dict[str, str]] = []
        self.unreferenced: list[dict[str, str | int]] = []
        self.broken_references = 0
        self.failure: StationError | None = None

    def take(self, deep: bool) -> None:
        try:
            for database in self._app.databases:
                self._database(database, deep)
        except StationError as why:
            self.failure = why

    def _database(self, database: str, deep: bool) -> None:
        from station.cli.watched import Watched, stored_bytes  # noqa: PLC0415
        from station.points.inventory import take_inventory  # noqa: PLC0415
        from station.points.point import DatabaseId  # noqa: PLC0415
        from station.points.verify import verify as look  # noqa: PLC0415

        store, identity = self._session.store(self.store), DatabaseId(self._app.name, database)
        what = f"{self._app.name}/{database} in {store.name}"
        with progress(f"reading {what}", stored_bytes(store, identity.prefix)) as course:
            watched = Watched(store, course.by)
            found = look(watched, identity, deep=deep)
            leftover = take_inventory(watched, identity).unreferenced
        self.objects += len(found)
        self.broken_references += sum(each.broken_references for each in found)
        self.damaged += [
            {"store": store.name, "key": each.key, "problem": each.problem}
            for each in found
            if each.problem is not None
        ]
        self.unreferenced += [{"store": store.name, "key": key, "bytes": size} for key, size in leftover]

    @property
    def told(self) -> VerifiedStore:
        leftover_bytes = sum(int(each["bytes"]) for each in self.unreferenced)
        error = self.failure.message if self.failure else None
        return VerifiedStore(
            objects=self.objects,
            damaged=len(self.damaged),
            unreferenced=len(self.unreferenced),
            unreferenced_bytes=leftover_bytes,
            broken_references=self.broken_references,
            error=error,
        )


def _verified(app: str, deep: bool, looks: list[_Look]) -> Verified:
    told = {each.store: each.told for each in looks}
    return Verified(
        app=app,
        deep=deep,
        objects=sum(each.objects for each in told.values()),
        damaged=tuple(found for each in looks for found in each.damaged),
        unreferenced=tuple(found for each in looks for found in each.unreferenced),
        unreferenced_bytes=sum(each.unreferenced_bytes for each in told.values()),
        stores=told,
    )


def _text(done: Verified) -> "RenderableType":
    from rich.console import Group  # noqa: PLC0415

    from station.watch.wording import size  # noqa: PLC0415

    if done.unreferenced:
        amount = f"{len(done.unreferenced)} objects without a record, {size(done.unreferenced_bytes)}"
        say(f"{amount}: a point being taken, or left by a run that was killed; `station db prune` frees the latter")
    lines = [_line(done, name, each) for name, each in done.stores.items()]
    return Group(*([_table(done.damaged)] if done.damaged else []), *lines)


def _line(done: Verified, name: str, each: VerifiedStore) -> str:
    if each.error is not None:
        return f"{name} was not read to its end: {each.error}"
    if each.damaged:
        return f"{each.damaged} of {each.objects} findings in {name} are damage"
    broken = f"; {each.broken_references} references lead to rows that do not exist" if each.broken_references else ""
    return f"all {each.objects} objects of {done.app} in {name} are whole" + (
        f", and every chain restores{broken}" if done.deep else ""
    )


def _table(damaged: Sequence[dict[str, str]]) -> "RenderableType":
    from rich.table import Table  # noqa: PLC0415

    table = Table(box=None, padding=(0, 2), header_style="dim", pad_edge=False)
    for column in ("store", "object", "what is wrong"):
        table.add_column(column, overflow="fold")
    for each in damaged:
        table.add_row(each["store"], each["key"], each["problem"])
    return table
