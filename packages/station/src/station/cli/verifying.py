"""`station db verify`: is what the store holds whole?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from station.cli.asking import app_argument, store_of
from station.cli.console import json_option, say, show
from station.cli.session import Session, pass_session
from station.errors import DamagedObject

if TYPE_CHECKING:
    from rich.console import RenderableType


@dataclass(frozen=True)
class Verified:
    """What was looked at and what is wrong with it.

    `unreferenced` are objects without a record: of a run that goes on or was killed, or left by a prune. No damage.
    """

    app: str
    deep: bool
    objects: int
    damaged: tuple[dict[str, str], ...]
    unreferenced: tuple[str, ...]
    unreferenced_bytes: int


@click.command()
@app_argument
@click.option("--deep", is_flag=True, help="Also restore the newest point of every chain and have SQLite check it.")
@json_option
@pass_session
def verify(session: Session, app_name: str | None, deep: bool, as_json: bool) -> None:
    """Read every stored object and compare it with its record.

    Exit code 14 when anything is damaged.
    """
    from station.points.inventory import take_inventory  # noqa: PLC0415
    from station.points.point import DatabaseId  # noqa: PLC0415
    from station.points.verify import verify as look  # noqa: PLC0415

    app = session.app(app_name)
    store = store_of(session, app)
    found, leftover = [], []
    for database in app.databases:
        say(f"reading what {store.name} holds of {app.name}/{database}")
        found += look(store, DatabaseId(app.name, database), deep=deep)
        leftover += take_inventory(store, DatabaseId(app.name, database)).unreferenced
    damaged = tuple({"key": each.key, "problem": each.problem} for each in found if each.problem is not None)
    unreferenced = tuple(key for key, _ in leftover)
    show(Verified(app.name, deep, len(found), damaged, unreferenced, sum(size for _, size in leftover)), _text, as_json)
    if damaged:
        raise DamagedObject(
            f"{len(damaged)} of {len(found)} findings are damage",
            "Keep what is whole: `station db list-points`. A damaged newest chain is replaced by a new full copy within"
            " minutes of a standby noticing; `station failover` begins one at once",
        )


def _text(done: Verified) -> "RenderableType":
    from station.watch.wording import size  # noqa: PLC0415

    if done.unreferenced:
        amount = f"{len(done.unreferenced)} objects without a record, {size(done.unreferenced_bytes)}"
        say(f"{amount}: a point being taken, or left by a run that was killed; `station db prune` frees the latter")
    if not done.damaged:
        return f"all {done.objects} objects of {done.app} are whole" + (
            ", and every chain restores" if done.deep else ""
        )
    return _table(done.damaged)


def _table(damaged: Sequence[dict[str, str]]) -> "RenderableType":
    from rich.table import Table  # noqa: PLC0415

    table = Table(box=None, padding=(0, 2), header_style="dim", pad_edge=False)
    table.add_column("object", overflow="fold")
    table.add_column("what is wrong", overflow="fold")
    for each in damaged:
        table.add_row(each["key"], each["problem"])
    return table
