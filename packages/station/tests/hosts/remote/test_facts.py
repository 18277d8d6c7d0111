"""Why a machine cannot become a host, from what it says of itself."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from station.errors import Refused
from station.hosts.remote import facts

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PI = {
    "uid": "0",
    "user": "root",
    "sudo": "",
    "system": "debian ",
    "title": "Debian GNU/Linux 12 (bookworm)",
    "arch": "arm64",
    "systemd": "yes",
    "python": "3.11",
    "now": str(int(NOW.timestamp()) + 5),
    "free_opt_kib": "9000000",
    "free_var_kib": "9000000",
    "one_disk": "yes",
    "missing": "",
    "name": "",
    "station": "",
    "bundle": "",
}
MB_KIB = 1_000_000 / 1024


def test_a_pi_with_debian_will_do() -> None:
    found = facts.read(PI, NOW)
    facts.check(found, "pi-ctv", NOW)
    assert found.target.title == "aarch64 with Python 3.11"
    assert found.sudo == []


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"system": "ubuntu ubuntu-core", "title": "Something else"}, "it runs Something else"),
        ({"arch": "armhf"}, "its system is armhf"),
        ({"systemd": ""}, "not started by systemd"),
        ({"python": ""}, "it has no /usr/bin/python3: sudo apt install python3"),
        ({"python": "3.9"}, "its python3 is 3.9, and must be 3.11 or 3.13"),
        ({"missing": "tar flock "}, "sudo apt install tar flock"),
        ({"uid": "1000", "user": "daseme"}, "daseme is not root, and sudo asks for a password"),
        ({"now": str(int(NOW.timestamp()) - 86400)}, "its clock is 86400 s behind ours"),
        ({"name": "pi2"}, "it is the host pi2 already"),
    ],
)
def test_what_is_wrong_with_a_machine_is_named(said: dict[str, str], reason: str) -> None:
    with pytest.raises(Refused) as refused:
        facts.check(facts.read(PI | said, NOW), "pi-ctv", NOW)
    assert reason in refused.value.message


def test_all_that_is_wrong_is_named_at_once() -> None:
    with pytest.raises(Refused) as refused:
        facts.check(facts.read(PI | {"arch": "armhf", "python": ""}, NOW), "pi-ctv", NOW)
    assert len(refused.value.message.splitlines()) == 3


@pytest.mark.parametrize(("free_mb", "enough"), [(500, False), (600, True)])
def test_a_disk_that_would_be_full_is_refused_before_anything_is_sent(free_mb: int, enough: bool) -> None:
    found = facts.read(PI | {"free_opt_kib": str(int(free_mb * MB_KIB))}, NOW)
    if enough:
        facts.check_room(found, "pi-ctv", 80_000_000)
        return
    with pytest.raises(Refused, match="500 MB are free in /opt, and 580 MB are needed"):
        facts.check_room(found, "pi-ctv", 80_000_000)


def test_two_disks_are_looked_at_each_for_itself() -> None:
    found = facts.read(PI | {"one_disk": "", "free_var_kib": "1000"}, NOW)
    with pytest.raises(Refused, match="are free in /var/lib"):
        facts.check_room(found, "pi-ctv", 80_000_000)


def test_every_machine_can_answer_what_is_asked() -> None:
    script = Path(facts.__file__).with_name("probe.sh").read_text()
    told = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout
    found = facts.read(dict(line.partition("=")[::2] for line in told.splitlines()), datetime.now(UTC))
    assert abs(found.ahead_s) < 60
    assert found.free_opt_bytes > 0
