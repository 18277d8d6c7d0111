"""`station db test`: are the stores in order?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from station.cli.asking import app_argument, complete_store, known_store
from station.cli.console import json_option, show
from station.cli.progress import progress
from station.cli.session import Session, pass_session
from station.errors import StationError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from station.stores.extras import About
    from station.stores.trial import Step


@dataclass(frozen=True)
class Told:
    """A step of the test, as it is shown."""

    step: str
    ok: bool
    took_s: float
    told: str


@dataclass(frozen=True)
class TestedStore:
    """The steps of a test, up to the first that failed; what the store told of itself."""

    store: str
    ok: bool
    steps: tuple[Told, ...]
    about: "About | None"


@dataclass(frozen=True)
class Tested:
    """Every store that was tested, and whether all are in order."""

    ok: bool
    stores: tuple[TestedStore, ...]


@click.command()
@app_argument
@click.option("--store", "store_name", metavar="NAME", shell_complete=complete_store, help="Only that store.")
@json_option
@pass_session
def test(session: Session, app_name: str | None, store_name: str | None, as_json: bool) -> None:
    """Test the app's stores, one after the other; without APP all of the fleet.

    Is it there, whose is it, how much room is left, and does a small object survive a round trip? What the test
    writes it takes away. Exit code 16 when a step fails; the steps before it are shown, and the other stores tested.
    """
    tried = [_try(session, name) for name in _stores(session, app_name, store_name)]
    show(Tested(all(done.ok for done, _ in tried), tuple(done for done, _ in tried)), _table, as_json)
    failures = [failure for _, failure in tried if failure is not None]
    if failures:
        raise max(failures, key=lambda failure: failure.exit_code)


def about_line(found: "About") -> str:
    """`directory /media/usb of pi, 12 GB used, 40 GB free`."""
    from station.watch.wording import size  # noqa: PLC0415

    account = f" of {found.account}" if found.account else ""
    used = f", {size(found.used_bytes)} used" if found.used_bytes is not None else ""
    free = f", {size(found.free_bytes)} free" if found.free_bytes is not None else ""
    return f"{found.kind} {found.place}{account}{used}{free}"


def _stores(session: Session, app: str | None, name: str | None) -> Sequence[str]:
    """Any store of the fleet may be named; an app's own are those that are meant by it."""
    stores = tuple(session.fleet.stores)
    if app is not None:
        whose = session.app(app)
        return (known_store(name, whose.stores, whose.name),) if name else whose.stores
    if name is not None:
        return (known_store(name, stores, f"The fleet {session.fleet.name}"),)
    return session.app(None).stores if len(session.fleet.apps) == 1 else stores


def _try(session: Session, name: str) -> tuple[TestedStore, StationError | None]:
    from station.stores.extras import About  # noqa: PLC0415
    from station.stores.trial import Trial  # noqa: PLC0415

    try:
        store = session.store(name)
    except StationError as why:
        return TestedStore(name, False, (Told("open it", False, 0.0, why.message),), None), why
    steps: list[Step] = []
    with progress(f"testing {name}"):
        for step in Trial(store).steps():
            steps.append(step)
    failure = steps[-1].failure
    known = next((step.found for step in steps if isinstance(step.found, About)), None)
    return TestedStore(name, failure is None, tuple(_told(step) for step in steps), known), failure


def _told(step: "Step") -> Told:
    found = step.found if isinstance(step.found, str) else about_line(step.found)
    return Told(step.name, step.failure is None, step.took_s, found)


def _table(done: Tested) -> "RenderableType":
    from rich.console import Group  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    shown = Table(box=None, padding=(0, 2), header_style="dim", pad_edge=False)
    for column in ("store", "step", "", "time", "what came of it"):
        shown.add_column(column, justify="right" if column == "time" else "left", overflow="fold")
    for each in done.stores:
        for place, step in enumerate(each.steps):
            name = each.store if place == 0 else ""
            shown.add_row(name, step.step, "ok" if step.ok else "FAILED", f"{step.took_s * 1000:.0f} ms", step.told)
    return Group(shown, *(_verdict(each) for each in done.stores))


def _verdict(each: TestedStore) -> str:
    if not each.ok:
        return f"{each.store} is NOT in order"
    return f"{each.store} is in order: {len(each.steps)} steps in {sum(step.took_s for step in each.steps):.2f} s"
