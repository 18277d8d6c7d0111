"""From a blank machine to BookedBiz in place of an app of former days: one command, and no network there."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lab.cache import cache_folder
from lab.host import Host
from lab.laboratory import WHEELS

ROOT = Path(__file__).parents[2]
STATION = Path(sys.executable).with_name("station")
AS = "export GIT_AUTHOR_NAME=ada GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=ada GIT_COMMITTER_EMAIL=a@b"
FLEET = """
name = "lab"
[control]
host = "pi-ctv"
port = 5001
[hosts.pi-ctv]
address = "{address}"
retire = ["flaskapp.service"]
[stores.disk]
kind = "directory"
path = "/srv/store"
[apps.bookedbiz]
manifest = "bookedbiz.toml"
primary = "pi-ctv"
stores = ["disk"]
bind = "0.0.0.0"
[apps.bookedbiz.source]
git = "repository"
folder = "apps/bookedbiz"
lock = "requirements/lock.txt"
"""
LEGACY = """
[Service]
ExecStart=/usr/bin/python3 -m http.server 8000
Restart=always
[Install]
WantedBy=multi-user.target
"""


@pytest.fixture(scope="module")
def desk(host: Host, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of somebody who may sign in: the fleet's manifest, the app's, its repository, a key."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "fleet.toml").write_text(FLEET.format(address=host.address))
    shutil.copy(ROOT / "apps/bookedbiz/app.toml", folder / "bookedbiz.toml")
    packed = subprocess.run(["git", "-C", ROOT, "archive", "HEAD"], check=True, capture_output=True).stdout
    (folder / "repository").mkdir()
    subprocess.run(["tar", "-x", "-C", folder / "repository"], input=packed, check=True)
    commit = f"{AS}; git init -q -b main; git add -A; git commit -qm All"
    subprocess.run(["sh", "-c", commit], cwd=folder / "repository", check=True)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / "key"], check=True)
    host.run("install", "-d", "-m", "700", "/root/.ssh")
    host.write("/root/.ssh/authorized_keys", (folder / "key.pub").read_text(), mode=0o600)
    shown = host.read("/etc/ssh/ssh_host_ed25519_key.pub").split()
    (folder / "known_hosts").write_text(f"{host.address} {shown[0]} {shown[1]}\n")
    (folder / "ssh_config").write_text(
        f"Host *\n    User root\n    IdentityFile {folder}/key\n    IdentitiesOnly yes\n    BatchMode yes\n"
        f"    UserKnownHostsFile {folder}/known_hosts\n    GlobalKnownHostsFile none\n"
    )
    return folder


@pytest.fixture(scope="module")
def served(host: Host, desk: Path, wheels: str) -> Host:
    """A machine on whose port an app of former days listened, after `station bootstrap pi-ctv --deploy`."""
    host.write("/etc/systemd/system/flaskapp.service", LEGACY)
    host.run("systemctl", "enable", "--now", "flaskapp.service")
    host.until("curl", "-fsS", "-o", "/dev/null", "http://127.0.0.1:8000/")
    folder = cache_folder(os.environ) / "wheels" / Path(wheels).relative_to(WHEELS)
    words = ["bootstrap", "pi-ctv", "--wheels", folder, "--deploy", "--yes"]
    ended = subprocess.run(
        [STATION, "--fleet", desk / "fleet.toml", *words],
        env={**os.environ, "STATION_SSH": f"ssh -F {desk}/ssh_config", "TMPDIR": str(desk)},
        text=True,
        input="",
        capture_output=True,
        check=False,
        timeout=400,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "pi-ctv serves" in ended.stdout
    return host


def answer(host: Host) -> str:
    """The status of the first page."""
    return host.run("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "http://127.0.0.1:8000/").stdout


def test_one_command_makes_a_blank_machine_serve_after_a_reboot_and_a_power_cut_too(served: Host) -> None:
    """One test: each process that runs a part of it would bootstrap a host of its own."""
    assert answer(served) == "302"
    pid = served.show("bookedbiz-web.service", "MainPID")["MainPID"]
    assert served.run("ps", "-o", "user=", "-p", pid).stdout.strip() == "bookedbiz"
    assert f"pid={pid}," in served.run("ss", "-Hltnp", "sport = :8000").stdout
    assert served.run("systemctl", "start", "flaskapp.service", check=False).returncode != 0
    assert served.reboot() == []
    until_it_answers(served)
    served.until("systemctl", "is-active", "station-agent.service")
    served.run("sync")
    served.pull_plug()
    assert served.boot() == []
    until_it_answers(served)
    assert served.run("station", "plan").stdout.startswith("pi-ctv has all that it should have")
    assert served.run("station", "drift").returncode == 0


def until_it_answers(host: Host) -> None:
    asked = "curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:8000/ | grep -qx 302"
    host.until("sh", "-c", asked, within_s=60)
    host.until("systemctl", "is-active", "bookedbiz-web.service")
