"""Who stands in the way of an apply: named with the way out, before anything is changed."""

from pathlib import Path

import pytest

from station.errors import PortTaken, StationError
from station.fleet import Fleet
from station.hosts.machine.conflicts import Wanted, ports_of, require_accounts, require_folders, require_ports
from station.hosts.ports import Owner
from station.hosts.rendering.files import Account, File, Folder, HostFiles
from station.hosts.rendering.found import FoundFile

OURS = HostFiles(files={"/etc/systemd/system/notes-web.service": File("")}, retire=("old.service",))
WEB = [Wanted(8100, "notes/web")]


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    """Processes by number, each in the control group of a unit."""
    for number, group in {
        7: "/system.slice/notes-web.service",
        8: "/system.slice/flaskapp.service",
        9: "/system.slice/old.service",
        10: "/user.slice/user-1000.slice/user@1000.service/app.slice/mine.service",
    }.items():
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "cgroup").write_text(f"0::{group}\n")
    return tmp_path


def taken(proc: Path, who: Owner | None, wanted: list[Wanted] = WEB, *, is_open: bool = False) -> None:
    require_ports(wanted, OURS, (), owner=lambda _: who, socket_is_open=lambda _: is_open, proc=proc)


@pytest.mark.parametrize("who", [None, Owner("nota", 7, "python3"), Owner("x", 9, "python3")])
def test_a_port_is_free_for_us_when_nobody_has_it_or_we_or_who_is_retired(proc: Path, who: Owner | None) -> None:
    taken(proc, who)


def test_a_stranger_on_a_port_is_named_with_the_way_out(proc: Path) -> None:
    with pytest.raises(PortTaken) as why:
        taken(proc, Owner("www", 8, "gunicorn"))
    assert why.value.message == "Port 8100 of notes/web is taken: by gunicorn (pid 8, user www), of flaskapp.service"
    assert 'retire = ["flaskapp.service"]' in why.value.hint


def test_a_users_own_unit_is_named_as_such(proc: Path) -> None:
    with pytest.raises(PortTaken, match=r"of mine\.service"):
        taken(proc, Owner("ann", 10, "python3"))


def test_a_developer_may_have_the_port_of_the_own_instance(proc: Path) -> None:
    taken(proc, Owner("ann", 10, "python3"), [Wanted(5100, "the instance of ann", user="ann")])


def test_systemd_may_have_the_port_when_it_is_our_socket_alone(proc: Path) -> None:
    init = Owner("root", 1, "systemd")
    socket = [Wanted(8100, "notes/web", socket="notes-web.socket")]
    taken(proc, init, socket, is_open=True)
    for wanted, is_open in ((socket, False), (WEB, True)):
        with pytest.raises(PortTaken, match="systemd itself, for a socket unit"):
            taken(proc, init, wanted, is_open=is_open)


def test_every_port_that_the_manifest_gives_is_asked_for(office: Fleet) -> None:
    by_host = {
        name: {one.number for one in ports_of(office, host)} for name, host in office.hosts.items() if host.address
    }
    assert by_host == {"pi-ctv": {8000, 5100}, "pi2": {8000, 8001, 5001}, "pi-vision": {8080}}


def test_an_app_in_the_home_of_somebody_who_is_not_there_is_refused() -> None:
    made = Account("ann", "A developer", "/home/ann", person=True)
    files = HostFiles(accounts=(Account("djg", "PiVision", "/home/djg", person=True, required=True), made))
    with pytest.raises(StationError, match=r"djg \(of PiVision\)") as why:
        require_accounts(files, {})
    assert "adduser djg" in why.value.hint
    assert "ann" not in why.value.message
    require_accounts(files, {"djg": object()})


def test_a_link_in_place_of_a_folder_is_nobodys_to_move() -> None:
    files = HostFiles(folders={"/var/lib/notes": Folder(0o750)})
    require_folders(files, {"/var/lib/notes": FoundFile(None, 0o755, "root", "root", "folder")})
    require_folders(files, {})
    with pytest.raises(StationError, match="/var/lib/notes is a link"):
        require_folders(files, {"/var/lib/notes": FoundFile(None, 0o777, "root", "root", "link")})
