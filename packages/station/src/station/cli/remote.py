"""`station --host NAME …` and `station push`: from here to the hosts of the fleet."""

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from station.cli.asking import complete_host
from station.cli.console import say
from station.cli.session import Session, pass_session
from station.errors import ManifestError, Refused, StationError

if TYPE_CHECKING:
    from station.hosts.remote.ssh import Place

GO_BY_MANIFEST = ("plan", "apply", "drift", "deploy", "remove")  # what they do follows from the host's manifest


def place_of(session: Session, name: str, *, address: str = "", user: str = "") -> "Place":
    """How ssh finds the host. `name` may be USER@NAME; where there is no manifest, NAME is one that ssh knows."""
    from station.hosts.remote.ssh import Place  # noqa: PLC0415

    asked, _, host = name.rpartition("@")
    if host.startswith("-") or address.startswith("-") or asked.startswith("-") or user.startswith("-"):
        raise click.UsageError("A host's name does not begin with -.")
    found = address or _address(session, host)
    return Place(host, found, user or asked)


def run_on(session: Session, name: str, words: Sequence[str]) -> int:
    """Run `station WORDS…` on the host as root, and return its exit code."""
    from station.hosts.remote.afar import run_there  # noqa: PLC0415

    place = place_of(session, name)
    tty = sys.stdin.isatty() and sys.stdout.isatty() and "--json" not in words
    expected = local_tree(session) if words and words[0] in GO_BY_MANIFEST else ""
    return run_there(place, words, os.environ, tty=tty, expected=expected)


@click.command()
@click.argument("names", metavar="[HOST]...", nargs=-1, shell_complete=complete_host)
@pass_session
@click.pass_context
def push(ctx: click.Context, session: Session, names: tuple[str, ...]) -> None:
    """Bring the manifests to the hosts.

    That is fleet.toml and what it names, checked here first and there again. Without HOST to all machines of the
    fleet. Nothing else changes there before `station --host HOST apply`. The five newest trees are kept on a host,
    in /etc/station/manifests.
    """
    from station.hosts.remote.push import push as bring  # noqa: PLC0415
    from station.hosts.remote.ssh import connected  # noqa: PLC0415
    from station.hosts.remote.tree import manifest_tree  # noqa: PLC0415

    tree = manifest_tree(session.fleet_path)
    wanted = names or tuple(host.name for host in session.fleet.hosts.values() if host.address)
    failed = []
    for name in wanted:
        place = place_of(session, name)
        try:
            with connected(place) as ssh:
                changed = bring(ssh, tree)
        except StationError as why:
            if len(wanted) == 1:
                raise
            say(f"{place.name}: {why.message}")
            failed.append(place.name)
            continue
        click.echo(f"{place.name} has the manifest {tree.id}{'' if changed else ' already'}")
    if failed:
        raise StationError(f"The manifest was not brought to {', '.join(failed)}", "Run it again when they are there")
    ctx.exit(0)


def _address(session: Session, name: str) -> str:
    try:
        session.fleet_path  # noqa: B018 - it raises when there is no manifest anywhere
    except ManifestError:
        return name
    host = session.host(name)
    if not host.address:
        raise Refused(
            f"{name} is the folder {host.folder}, not a machine",
            "Its commands run here, without --host",
        )
    return host.address


def local_tree(session: Session) -> str:
    """The id of the manifests that lie here; "" when there are none, or they are wrong."""
    from station.hosts.remote.tree import manifest_tree  # noqa: PLC0415

    try:
        return manifest_tree(session.fleet_path).id
    except StationError:
        return ""
