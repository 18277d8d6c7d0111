"""Arguments of the commands that change the machine they run on: which host it is."""

from typing import TYPE_CHECKING

import click

from station.cli.asking import complete_host
from station.cli.session import Session

if TYPE_CHECKING:
    from station.fleet import Host


host_argument = click.argument("host_name", metavar="[HOST]", required=False, shell_complete=complete_host)
force_option = click.option("--force", is_flag=True, help="Though this machine is another host, or has no name yet.")


def this_host(session: Session, name: str | None, verb: str, *, force: bool) -> "Host":
    """The host of that name, without one the host that this machine is. Refused when it is not this machine."""
    from station.fleet.here import name_here  # noqa: PLC0415 - help does without
    from station.hosts.machine.here import require_here, require_machine  # noqa: PLC0415

    host = session.here(name)
    require_machine(host, verb)
    if not force:
        require_here(host, verb, known=name_here())
    return host
