"""Whether a listener is what the manifest allows: conflicts first, then strangers, then ours, then the system's own."""

from pathlib import Path

import pytest

from station.cli.audit import _summary
from station.cli.shapes import SHAPES
from station.fleet import load_fleet
from station.hosts.listening.allowed import Standing, claims, conflicts, judge
from station.hosts.listening.listeners import Listener, Reach

RETIRE = '\n[hosts.pi1]\naddress = "pi1"\nretire = ["old.service"]\n'
WEB = Listener("tcp", "127.0.0.1", 8100, "notes", 7, "python", "notes-web.service")


def held(**other: object) -> Listener:
    return Listener(**{**WEB.__dict__, **other})


@pytest.fixture
def standing(machines):
    """How a listener stands on pi1."""
    fleet = machines()

    def asked(one: Listener, host: str = "pi1") -> str:
        (judged,) = judge([one], fleet, fleet.hosts[host])
        return judged.standing.value

    return asked


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (WEB, "ours"),
        (held(unit="notes-web-overlap.service"), "ours"),
        (held(owner="root", pid=1, unit="init.scope", socket_unit="notes-web.socket"), "ours"),
        (held(owner="root", socket_unit="notes-web.socket"), "ours"),
        (held(owner="root", socket_unit="other.socket"), "conflict"),
        (held(unit="odd.service"), "conflict"),
        (held(unit="notes-web.service", manager="ann"), "conflict"),
        (held(address="0.0.0.0"), "conflict"),  # the manifest says 127.0.0.1
        (held(pid=None, program="", unit=""), "unseen"),
        (held(pid=None, program="", unit="", owner="ann"), "conflict"),
        (held(protocol="udp"), "stranger"),
        (held(port=9999, unit="odd.service"), "stranger"),
        (held(port=9999, pid=None, unit=""), "unseen"),
        (held(port=22, unit="ssh.service"), "system"),
        (held(port=22, owner="root", pid=1, unit="init.scope", socket_unit="ssh.socket"), "system"),
        (held(port=22, unit="sshd@3.service"), "system"),
        (held(port=22, unit="ssh.service", manager="ann"), "stranger"),
        (held(port=5353, protocol="udp", unit="avahi-daemon.service"), "system"),
        (held(port=5001, owner="station", unit="station-page.service"), "stranger"),  # the page is on pi2
    ],
)
def test_who_may_listen_is_told_by_unit_port_and_address(standing, one: Listener, expected: str) -> None:
    assert standing(one) == expected


def test_the_page_is_ours_on_its_host_alone(standing) -> None:
    assert standing(held(port=5001, owner="station", unit="station-page.service"), "pi2") == "ours"


def test_a_process_of_datasettes_made_up_user_that_cannot_be_seen_is_no_stranger(machines) -> None:
    fleet = machines("\n[apps.notes.datasette]\nport = 8001\n")
    (judged,) = judge([held(port=8001, owner="61234", pid=None, unit="")], fleet, fleet.hosts["pi2"])
    assert judged.standing is Standing.UNSEEN


def test_a_standbys_port_is_kept_for_it(standing) -> None:
    assert standing(held(unit="odd.service"), "pi2") == "conflict"


def test_what_is_wrong_comes_first(machines) -> None:
    fleet = machines()
    ssh, odd = held(port=22, unit="ssh.service"), held(port=9999, unit="odd.service")
    judged = judge([ssh, WEB, odd, held(unit="odd.service")], fleet, fleet.hosts["pi1"])
    assert [each.standing for each in judged] == [
        Standing.CONFLICT,
        Standing.STRANGER,
        Standing.OURS,
        Standing.SYSTEM,
    ]


def test_a_holder_that_is_to_be_retired_ends_by_itself(machines, tmp_path) -> None:
    machines()
    (tmp_path / "fleet.toml").write_text(
        (tmp_path / "fleet.toml").read_text().replace('[hosts.pi1]\naddress = "pi1"', RETIRE.strip())
    )
    fleet = load_fleet(tmp_path / "fleet.toml")
    (one,) = conflicts([held(unit="old.service")], fleet, fleet.hosts["pi1"])
    assert one.ends and "which is to be retired" in one.why


@pytest.mark.parametrize(
    ("address", "reach"),
    [
        ("127.0.0.53", "loopback"),
        ("::1", "loopback"),
        ("0.0.0.0", "everybody"),
        ("::", "everybody"),
        ("10.0.0.3", "one address"),
    ],
)
def test_who_can_come_is_told_by_the_address(address: str, reach: str) -> None:
    assert held(address=address).reach is Reach(reach)


def test_a_place_is_written_as_a_person_writes_it() -> None:
    assert held(address="::1").place == "tcp [::1]:8100"


def test_what_json_shows_of_a_listener_has_the_keys_that_are_documented(machines) -> None:
    fleet = machines()
    shown = _summary(fleet.hosts["pi1"], judge([WEB], fleet, fleet.hosts["pi1"]), 0)
    assert shown.keys() == SHAPES["audit"].keys()
    assert shown["listeners"][0].keys() == SHAPES["audit"]["listeners"][0].keys()


@pytest.mark.parametrize(
    ("host", "ports"), [("pi-ctv", {8000, 5100}), ("pi2", {5001, 8000, 8001}), ("pi-vision", {8080})]
)
def test_a_hosts_ports_are_those_that_something_has_there_now_or_after_a_failover(host: str, ports: set[int]) -> None:
    office = load_fleet(Path(__file__).parents[5] / "fleets" / "office.toml")
    assert {claim.port for claim in claims(office, office.hosts[host])} == ports
