"""`station ssh-config`: what belongs into ~/.ssh/config to reach the fleet's machines, VS Code included."""

import click

from station.cli.asking import complete_host
from station.cli.session import Session, pass_session
from station.errors import Refused


@click.command(name="ssh-config")
@click.argument("host_name", metavar="[HOST]", required=False, shell_complete=complete_host)
@click.option("--user", default="", help="Whom to sign in as.  [default: the name you have here]")
@click.option("--key", default="", metavar="FILE", help="The key to sign in with, for example ~/.ssh/id_ed25519.")
@pass_session
def ssh_config(session: Session, host_name: str | None, user: str, key: str) -> None:
    """Print what belongs into ~/.ssh/config.

    A block for each of the fleet's machines, or for one of them. A second entry, HOST-ports, brings to this machine
    what listens there for nobody else: the page, a developer's instance, Datasette: `ssh -N HOST-ports`.
    """
    from station.hosts.remote.ssh_config import ssh_config as lines  # noqa: PLC0415

    fleet = session.fleet
    hosts = [session.host(host_name)] if host_name else list(fleet.hosts.values())
    machines = [host for host in hosts if host.address]
    if not machines:
        raise Refused(f"{host_name or fleet.name} has no machine: its hosts are folders", "Give a host an address")
    click.echo(lines(fleet, machines, user, key))
