"""`station db list`: what is in a store."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from station.cli.asking import complete_store, known_store
from station.cli.console import json_option, say, show
from station.cli.session import Session, pass_session

if TYPE_CHECKING:
    from rich.console import RenderableType

    from station.stores.store import Store

store_option = click.option(
    "--store", "store_name", metavar="NAME", shell_complete=complete_store, help="Which store of the fleet."
)


@dataclass(frozen=True)
class Listing:
    """What lies directly below a path: folders with all that is in them, and objects."""

    store: str
    path: str
    folders: tuple[dict[str, str | int], ...]
    objects: tuple[dict[str, str | int], ...]


@click.command("list")
@click.argument("path", metavar="[PATH]", default="")
@store_option
@json_option
@pass_session
def list_path(session: Session, path: str, store_name: str | None, as_json: bool) -> None:
    """List what lies in a store below a path, such as `bookedbiz/main/backups`."""
    path = path.strip("/")
    app = path.partition("/")[0]
    store = _store(session, app if app in session.fleet.apps else None, store_name)
    listing = _listing(store, path)
    show(listing, _listing_table, as_json)
    if not as_json:
        folders, objects = _count(len(listing.folders), "folder"), _count(len(listing.objects), "object")
        say(f"{folders} and {objects} in /{path} of {store.name}")


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _store(session: Session, app: str | None, name: str | None) -> "Store":
    """The store of that name, or the app's first, or the fleet's only one. UsageError."""
    stores = session.fleet.stores
    if name is not None:
        return session.store(known_store(name, stores, f"The fleet {session.fleet.name}"))
    if app is not None or len(session.fleet.apps) == 1:
        return session.store(session.app(app).stores[0])
    if len(stores) == 1:
        return session.store(next(iter(stores)))
    raise click.UsageError(f"Say which store with --store: {', '.join(sorted(stores))}.")


def _listing(store: "Store", path: str) -> Listing:
    from station.stores.store import NoSuchKey  # noqa: PLC0415

    prefix = f"{path}/" if path else ""
    folders: dict[str, list[int]] = {}
    objects: list[dict[str, str | int]] = []
    for entry in store.list(prefix):
        name, _, below = entry.key.removeprefix(prefix).partition("/")
        if below:
            folders.setdefault(name, []).append(entry.size_bytes)
        else:
            objects.append({"name": name, "bytes": entry.size_bytes})
    if path and not folders and not objects:
        raise NoSuchKey(f"There is nothing below {path} in {store.name}", "`station db list` shows what there is")
    counted: list[dict[str, str | int]] = [
        {"name": name, "objects": len(sizes), "bytes": sum(sizes)} for name, sizes in folders.items()
    ]
    return Listing(store.name, path, tuple(counted), tuple(objects))


def _listing_table(listing: Listing) -> "RenderableType":
    from rich.table import Table  # noqa: PLC0415

    from station.watch.wording import size  # noqa: PLC0415

    shown = Table(box=None, padding=(0, 2), header_style="dim", pad_edge=False)
    shown.add_column("name", overflow="fold")
    for column in ("objects", "size"):
        shown.add_column(column, justify="right")
    for each in (*listing.folders, *listing.objects):
        name = f"{each['name']}/" if "objects" in each else str(each["name"])
        shown.add_row(name, f"{each.get('objects', '')}", size(int(each["bytes"])))
    return shown
