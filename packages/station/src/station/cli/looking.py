"""`station db test` and `station db list`: is the store in order, and what is in it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from station.cli.asking import complete_app
from station.cli.console import json_option, progress, say, show
from station.cli.session import Session, pass_session

if TYPE_CHECKING:
    from rich.console import RenderableType

    from station.stores.extras import About
    from station.stores.store import Store
    from station.stores.trial import Step

store_option = click.option("--store", "store_name", metavar="NAME", help="Which store, when the fleet has several.")


@dataclass(frozen=True)
class Told:
    """A step of the test, as it is shown."""

    step: str
    ok: bool
    took_s: float
    told: str


@dataclass(frozen=True)
class Tested:
    """The steps of a test, up to the first that failed; what the store told of itself."""

    store: str
    ok: bool
    steps: tuple[Told, ...]
    about: "About | None"


@dataclass(frozen=True)
class Listing:
    """What lies directly below a path: folders with all that is in them, and objects."""

    store: str
    path: str
    folders: tuple[dict[str, str | int], ...]
    objects: tuple[dict[str, str | int], ...]


@click.command()
@click.argument("app_name", metavar="[APP]", required=False, shell_complete=complete_app)
@store_option
@json_option
@pass_session
def test(session: Session, app_name: str | None, store_name: str | None, as_json: bool) -> None:
    """Test a store: is it there, whose is it, how much room is left, and does a small object survive a round trip.

    Exit code 16 when a step fails; the steps before it are shown. What the test writes it takes away.
    """
    from station.stores.extras import About  # noqa: PLC0415
    from station.stores.trial import Trial  # noqa: PLC0415

    store = _store(session, app_name, store_name)
    steps = []
    with progress(f"testing {store.name}") as advance:
        for step in Trial(store).steps():
            steps.append(step)
            advance(len(steps), 0)
    failure = steps[-1].failure
    known = next((step.found for step in steps if isinstance(step.found, About)), None)
    show(Tested(store.name, failure is None, tuple(_told(step) for step in steps), known), _tested_table, as_json)
    if failure is not None:
        raise failure


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
        say(f"{len(listing.folders)} folders and {len(listing.objects)} objects in /{path} of {store.name}")


def _store(session: Session, app: str | None, name: str | None) -> "Store":
    """The store of that name, or the app's, or the fleet's only one. UsageError."""
    from station.stores.opening import open_store  # noqa: PLC0415

    stores = session.fleet.stores
    if name is None and (app is not None or len(session.fleet.apps) == 1):
        name = session.app(app).stores[0]
    if name is None and len(stores) == 1:
        name = next(iter(stores))
    if name is None or name not in stores:
        raise click.UsageError(f"Say which store with --store: {', '.join(sorted(stores))}.")
    return open_store(stores[name])


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


def _told(step: "Step") -> Told:
    found = step.found if isinstance(step.found, str) else _about_line(step.found)
    return Told(step.name, step.failure is None, step.took_s, found)


def _about_line(found: "About") -> str:
    from station.watch.wording import size  # noqa: PLC0415

    account = f" of {found.account}" if found.account else ""
    used = f", {size(found.used_bytes)} used" if found.used_bytes is not None else ""
    free = f", {size(found.free_bytes)} free" if found.free_bytes is not None else ""
    return f"{found.kind} {found.place}{account}{used}{free}"


def _tested_table(done: Tested) -> "RenderableType":
    from rich.console import Group  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    shown = Table(box=None, padding=(0, 2), header_style="dim", pad_edge=False)
    for column in ("step", "", "time", "what came of it"):
        shown.add_column(column, justify="right" if column == "time" else "left", overflow="fold")
    for step in done.steps:
        shown.add_row(step.step, "ok" if step.ok else "FAILED", f"{step.took_s * 1000:.0f} ms", step.told)
    if not done.ok:
        return shown
    took_s = sum(step.took_s for step in done.steps)
    return Group(shown, f"{done.store} is in order: {len(done.steps)} steps in {took_s:.2f} s")


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
