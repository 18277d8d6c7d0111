"""Arguments of the commands that change the machine they run on: which host it is, and whether to go ahead."""

import sys
from typing import TYPE_CHECKING

import click

from station.cli.asking import complete_host
from station.cli.session import Session

if TYPE_CHECKING:
    from station.fleet import Host


host_argument = click.argument("host_name", metavar="[HOST]", required=False, shell_complete=complete_host)
yes_option = click.option("--yes", is_flag=True, help="Do not ask.")
force_option = click.option("--force", is_flag=True, help="Though this machine is another host, or has no name yet.")


def this_host(session: Session, name: str | None, verb: str, *, force: bool) -> "Host":
    """The host of that name, without one the host that this machine is. Refused when it is not this machine."""
    from station.hosts.machine.here import here, require_here, require_machine  # noqa: PLC0415 - help does without

    known = here()
    if not name and not known:
        raise click.UsageError("Say which host; /etc/station/host, which would say it, is not there.")
    host = session.host(name or known)
    require_machine(host, verb)
    if not force:
        require_here(host, verb, known=known)
    return host


def ask(question: str, *, yes: bool) -> None:
    """Go ahead, or end. UsageError where nobody can be asked."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("This is no terminal to ask on; say --yes to go ahead.")
    click.confirm(question, abort=True, err=True)
