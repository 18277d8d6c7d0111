"""What the three machines of the office should have, word by word."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from station.fleet import Fleet, load_fleet
from station.hosts.rendering import HostFiles, render

GOLDEN = Path(__file__).parent / "golden"
OFFICE = Path(__file__).parents[5] / "fleets" / "office.toml"
HOSTS = ["pi-ctv", "pi2", "pi-vision"]


def told(files: HostFiles) -> Iterator[str]:
    """Everything on one page."""
    yield f"enable  {' '.join(files.enable)}"
    yield f"retire  {' '.join(files.retire)}"
    yield f"linger  {' '.join(files.linger)}"
    for user in files.accounts:
        yield f"user    {user.name}{' (a person)' if user.person else ''}: {user.about}, {user.home}"
    for group, members in files.groups.items():
        yield f"group   {group}{' (managed)' if group in files.managed else ''}: {' '.join(members)}".rstrip()
    for one in files.needed:
        yield f"secret  {one.path} {one.mode:04o} {one.owner}:{one.group}, {one.made}: {one.about}"
    for path, folder in files.folders.items():
        yield f"folder  {path} {folder.mode:04o} {folder.owner}:{folder.group} {folder.inherited}".rstrip()
    for path, file in files.files.items():
        yield f"\n=== {path} {file.mode:04o} {file.owner}:{file.group}{' secret' if file.secret else ''}"
        yield file.text.rstrip("\n")


@pytest.mark.parametrize("host", HOSTS)
def test_a_machine_of_the_office_has_what_the_golden_file_says(office: Fleet, host: str) -> None:
    text = "\n".join(told(render(office, office.hosts[host]))) + "\n"
    assert text == (GOLDEN / f"{host}.txt").read_text(encoding="utf-8")


def test_the_same_manifest_gives_the_same_files_in_the_same_order(office: Fleet) -> None:
    again = load_fleet(OFFICE)
    for host in HOSTS:
        one, other = (list(told(render(fleet, fleet.hosts[host]))) for fleet in (office, again))
        assert one == other
        assert list(render(office, office.hosts[host]).files) == sorted(render(office, office.hosts[host]).files)
