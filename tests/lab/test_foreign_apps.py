"""Apps that nobody here wrote, deployed as they are on PyPI, with nothing but an app.toml beside them."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.host import Host
from lab.installed import install_platform
from lab.pinned import pinned_wheels
from station.hosts.rendering.place import CREDENTIALS

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
APPS = {"explorer": 8101, "sqlite-web": 8102}
DATABASES = {"explorer": "/var/lib/explorer/public.db", "sqlite-web": "/var/lib/sqlite-web/office.db"}
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
"""
APP = """
[apps.{name}]
manifest = "{name}.toml"
primary = "pi-ctv"
standby = ["pi2"]
stores = ["disk"]
"""


@pytest.fixture(scope="module")
def their_wheels(lab_here: None, request: pytest.FixtureRequest) -> Iterator[str]:
    with pinned_wheels(request.config.rootpath, HERE / "foreign" / "requirements.txt") as folder:
        yield folder


@pytest.fixture(scope="module")
def served(host: Host, wheels: str, their_wheels: str, tmp_path_factory: pytest.TempPathFactory) -> Host:
    """A host on which each of them was deployed, and has a row in its database."""
    folder = tmp_path_factory.mktemp("fleet")
    (folder / "fleet.toml").write_text(FLEET + "".join(APP.format(name=name) for name in APPS))
    for name in APPS:
        shutil.copy(ROOT / "fleets" / "examples" / f"{name}.toml", folder)
    install_platform(host, wheels, folder / "fleet.toml")
    host.run("mkdir", "-p", "/srv/store")
    host.put(HERE / "clients.py", "/root")
    host.run("station", "apply", "--yes")
    for name in APPS:
        known = ["UV_OFFLINE=1", f"UV_FIND_LINKS={their_wheels}"]
        host.run("env", *known, "station", "deploy", name, "--yes", timeout_s=240)
        write = f"CREATE TABLE seen (x); INSERT INTO seen VALUES ('{name}')"
        host.run("sqlite3", "-cmd", ".timeout 10000", DATABASES[name], write, user=name)
    return host


@pytest.mark.parametrize("name", APPS)
def test_it_serves_shut_in_and_as_its_own_user(served: Host, name: str) -> None:
    unit = f"{name}-web.service"
    pid = served.show(unit, "MainPID")["MainPID"]
    assert served.run("ps", "-o", "user=", "-p", pid).stdout.strip() == name
    assert served.run("curl", "-sf", f"http://127.0.0.1:{APPS[name]}/").stdout != ""
    told = served.run("systemd-analyze", "security", "--no-pager", unit).stdout
    assert float(told.rpartition("exposure level for")[2].split(":")[1].split()[0]) <= 2.0


@pytest.mark.parametrize("name", APPS)
def test_what_is_written_is_in_a_restore_point(served: Host, name: str) -> None:
    served.until("station", "db", "point", name, within_s=150)  # its first one may just be on its way
    served.run("rm", "-rf", "/root/restored")
    served.run("station", "db", "restore", name, "--to", "/root/restored")
    assert served.run("sqlite3", "/root/restored", "SELECT x FROM seen").stdout.strip() == name


@pytest.mark.parametrize("name", APPS)
def test_it_shows_what_is_in_its_database(served: Host, name: str) -> None:
    path = "/public/seen.json?_shape=array" if name == "explorer" else "/seen/content/"
    assert name in served.run("curl", "-sf", f"http://127.0.0.1:{APPS[name]}{path}").stdout


def test_restarts_under_load_fail_no_request_where_it_has_a_socket(served: Host) -> None:
    served.run("rm", "-f", "/run/stop")
    served.run("systemctl", "reset-failed", "explorer-web.service")  # five starts in five minutes are the limit
    words = ["python3", "/root/clients.py", 8101, 50, "/public/seen.json?_shape=array", 200, "/run/stop"]
    with subprocess.Popen(served.entering(*words), stdout=subprocess.PIPE, text=True) as clients:
        for _ in range(2):
            served.run("sleep", "0.5")
            served.run("systemctl", "restart", "explorer-web.service")
        served.run("touch", "/run/stop")
        told = json.loads(clients.communicate(timeout=120)[0])
    assert told["failed"] == []
    assert told["asked"] > 30


def test_a_process_that_hangs_is_noticed_by_systemds_watchdog(served: Host) -> None:
    unit = "explorer-web.service"
    served.write(f"/run/systemd/system/{unit}.d/watchdog.conf", "[Service]\nWatchdogSec=3\n")
    served.run("systemctl", "daemon-reload")
    served.run("systemctl", "reset-failed", unit)
    served.run("systemctl", "restart", unit)
    pid = served.show(unit, "MainPID")["MainPID"]
    served.run("sleep", "4")
    assert served.show(unit, "MainPID", "NRestarts") == {"MainPID": pid, "NRestarts": "0"}  # it is fed
    served.run("kill", "-STOP", pid)
    served.until("sh", "-c", f"curl -sf -m 5 http://127.0.0.1:8101/ >/dev/null && ! test -d /proc/{pid}")
    assert "Watchdog timeout" in served.journal(unit)


def test_a_unit_finds_its_credentials_where_commands_are_told(served: Host) -> None:
    asked = ["--property=LoadCredential=x:/etc/hostname", "--property=User=nobody", "sh", "-c"]
    said = served.run(
        "systemd-run", "--quiet", "--wait", "--pipe", "--unit=probe", *asked, "echo $CREDENTIALS_DIRECTORY"
    )
    assert said.stdout.strip() == f"{CREDENTIALS}/probe.service"


def test_it_comes_back_after_a_kill(served: Host) -> None:
    pid = served.show("sqlite-web-web.service", "MainPID")["MainPID"]
    served.run("kill", "-9", pid)
    served.until("sh", "-c", f"! test -d /proc/{pid} && curl -sf http://127.0.0.1:8102/ >/dev/null")


def test_both_serve_again_after_a_reboot(served: Host) -> None:
    assert served.reboot() == []
    for port in APPS.values():
        served.until("curl", "-sf", f"http://127.0.0.1:{port}/", within_s=60)
