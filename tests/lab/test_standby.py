"""Two machines with one store: the standby keeps still and mirrors, and the primary does without the line."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from lab.host import Host
from lab.laboratory import Lab

HEALTH = ("curl", "-fsS", "http://127.0.0.1:8080/health")
KEY = "/etc/station/ssh/id_ed25519"
KNOWN = "/etc/station/ssh/known_hosts"
HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def pair(
    two_hosts: Lab, wheels: str, tmp_path_factory: pytest.TempPathFactory, bring: Callable[[Host, str, Path], None]
) -> Lab:
    """The stand-in on both; its store is a folder of pi2 that both reach over SSH."""
    primary, standby = two_hosts.hosts
    standby.run("useradd", "--create-home", "store")
    primary.run("mkdir", "-p", Path(KEY).parent)
    primary.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", KEY)
    standby.write("/home/store/.ssh/authorized_keys", primary.read(f"{KEY}.pub"), mode=0o600, owner="store:store")
    host_key = standby.read("/etc/ssh/ssh_host_ed25519_key.pub").split()[:2]
    folder = tmp_path_factory.mktemp("fleet")
    shutil.copy(HERE / "standin" / "app.toml", folder)
    sftp = f'kind = "sftp"\nserver = "{standby.address}"\nuser = "store"\npath = "/home/store/points"\n'
    sftp += f'private_key = "{KEY}"\nknown_hosts = "{KNOWN}"'
    fleet = (HERE / "standin" / "fleet.toml").read_text().replace('kind = "directory"\npath = "/srv/store"', sftp)
    (folder / "fleet.toml").write_text(fleet)
    for host in two_hosts.hosts:
        host.write(KEY, primary.read(KEY), mode=0o600)
        host.write(KNOWN, f"{standby.address} {' '.join(host_key)}\n")
        bring(host, wheels, folder / "fleet.toml")
    primary.until(*HEALTH, within_s=90)
    return two_hosts


def mirrors(host: Host) -> None:
    """The standby has a copy, and it is proved."""
    host.until("systemctl", "is-active", "standin-mirror", within_s=60)
    proved = (
        "import json; s = json.load(open('/run/station/status.json')); d = s['apps']['standin']['databases']['main']"
    )
    host.until("python3", "-c", f"{proved}; raise SystemExit(not (d['point'] and d['proved_at']))", within_s=60)


def test_a_standby_mirrors_and_its_guard_keeps_the_app_still(pair: Lab) -> None:
    standby = pair.host("pi2")
    mirrors(standby)
    standby.run("systemctl", "start", "standin-server", "standin-worker")  # skipped, which is no failure
    shown = standby.show("standin-server", "ActiveState", "Result")
    assert shown == {"ActiveState": "inactive", "Result": "exec-condition"}
    assert "pi-ctv is primary, in epoch 1" in standby.journal("standin-server")
    assert standby.run("ls", "/var/lib/standin").stdout == ""


def test_a_standby_that_starts_again_is_still_a_standby(pair: Lab) -> None:
    standby = pair.host("pi2")
    assert standby.reboot() == []
    mirrors(standby)
    assert standby.show("standin-server", "ActiveState") == {"ActiveState": "inactive"}


def test_a_primary_without_a_line_brings_back_what_dies(pair: Lab) -> None:
    primary = pair.host("pi-ctv")
    primary.until(*HEALTH, within_s=60)
    pair.cut(primary)
    try:
        before = primary.show("standin-server", "MainPID")["MainPID"]
        primary.run("kill", "-9", before)
        asked = f"p=$(systemctl show -P MainPID standin-server); test $p -gt 0 -a $p != {before}"
        primary.until("sh", "-c", asked, within_s=30)
        primary.until(*HEALTH)
    finally:
        pair.heal()


def test_a_primary_that_starts_without_a_line_serves(pair: Lab) -> None:
    primary = pair.host("pi-ctv")
    pair.cut(primary)
    try:
        primary.reboot()
        primary.until(*HEALTH, within_s=90)
        assert "was primary last" in primary.journal("standin-server", this_boot=True)
    finally:
        pair.heal()
    primary.until("systemctl", "is-active", "standin-points", within_s=90)
