"""`station db prune`: free what the manifest's rule does not keep, after showing what that is."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

import click

from station.cli.alone import alone
from station.cli.asking import app_argument, ask, one_or_all_stores, store_of, stores_of, yes_option
from station.cli.console import json_option, say, show
from station.cli.progress import progress
from station.cli.prune_text import copies_json, copies_lines
from station.cli.session import Session, pass_session
from station.clock import to_text, utc_now
from station.errors import StoreError

if TYPE_CHECKING:
    from station.fleet import App
    from station.points.backups import CopiesPlan
    from station.points.retention import Freed, Plan
    from station.stores.store import Store

_FOLDED = {"last", "ahead of the clock"}


@dataclass(frozen=True)
class PrunedStore:
    """What was decided for each database in one store; `error`: why the store could not be read."""

    store: str
    plans: "Mapping[str, Plan]"
    error: StoreError | None = None
    copies: "Mapping[str, CopiesPlan]" = field(default_factory=dict)


@dataclass(frozen=True)
class Pruned:
    """What was decided for each store, and whether it was done."""

    app: str
    done: bool
    stores: tuple[PrunedStore, ...]

    @property
    def plans(self) -> "tuple[Plan, ...]":
        return tuple(plan for each in self.stores for plan in each.plans.values())

    @property
    def copies(self) -> "tuple[CopiesPlan, ...]":
        return tuple(plan for each in self.stores for plan in each.copies.values())

    @property
    def freed_bytes(self) -> int:
        return sum(plan.freed_bytes for plan in self.plans) + sum(plan.freed_bytes for plan in self.copies)


@click.command()
@app_argument
@one_or_all_stores
@click.option("--dry-run", is_flag=True, help="Show what would be freed, and free nothing.")
@yes_option
@json_option
@pass_session
def prune(
    session: Session, app_name: str | None, store_name: str | None, dry_run: bool, yes: bool, as_json: bool
) -> None:
    """Free the restore points that [apps.APP.keep] does not keep, in each of the app's stores by itself.

    Nothing that a kept point needs is freed, and nothing of the newest chain, nor of one that ended less than a day
    ago. Backups with a time for a name beyond `keep.backups` go too, and the records of old drills. The primary prunes
    by itself once an hour; both may run at once.

    Exit code 12 while another prune runs here; 13 when another host becomes primary meanwhile; 16 when a store cannot
    be read, after the others are done.
    """
    from station.cluster.lease import Lease  # noqa: PLC0415

    app = session.app(app_name)
    names = stores_of(app, store_name)
    lease = Lease(store_of(session, app), app.name)
    holding = lease.current()
    epoch = holding.epoch if holding else 0
    lease.require(epoch)
    now = utc_now()
    with alone(session, app, "prune"):
        decided = tuple(_decide(session, app, name, now) for name in names)
        pruned = Pruned(app.name, not dry_run and any(map(_frees, decided)), decided)
        if pruned.done:
            if not as_json:
                say(_plans_text(pruned, now.astimezone()))
            ask("Free it?", yes=yes)
            for each in decided:
                _free(session.store(each.store), each, lambda: lease.require(epoch))
    show(pruned, lambda shown: _text(shown, now.astimezone()), as_json, _json)
    for each in decided:
        if each.error is not None:
            raise each.error


def _decide(session: Session, app: "App", name: str, now: datetime) -> PrunedStore:
    from station.points.backups import take_plan  # noqa: PLC0415
    from station.points.inventory import take_inventory  # noqa: PLC0415
    from station.points.point import DatabaseId  # noqa: PLC0415
    from station.points.retention import plan  # noqa: PLC0415

    try:
        store = session.store(name)
        with progress(f"looking at the points in {name}"):
            found = {each: take_inventory(store, DatabaseId(app.name, each)) for each in app.databases}
            copies = {each: take_plan(store, DatabaseId(app.name, each), app.keep, now) for each in app.databases}
    except StoreError as why:
        return PrunedStore(name, {}, why)
    return PrunedStore(name, {each: plan(inventory, app.keep, now) for each, inventory in found.items()}, copies=copies)


def _frees(decided: PrunedStore) -> bool:
    return any(plan.freed for plan in decided.plans.values()) or any(plan.keys for plan in decided.copies.values())


def _free(store: "Store", decided: PrunedStore, still_ours: Callable[[], None]) -> None:
    from station.points.backups import free_copies  # noqa: PLC0415
    from station.points.inventory import finish  # noqa: PLC0415
    from station.points.prune import free  # noqa: PLC0415

    total = sum(plan.freed_bytes for plan in decided.plans.values())
    with progress(f"freeing in {store.name}", total) as course:
        for plan in decided.plans.values():
            for freed in plan.freed:
                for _ in free(store, [freed], still_ours):
                    course.by(freed.bytes // max(1, len(freed.keys)))
                say(f"freed {_line(freed)} in {store.name}")
    for copies in decided.copies.values():
        finish(free_copies(store, copies, still_ours))


def _json(pruned: Pruned) -> dict[str, object]:
    return {
        "app": pruned.app,
        "done": pruned.done,
        "stores": {each.store: _store_json(each) for each in pruned.stores},
        "freed_points": sum(each.freed_points for each in pruned.plans),
        "freed_bytes": pruned.freed_bytes,
    }


def _store_json(each: PrunedStore) -> dict[str, object]:
    return {
        "databases": {name: _plan_json(plan) | _copies_of(each, name) for name, plan in each.plans.items()},
        "error": each.error.message if each.error else None,
    }


def _copies_of(each: PrunedStore, name: str) -> dict[str, object]:
    return {"copies": copies_json(each.copies[name])} if name in each.copies else {}


def _plan_json(decided: "Plan") -> dict[str, object]:
    return {
        "points": decided.points,
        "bytes": decided.bytes,
        "kept": [
            {"name": point.name, "taken_at": to_text(point.taken_at), "why": [str(reason) for reason in why]}
            for point, why in decided.kept.items()
        ],
        "not_touched": dict(decided.resting),
        "damaged_kept": {name: [str(reason) for reason in why] for name, why in decided.damaged_kept.items()},
        "freed": [
            {
                "chain": freed.chain,
                "entire": freed.entire,
                "points": len(freed.numbers),
                "damaged": freed.damaged,
                "unreferenced": freed.unreferenced,
                "bytes": freed.bytes,
            }
            for freed in decided.freed
        ],
        "freed_points": decided.freed_points,
        "freed_bytes": decided.freed_bytes,
    }


def _text(pruned: Pruned, now: datetime) -> str:
    """The result; of a dry run, or when there is nothing to free, the plan too."""
    from station.watch.wording import size  # noqa: PLC0415

    points = sum(each.freed_points for each in pruned.plans)
    total = sum(each.points for each in pruned.plans)
    unreferenced = sum(each.freed_unreferenced for each in pruned.plans)
    amount = f"{points} of {total} points" + (f" and {unreferenced} objects without a record" if unreferenced else "")
    backups = sum(len(each.freed_backups) for each in pruned.copies)
    drills = sum(len(each.freed_drills) for each in pruned.copies)
    amount += (f", {backups} backups" if backups else "") + (f", {drills} records of drills" if drills else "")
    amount += f", {size(pruned.freed_bytes)}"
    if pruned.done:
        return f"freed {amount}"
    free = (
        f"would free {amount}" if points or unreferenced or backups or drills else f"nothing to free of {total} points"
    )
    return f"{_plans_text(pruned, now)}\n{free}"


def _plans_text(pruned: Pruned, now: datetime) -> str:
    return "\n".join(line for each in pruned.stores for line in _store_lines(each, now))


def _store_lines(each: PrunedStore, now: datetime) -> Iterator[str]:
    if each.error is not None:
        yield f"{each.store} cannot be read: {each.error.message}"
    for name, decided in each.plans.items():
        yield from _plan_lines(f"{name} in {each.store}", decided, now)
        if name in each.copies:
            yield from copies_lines(name, each.copies[name])


def _plan_lines(name: str, decided: "Plan", now: datetime) -> Iterator[str]:
    """Every point that is kept for a period, with why; those that are kept for being the last, in one line."""
    from station.watch.wording import size  # noqa: PLC0415

    yield f"{name}: {decided.points} points, {size(decided.bytes)}"
    named = {point: why for point, why in decided.kept.items() if {reason.kind for reason in why} - _FOLDED}
    yield "  kept"
    for point, why in named.items():
        yield f"    {point.taken_at.astimezone(now.tzinfo):%Y-%m-%d %H:%M:%S}  {point.name}  {', '.join(map(str, why))}"
    if more := len(decided.kept) - len(named):
        yield f"    and {more} more of the last, or ahead of the clock"
    needed = decided.points - decided.freed_points - len(decided.kept)
    if needed > 0:
        yield f"    and {needed} more that these need, or that lie in a chain that is not touched"
    for chain, reason in decided.resting.items():
        yield f"  not touched: {chain}, {reason}"
    for damaged, why in decided.damaged_kept.items():
        yield f"  damaged: {damaged} does not restore, and nothing else is {', '.join(map(str, why))}"
    for freed in decided.freed:
        yield f"  goes: {_line(freed)}"


def _line(freed: "Freed") -> str:
    from station.watch.wording import size  # noqa: PLC0415

    what = "all of it" if freed.entire else "its end" if freed.numbers else "leftovers"
    points = f"{len(freed.numbers)} points" + (f" ({freed.damaged} of them damaged)" if freed.damaged else "")
    leftover = f", {freed.unreferenced} objects without a record" if freed.unreferenced else ""
    return f"{freed.chain}, {what}: {points}{leftover}, {size(freed.bytes)}"
