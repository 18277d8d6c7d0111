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
    """What was looked at and what is wrong with it."""

    app: str
    deep: bool
    objects: int
    damaged: tuple[dict[str, str], ...]


@click.command()
@app_argument
@click.option("--deep", is_flag=True, help="Also restore the newest point of every chain and have SQLite check it.")
@json_option
@pass_session
def verify(session: Session, app_name: str | None, deep: bool, as_json: bool) -> None:
    """Read every stored object and compare it with its record.

    Exit code 14 when anything is damaged.
    """
    from station.points.point import DatabaseId  # noqa: PLC0415
    from station.points.verify import verify as look  # noqa: PLC0415

    app = session.app(app_name)
    store = store_of(session, app)
    found = []
    for database in app.databases:
        say(f"reading what {store.name} holds of {app.name}/{database}")
        found += look(store, DatabaseId(app.name, database), deep=deep)
    damaged = tuple({"key": each.key, "problem": each.problem} for each in found if each.problem is not None)
    show(Verified(app.name, deep, len(found), damaged), _text, as_json)
    if damaged:
        raise DamagedObject(
            f"{len(damaged)} of {len(found)} findings are damage",
            "Keep what is whole: `station db list-points`; a new full copy is begun when the primary starts again",
        )


def _text(done: Verified) -> "RenderableType":
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
