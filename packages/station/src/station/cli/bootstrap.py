"""`station bootstrap HOST`: a blank Debian becomes a host of the fleet, from here, over ssh."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from station.cli.asking import complete_host
from station.cli.bundle import recipe_for, wheels_option
from station.cli.console import say
from station.cli.plan_text import CHANGES
from station.cli.progress import progress
from station.cli.remote import local_tree, place_of
from station.cli.session import Session, pass_session
from station.clock import utc_now
from station.errors import Refused, StationError
from station.watch.wording import length, size

if TYPE_CHECKING:
    from station.hosts.remote.bootstrap import Installed
    from station.hosts.remote.bundle import Bundle
    from station.hosts.remote.facts import Facts
    from station.hosts.remote.ssh import Ssh


@click.command()
@click.argument("host_name", metavar="HOST", shell_complete=complete_host)
@click.option("--address", default="", help="Where it is now, when that is not the address in the manifest.")
@click.option("--user", default="", help="Whom to sign in as: root, or somebody who may sudo.  [default: as ssh does]")
@click.option(
    "--bundle",
    "bundle_path",
    type=click.Path(path_type=Path, exists=True),
    help="What `station bundle` made.  [default: one is made for this host]",
)
@click.option("--online", is_flag=True, help="Let the host fetch its wheels from the package index itself.")
@wheels_option
@click.option("--apply/--no-apply", "applies", default=True, help="Make the machine what its manifest says, too.")
@click.option("--deploy", "deploys", is_flag=True, help="Deploy the host's apps from the bundle, too.")
@click.option("--yes", is_flag=True, help="Apply and deploy without asking.")
@pass_session
@click.pass_context
def bootstrap(  # noqa: PLR0913, PLR0917 - one parameter per option
    ctx: click.Context,
    session: Session,
    host_name: str,
    address: str,
    user: str,
    bundle_path: Path | None,
    online: bool,
    wheels: Path | None,
    applies: bool,
    deploys: bool,
    yes: bool,
) -> None:
    """Make a blank machine a host, from here, over ssh.

    Debian 12 or 13, or Raspberry Pi OS, becomes a host of the fleet; a host becomes one with this Control Station.
    Goes over `ssh`, as root or as somebody who may sudo. It looks first whether the machine will do, brings the
    bundle, installs the platform and the manifests, shows the plan and applies it. What was done is found done: run
    it again after a cut, or to bring a newer Control Station. Apps are neither stopped nor restarted.
    """
    from station.hosts.remote.bootstrap import fleet_in, install, look  # noqa: PLC0415
    from station.hosts.remote.ssh import connected  # noqa: PLC0415

    if bundle_path and (online or wheels):
        raise click.UsageError("--bundle has its wheels; leave --online and --wheels out.")
    began_s = time.monotonic()
    place = place_of(session, host_name, address=address, user=user)
    with connected(place) as ssh:
        facts = look(ssh, utc_now())
        say(f"{place.name} is {facts.title}, {facts.target.title}")
        with _bundle(session, facts, place.name, bundle_path, wheels, online=online, apps=deploys) as bundle:
            with progress(f"sending to {place.name}") as course:
                done = install(ssh, facts, bundle, say, course.to)
            fleet = fleet_in(bundle, place.name)
            apps = [name for name in bundle.about.apps if place.name in fleet.apps[name].hosts]
        _tell(place.name, done, time.monotonic() - began_s)
        sure = ["--yes"] if yes else []
        left = _run(ssh, facts, ["apply", *sure], applies)
        _run(ssh, facts, ["renew"], bool(done.former))
        if deploys:
            _deploy(ssh, facts, apps, sure)
    ctx.exit(left)


@contextmanager
def _bundle(  # noqa: PLR0913 - what it is made of comes from many options
    session: Session,
    facts: "Facts",
    host: str,
    path: Path | None,
    wheels: Path | None,
    *,
    online: bool,
    apps: bool,
) -> "Iterator[Bundle]":
    """The bundle that is asked for; else one made for this host, while the block runs."""
    from station.hosts.remote.bundle import opened  # noqa: PLC0415
    from station.hosts.remote.bundling import make  # noqa: PLC0415

    if path is not None:
        with opened(path) as bundle:
            if local_tree(session) not in ("", bundle.about.manifest):  # it would take the host back to an older one
                raise Refused(
                    f"The manifest in {path} is not {session.fleet_path}: it was changed since the bundle was made",
                    "Make the bundle anew; or take the manifest in it: --fleet FOLDER/manifest/FILE of the bundle",
                )
            yield bundle
        return
    target = facts.target
    with TemporaryDirectory(prefix="station-bundle-") as scratch:
        hosts = [host] if apps else []
        recipe = recipe_for(session, target.arch, target.python, wheels, hosts=hosts, online=online)
        yield make(recipe, Path(scratch, "bundle"), utc_now(), say)


def _run(ssh: "Ssh", facts: "Facts", words: list[str], is_wanted: bool = True) -> int:
    """Run a command of ours there, shown here: 0, or 3 when a person has something left to do. Ends when it fails."""
    from station.hosts.remote.bootstrap import STATION  # noqa: PLC0415
    from station.hosts.remote.ssh import LOST  # noqa: PLC0415

    if not is_wanted:
        return 0
    tty = sys.stdin.isatty() and sys.stdout.isatty()
    code = ssh.show("env", "-C", "/", *facts.sudo, STATION, *words, tty=tty)
    if code == LOST:
        raise StationError(
            f"The connection to {ssh.place.name} broke during `station {' '.join(words)}`",
            "Run it again: what was done is found done",
        )
    if code not in (0, CHANGES):
        say(f"`station {' '.join(words)}` on {ssh.place.name} ended with {code}")
        raise click.exceptions.Exit(code)
    return code


def _deploy(ssh: "Ssh", facts: "Facts", apps: list[str], sure: list[str]) -> None:
    from station.hosts.remote.bootstrap import CURRENT  # noqa: PLC0415

    if not apps:
        raise StationError("The bundle has no app to deploy", "An app's manifest says in [source] where its code is")
    for app in apps:
        _run(ssh, facts, ["deploy", app, "--bundle", CURRENT, *sure])


def _tell(host: str, done: "Installed", took_s: float) -> None:
    if not done.changed:
        click.echo(f"{host} has Control Station {done.station} already; nothing changed, in {length(took_s)}")
        return
    instead = f" in place of {done.former}" if done.former not in ("", done.station) else ""
    sent = f", {size(done.sent_bytes)} sent" if done.sent_bytes else ""
    click.echo(f"{host} has Control Station {done.station}{instead}{sent}, in {length(took_s)}")
