"""`station agent HOST`: run one host. `station up` starts one per folder host."""

import os
import sys
from pathlib import Path

import click

from station.cli.asking import complete_host
from station.cli.session import Session, pass_session
from station.clock import utc_now
from station.cluster.agent import Agent
from station.hosts.host_units import HostUnits
from station.hosts.units import Programs
from station.stores.opening import open_store


@click.command(help="Run one host.")
@click.argument("host_name", metavar="HOST", shell_complete=complete_host)
@pass_session
def agent(session: Session, host_name: str) -> None:
    fleet, host = session.fleet, session.host(host_name)
    stores = {name: open_store(spec, host.paths.state("agent")) for name, spec in fleet.stores.items()}
    units = HostUnits(fleet, host, Programs.of(Path(sys.executable), os.environ), utc_now)
    try:
        Agent(fleet, host, stores, units, utc_now).run()
    finally:
        units.end()
