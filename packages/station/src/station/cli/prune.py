"""`station db prune`: free what the manifest's rule does not keep, after showing what that is."""

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import click

from station.cli.asking import app_argument, store_of
from station.cli.console import json_option, say, show
from station.cli.session import Session, pass_session
from station.clock import to_text, utc_now

if TYPE_CHECKING:
    from station.points.retention import Freed, Plan
    from station.stores.store import Store

_FOLDED = {"last", "ahead of the clock"}


@dataclass(frozen=True)
class Pruned:
    """What was decided for each database, and whether it was done."""

    app: str
    done: bool
    plans: "Mapping[str, Plan]"


@click.command()
@app_argument
@click.option("--dry-run", is_flag=True, help="Show what would be freed, and free nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@pass_session
def prune(session: Session, app_name: str | None, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Free the restore points that [apps.APP.keep] does not keep.

    Nothing that a kept point needs is freed, and nothing of the newest chain, nor of one that ended less than a day
    ago. The primary prunes by itself once an hour; both may run at once.

    Exit code 13 when another host becomes primary meanwhile.
    """
    from station.cluster.lease import Lease  # noqa: PLC0415
    from station.points.inventory import take_inventory  # noqa: PLC0415
    from station.points.point import DatabaseId  # noqa: PLC0415
    from station.points.retention import plan  # noqa: PLC0415

    app = session.app(app_name)
    store = store_of(session, app)
    lease = Lease(store, app.name)
    holding = lease.current()
    epoch = holding.epoch if holding else 0
    lease.require(epoch)
    now = utc_now()
    plans = {name: plan(take_inventory(store, DatabaseId(app.name, name)), app.keep, now) for name in app.databases}
    done = not dry_run and any(each.freed for each in plans.values())
    if done:
        if not as_json:
            say(_plans_text(plans, now.astimezone()))
        _ask(yes)
        _free(store, plans, lambda: lease.require(epoch))
    show(Pruned(app.name, done, plans), lambda pruned: _text(pruned, now.astimezone()), as_json, _json)


def _ask(yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("This is no terminal to ask on; say --yes to go ahead, or --dry-run to look.")
    click.confirm("Free it?", abort=True, err=True)


def _free(store: "Store", plans: "Mapping[str, Plan]", still_ours: Callable[[], None]) -> None:
    from station.points.inventory import finish  # noqa: PLC0415
    from station.points.prune import free  # noqa: PLC0415

    for each in plans.values():
        for freed in each.freed:
            finish(free(store, [freed], still_ours))
            say(f"freed {_line(freed)}")


def _json(pruned: Pruned) -> dict[str, object]:
    return {
        "app": pruned.app,
        "done": pruned.done,
        "databases": {name: _plan_json(each) for name, each in pruned.plans.items()},
        "freed_points": sum(each.freed_points for each in pruned.plans.values()),
        "freed_bytes": sum(each.freed_bytes for each in pruned.plans.values()),
    }


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

    points = sum(each.freed_points for each in pruned.plans.values())
    total = sum(each.points for each in pruned.plans.values())
    unreferenced = sum(each.freed_unreferenced for each in pruned.plans.values())
    amount = f"{points} of {total} points" + (f" and {unreferenced} objects without a record" if unreferenced else "")
    amount += f", {size(sum(each.freed_bytes for each in pruned.plans.values()))}"
    if pruned.done:
        return f"freed {amount}"
    free = f"would free {amount}" if points or unreferenced else f"nothing to free of {total} points"
    return f"{_plans_text(pruned.plans, now)}\n{free}"


def _plans_text(plans: "Mapping[str, Plan]", now: datetime) -> str:
    return "\n".join(line for name, each in plans.items() for line in _plan_lines(name, each, now))


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
