"""Who stands in the way of an apply: named with the way out, before anything is changed."""

import pytest

from station.errors import PortTaken, StationError
from station.fleet import Fleet
from station.hosts.listening.allowed import conflicts
from station.hosts.listening.listeners import Listener
from station.hosts.machine.conflicts import require_accounts, require_data_at_home, require_folders, require_ports
from station.hosts.rendering.files import Account, File, Folder, HostFiles
from station.hosts.rendering.found import FoundFile

UNITS = ("ctv-bookedbiz-db.service", "ctv-bookedbiz-db.socket", "hello.service")
OURS = HostFiles(files={f"/etc/systemd/system/{name}": File("") for name in UNITS}, retire=("old.service",))
GUNICORN = Listener("tcp", "0.0.0.0", 8000, "www", 8, "gunicorn", "flaskapp.service")
SYSTEMD = {"owner": "root", "pid": 1, "program": "systemd", "unit": "init.scope"}


def require(office: Fleet, **other: object) -> None:
    one = Listener(**{**GUNICORN.__dict__, **other})
    require_ports(conflicts([one], office, office.hosts["pi-ctv"]), OURS, ())


@pytest.mark.parametrize(
    "who",
    [
        {"port": 9999},  # nothing of the manifest's
        {"unit": "ctv-bookedbiz-db.service"},
        {"unit": "hello.service"},  # ours on a port of another: restarted, it goes where it belongs
        {"unit": "old.service"},  # retired by this very apply
        SYSTEMD | {"socket_unit": "ctv-bookedbiz-db.socket"},
        {"port": 5100, "owner": "daseme", "unit": "session-3.scope"},  # served by hand, by whose port it is
    ],
)
def test_a_port_is_free_when_nobody_has_it_or_we_or_who_is_retired(office: Fleet, who: dict[str, object]) -> None:
    require(office, **who)


def test_a_stranger_on_a_port_is_named_with_the_way_out(office: Fleet) -> None:
    with pytest.raises(PortTaken) as why:
        require(office)
    assert why.value.message.endswith(" is taken: by gunicorn (pid 8, user www, flaskapp.service)")
    assert why.value.message.startswith("Port 8000 of ctv-bookedbiz-db/")
    assert 'retire = ["flaskapp.service"]' in why.value.hint


def test_a_users_own_unit_is_named_as_such_and_is_not_to_be_retired(office: Fleet) -> None:
    with pytest.raises(PortTaken, match=r"user ann, mine\.service of ann") as why:
        require(office, owner="ann", unit="mine.service", manager="ann")
    assert "retire" not in why.value.hint


def test_systemd_may_have_the_port_when_it_is_our_socket_alone(office: Fleet) -> None:
    with pytest.raises(PortTaken, match=r"user root, flask\.socket") as why:
        require(office, **SYSTEMD, socket_unit="flask.socket")
    assert 'retire = ["flask.socket"]' in why.value.hint
    with pytest.raises(PortTaken, match="user root"):
        require(office, **SYSTEMD)


def test_another_may_not_have_a_developers_port(office: Fleet) -> None:
    with pytest.raises(PortTaken, match="the instance of daseme"):
        require(office, port=5100)


def test_an_app_in_the_home_of_somebody_who_is_not_there_is_refused() -> None:
    made = Account("ann", "A developer", "/home/ann", person=True)
    files = HostFiles(accounts=(Account("djg", "PiVision", "/home/djg", person=True, required=True), made))
    with pytest.raises(StationError, match=r"djg \(of PiVision\)") as why:
        require_accounts(files, {})
    assert "adduser djg" in why.value.hint
    assert "ann" not in why.value.message
    require_accounts(files, {"djg": object()})


def test_a_data_folder_that_is_missing_in_a_home_is_for_its_person_to_make() -> None:
    data = "/home/djg/PiVision/data"
    files = HostFiles(accounts=(Account("djg", "PiVision", data, person=True, required=True), Account("x", "", "/no")))
    require_data_at_home(files, lambda path: path == data)
    with pytest.raises(StationError, match=f"{data} \\(of PiVision\\)") as why:
        require_data_at_home(files, lambda path: False)
    assert f"sudo -u djg mkdir -p {data}" in why.value.hint
    assert "/no" not in why.value.message


def test_a_link_in_place_of_a_folder_is_nobodys_to_move() -> None:
    files = HostFiles(folders={"/var/lib/notes": Folder(0o750)})
    require_folders(files, {"/var/lib/notes": FoundFile(None, 0o755, "root", "root", "folder")})
    require_folders(files, {})
    with pytest.raises(StationError, match="/var/lib/notes is a link"):
        require_folders(files, {"/var/lib/notes": FoundFile(None, 0o777, "root", "root", "link")})
