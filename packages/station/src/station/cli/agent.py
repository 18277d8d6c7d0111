"""`station agent HOST`: run one host. `station up` starts one per folder host, systemd the one of a machine."""

import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import click

from station.cli.asking import complete_host
from station.cli.console import say
from station.cli.session import Session, pass_session
from station.clock import utc_now
from station.cluster.agent import Agent
from station.cluster.roles import read_epoch
from station.errors import StationError
from station.fleet import Fleet, Host, StoreSpec
from station.hosts.host_units import HostUnits
from station.hosts.systemd_units import SystemdUnits
from station.hosts.units import Programs
from station.stores.opening import open_store

_SET_UP_AGAIN_S = 15.0


@click.command(help="Run one host.")
@click.argument("host_name", metavar="[HOST]", required=False, shell_complete=complete_host)
@pass_session
def agent(session: Session, host_name: str | None) -> None:
    fleet, host = session.fleet, session.here(host_name)
    stores = {name: open_store(spec, host.paths.state("agent")) for name, spec in fleet.stores.items()}
    units = _units(fleet, host)
    if host.address:
        threading.Thread(target=_set_up, args=(_new_stores(fleet, host),), name="stores", daemon=True).start()
    try:
        Agent(fleet, host, stores, units, utc_now).run()
    finally:
        units.end()


def _units(fleet: Fleet, host: Host) -> HostUnits | SystemdUnits:
    """Children of ours for a folder host, systemd's units on a machine."""
    if not host.address:
        return HostUnits(fleet, host, Programs.of(Path(sys.executable), os.environ), utc_now)

    def recover(app: str) -> str:
        from station.hosts.switching.recovering import have_recovered  # noqa: PLC0415 - hardly ever

        return have_recovered(host, app)

    return SystemdUnits(fleet, host, recover)


def _new_stores(fleet: Fleet, host: Host) -> list[StoreSpec]:
    """The stores of apps that begin on this host and have never run here: nobody else sets them up on machines."""
    mine = [app for app in fleet.apps.values() if app.primary == host.name]
    used = {store for app in mine if read_epoch(host.paths.state(app.name)) is not None for store in app.stores}
    return [fleet.stores[name] for app in mine for name in app.stores if name not in used]


def _set_up(specs: Sequence[StoreSpec]) -> None:
    """Make each place a store, however long it takes until it answers. On a store this does nothing."""
    left, said = list(specs), ""
    while left:
        try:
            open_store(left[0]).initialise()
            left.pop(0)
        except StationError as why:
            if why.message != said:
                said = why.message
                say(f"the store {left[0].name} is not set up yet: {said}")
            threading.Event().wait(_SET_UP_AGAIN_S)
