"""BookedBiz on a machine, from a blank one on: deployed from this repository, restarted under load, and rebooted."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from lab.host import Host
from lab.installed import install_platform

ROOT = Path(__file__).parents[2]
FLEET = """
name = "lab"
[control]
host = "pi2"
port = 5001
[hosts.pi-ctv]
address = "pi-ctv"
[hosts.pi2]
address = "pi2"
[stores.disk]
kind = "directory"
path = "/srv/store"
[apps.bookedbiz]
manifest = "bookedbiz.toml"
primary = "pi-ctv"
standby = ["pi2"]
stores = ["disk"]
[apps.bookedbiz.source]
git = "/srv/git/station"
folder = "apps/bookedbiz"
lock = "requirements/lock.txt"
"""
SERVICE, SOCKET = "bookedbiz-web.service", "bookedbiz-web.socket"
RESTARTS = 3
AS = "export GIT_AUTHOR_NAME=ada GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=ada GIT_COMMITTER_EMAIL=a@b"


@pytest.fixture(scope="module")
def served(host: Host, wheels: str, tmp_path_factory: pytest.TempPathFactory) -> Host:
    """A blank host after `station apply` and `station deploy`."""
    folder = tmp_path_factory.mktemp("fleet")
    (folder / "fleet.toml").write_text(FLEET)
    shutil.copy(ROOT / "apps/bookedbiz/app.toml", folder / "bookedbiz.toml")
    install_platform(host, wheels, folder / "fleet.toml")
    host.run("mkdir", "-p", "/srv/store")
    host.put(repository(tmp_path_factory.mktemp("repository")), "/srv/git/station")
    host.put(Path(__file__).with_name("clients.py"), "/root")
    host.run("station", "apply", "--yes")
    deploy = ["env", "UV_OFFLINE=1", f"UV_FIND_LINKS={wheels}", "station", "deploy", "bookedbiz", "--yes"]
    host.run(*deploy, timeout_s=240)
    return host


def repository(folder: Path) -> Path:
    """What this repository has in its newest commit, as a repository of one commit."""
    tree, bare = folder / "tree", folder / "bare"
    tree.mkdir()
    packed = subprocess.run(["git", "-C", ROOT, "archive", "HEAD"], check=True, capture_output=True).stdout
    subprocess.run(["tar", "-x", "-C", tree], input=packed, check=True)
    script = f"{AS}; git init -q -b main; git add -A; git commit -qm All; git clone -q --bare . {bare}"
    subprocess.run(["sh", "-c", script], cwd=tree, check=True)
    return bare


@contextmanager
def asked_meanwhile(host: Host, *words: object) -> Iterator[dict[str, Any]]:
    """Clients that ask while the block runs; what became of it is there when it has ended."""
    host.run("rm", "-f", "/run/stop")
    command = host.entering("python3", "/root/clients.py", *words, "/run/stop")
    told: dict[str, Any] = {}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as clients:
        try:
            yield told
        finally:
            host.run("touch", "/run/stop")
            said = clients.communicate(timeout=120)[0]
    told.update(json.loads(said))


def status_of(host: Host) -> str:
    return host.run("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "http://127.0.0.1:8000/").stdout


def test_it_serves_as_its_own_user_on_a_socket_of_systemds(served: Host) -> None:
    assert status_of(served) == "302"
    unit = served.show(SERVICE, "MainPID", "Type", "NRestarts")
    assert (unit["Type"], unit["NRestarts"]) == ("notify", "0")
    assert served.run("ps", "-o", "user=", "-p", unit["MainPID"]).stdout.strip() == "bookedbiz"
    holders = served.run("ss", "-Hltnp", "sport = :8000").stdout
    assert '"systemd",pid=1,' in holders
    assert f"pid={unit['MainPID']}," in holders


def test_restarts_under_load_fail_no_request(served: Host) -> None:
    pids = set()
    served.run("systemctl", "reset-failed", SERVICE)  # five starts in five minutes are the limit
    with asked_meanwhile(served, 8000, 50, "/health", 200) as told:
        for _ in range(RESTARTS):
            pids.add(served.show(SERVICE, "MainPID")["MainPID"])
            served.run("sleep", "0.5")
            served.run("systemctl", "restart", SERVICE)
    assert told["failed"] == []
    assert told["asked"] > 50
    assert len(pids) == RESTARTS


def test_a_request_waits_while_it_is_stopped(served: Host) -> None:
    served.run("systemctl", "stop", "station-agent", SERVICE)  # the agent would start it again
    assert served.show(SOCKET, "ActiveState")["ActiveState"] == "active"
    asking = subprocess.Popen(
        served.entering("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "http://127.0.0.1:8000/"),
        stdout=subprocess.PIPE,
        text=True,
    )
    with asking:
        served.until("sh", "-c", "ss -Htn state established '( dport = :8000 )' | grep -q .")
        assert served.show(SERVICE, "ActiveState")["ActiveState"] == "inactive"
        served.run("systemctl", "start", SERVICE, "station-agent")
        assert asking.communicate(timeout=60)[0] == "302"


def test_it_serves_again_by_itself_after_a_reboot(served: Host) -> None:
    assert served.reboot() == []
    served.until(
        "sh", "-c", "curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:8000/ | grep -qx 302", within_s=60
    )
    served.until("systemctl", "is-active", SERVICE)


def test_its_unit_is_closely_shut_in(served: Host) -> None:
    told = served.run("systemd-analyze", "security", "--no-pager", SERVICE).stdout
    score = float(told.rpartition("exposure level for")[2].split(":")[1].split()[0])
    assert score <= 2.0
