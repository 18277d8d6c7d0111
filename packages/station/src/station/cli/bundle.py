"""`station bundle`: everything that a host needs, in one file, to install it without a network."""

import shutil
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from station.cli.console import json_option, say, show
from station.cli.session import Session, pass_session
from station.clock import utc_now
from station.errors import StationError
from station.watch.wording import size

if TYPE_CHECKING:
    from station.hosts.remote.bundle import About
    from station.hosts.remote.bundling import Recipe

wheels_option = click.option(
    "--wheels",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Take all wheels from this folder, and ask no package index.",
)


@click.command()
@click.option("--to", "target", type=click.Path(path_type=Path), help="A .tar file, or a folder that is not there yet.")
@click.option(
    "--for",
    "arch",
    type=click.Choice(["this", "aarch64", "x86_64"]),
    default="aarch64",
    show_default=True,
    help="The hosts' processor; a Raspberry Pi with a 64-bit system is aarch64.",
)
@click.option(
    "--python",
    type=click.Choice(["3.11", "3.13"]),
    default="3.11",
    show_default=True,
    help="The hosts' Python: 3.11 of Debian 12, 3.13 of Debian 13.",
)
@click.option("--platform-only", is_flag=True, help="Leave out the apps' code and wheels.")
@wheels_option
@json_option
@pass_session
def bundle(  # noqa: PLR0913, PLR0917 - one for each option
    session: Session,
    target: Path | None,
    arch: str,
    python: str,
    platform_only: bool,
    wheels: Path | None,
    as_json: bool,
) -> None:
    """Pack all that hosts need, to install them without a network.

    Wheels, manifests, and the code of the apps whose manifest says in [source] where it is.
    `station bootstrap --bundle FILE` brings it to a host; on a host itself, unpacked, `sudo ./install HOST` does. Every
    wheel is checked against its hash. Secrets are never in it.
    """
    from station.hosts.remote.target import target_of  # noqa: PLC0415

    kind = target_of(arch, python)
    place = target or Path(f"station-{session.fleet.name}-{kind.arch}-py{kind.python}.tar")
    made_in = _check_place(place)
    with TemporaryDirectory(dir=made_in, prefix=".station-bundle-") as scratch:
        folder = Path(scratch, "bundle")
        machines = [host.name for host in session.fleet.hosts.values() if host.address]
        recipe = recipe_for(session, arch, python, wheels, hosts=machines)
        if platform_only:
            recipe = replace(recipe, apps=(), platform_only=True)
        about, written = _write(recipe, folder, place)
    result = {"bundle": str(place), "bytes": written, **_told(about)}
    show(result, lambda _: f"{place} is whole: {size(written)}, {_summary(about)}", as_json)


def recipe_for(
    session: Session, arch: str, python: str, wheels: Path | None, *, hosts: list[str], online: bool = False
) -> "Recipe":
    """What a bundle of this fleet is made of, for such machines, with the apps of these hosts."""
    from station.hosts.remote import bundling, own, target  # noqa: PLC0415
    from station.hosts.remote.tree import manifest_tree  # noqa: PLC0415
    from station.hosts.remote.wheels import find_tools  # noqa: PLC0415

    fleet, root = session.fleet, own.checkout()
    if root is not None and own.has_changes(root):
        say(f"warning: {root} holds changes that are not committed; the bundle is made with them")
    return bundling.Recipe(
        fleet=fleet,
        tree=manifest_tree(session.fleet_path),
        target=target.target_of(arch, python),
        tools=find_tools(root, wheels),
        root=root,
        apps=bundling.with_source(fleet, hosts),
        online=online,
    )


def _check_place(place: Path) -> Path:
    """The folder in which the bundle is to be. StationError when it cannot be there."""
    parent = place.absolute().parent
    if not parent.is_dir():
        raise StationError(f"There is no folder {parent}", f"mkdir -p {parent}")
    if place.is_dir():
        raise StationError(f"{place} is there already", "Name another folder, or a .tar file, with --to")
    return parent


def _write(recipe: "Recipe", folder: Path, place: Path) -> "tuple[About, int]":
    from station.hosts.remote.bundle import pack  # noqa: PLC0415
    from station.hosts.remote.bundling import make  # noqa: PLC0415

    made = make(recipe, folder, utc_now(), say)
    if place.suffix == ".tar":
        pack(folder, place)
        return made.about, place.stat().st_size
    written = made.total_bytes
    shutil.move(folder, place)
    return made.about, written


def _told(about: "About") -> dict[str, object]:
    return {
        "id": about.id,
        "station": about.station,
        "platform": about.platform,
        "python": about.python,
        "apps": list(about.apps),
    }


def _summary(about: "About") -> str:
    apps = f", with {', '.join(about.apps)}" if about.apps else ", without apps"
    return f"Control Station {about.station} for {about.target.title}{apps}"
