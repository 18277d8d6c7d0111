"""`station store set-up NAME`: a place becomes a store again, after the one that was there is gone for good."""

from typing import TYPE_CHECKING

import click

from station.cli.asking import ask, complete_store, known_store, yes_option
from station.cli.console import say
from station.cli.session import Session, pass_session
from station.errors import Refused, StationError

if TYPE_CHECKING:
    from station.fleet import Fleet
    from station.stores.store import Store


@click.group()
def store() -> None:
    """Stores, where the copies go: set one up anew that is gone."""


@store.command("set-up")
@click.argument("store_name", metavar="NAME", shell_complete=complete_store)
@yes_option
@pass_session
def set_up(session: Session, store_name: str, yes: bool) -> None:
    """Make a place a store anew, when the one that was there is gone for good.

    Run it on the host that was primary last (a directory is set up on every machine that has one), as root. That host
    takes the next epoch within seconds and begins with a full copy. Refused (exit code 20) while the store answers and
    says who is primary: then it is not gone.
    """
    name = known_store(store_name, session.fleet.stores, f"The fleet {session.fleet.name}")
    if session.machine_here() is not None:
        from station.hosts.machine.here import require_root  # noqa: PLC0415 - help does without

        require_root("set up a store")
    there = session.store(name)
    try:
        _refuse_leases(session.fleet, there)
    except Refused:
        raise
    except StationError as why:
        say(f"{name} does not answer as a store: {why.message}")
    else:
        say(f"{name} is a store, and nobody is primary by it; nothing was changed")
        return
    say("\n".join(_what_follows(session, name)))
    ask(f"Set up {name} as an empty store?", yes=yes)
    there.initialise()
    _refuse_leases(session.fleet, there)  # it was away a moment ago
    say(f"{name} is a store; `station status` shows when the first point is in it")


def _refuse_leases(fleet: "Fleet", there: "Store") -> None:
    """Refused when somebody is primary by it; StoreError when it does not answer or is none."""
    from station.cluster.lease import Lease  # noqa: PLC0415 - help does without

    held = [(app, holding) for app in fleet.apps if (holding := Lease(there, app).current()) is not None]
    if held:
        who = ", ".join(f"{holding.holder} is primary of {app} in epoch {holding.epoch}" for app, holding in held)
        raise Refused(f"{there.name} not set up: it is there, and {who}", "Nothing has to be done: it is a whole store")


def _what_follows(session: Session, name: str) -> list[str]:
    """What becomes of each app that uses it."""
    from station.cluster.roles import read_epoch  # noqa: PLC0415 - help does without

    here, lines = session.machine_here(), []
    for app in session.fleet.apps.values():
        if name not in app.stores:
            continue
        if name != app.stores[0]:
            lines.append(f"{app.name}: a full copy goes into it with the next point")
            continue
        hosts = [here] if here is not None else [session.fleet.hosts[host] for host in app.hosts]
        known = {host.name: epoch for host in hosts if (epoch := read_epoch(host.paths.state(app.name))) is not None}
        last = [
            f"{host} was primary last, in epoch {epoch}, and begins with a full copy" for host, epoch in known.items()
        ]
        lines.append(f"{app.name}: {'; '.join(last) or 'this host was not its primary: begin on the one that was'}")
    return lines
