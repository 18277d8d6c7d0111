"""A blank machine becomes a host, over ssh from this one, with wheels alone; and what may go wrong on the way."""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from lab.cache import cache_folder
from lab.host import Host
from lab.laboratory import WHEELS

STATION = Path(sys.executable).with_name("station")
FLEET = """
name = "lab"
[control]
host = "pi-ctv"
port = 5001
[hosts.pi-ctv]
address = "{address}"
[hosts.pi2]
address = "pi2.invalid"
[stores.disk]
kind = "directory"
path = "/srv/store"
[apps.standin]
manifest = "../apps/standin/app.toml"
primary = "pi-ctv"
stores = ["disk"]
[apps.standin.source]
git = "../repository"
lock = "requirements.txt"
"""
OURS = {"station-agent.service", "station-page.service"}
GIT = ("-c", "user.name=Nobody", "-c", "user.email=nobody@example.org")
STANDIN = Path(__file__).parent / "standin"
WATCHED = ("/etc/station", "/opt/venvs/station", "/var/lib/station/bundles", "/usr/local/bin", "/etc/systemd/system")
SLOW = """
import socket, sys, threading, time
line = socket.create_connection((sys.argv[1], int(sys.argv[2])))
def come():
    while piece := line.recv(65536):
        sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
threading.Thread(target=come, daemon=True).start()
while piece := sys.stdin.buffer.read1(65536):
    line.sendall(piece)
    time.sleep(0.005)
"""

Cli = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def desk(host: Host, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of somebody who may sign in to pi-ctv: manifests, a key, ssh's settings."""
    folder = tmp_path_factory.mktemp("desk")
    for name in ("fleets", "tmp"):
        (folder / name).mkdir()
    (folder / "fleets" / "lab.toml").write_text(FLEET.format(address=host.address))
    (folder / "apps" / "standin").mkdir(parents=True)
    (folder / "apps" / "standin" / "app.toml").write_text((STANDIN / "app.toml").read_text())
    shutil.copytree(STANDIN / "bin", folder / "repository" / "bin")
    (folder / "repository" / "requirements.txt").touch()
    for words in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "First"]):
        subprocess.run(["git", *GIT, "-C", folder / "repository", *words], check=True)
    for name in ("key", "wrong-key"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
    for name in ("root", "daseme"):
        if name != "root":
            host.run("useradd", "--create-home", "--shell", "/bin/bash", name)
        home = "/root" if name == "root" else f"/home/{name}"
        host.run("install", "-d", "-m", "700", "-o", name, f"{home}/.ssh")
        host.write(f"{home}/.ssh/authorized_keys", (folder / "key.pub").read_text(), mode=0o600, owner=name)
    shown = host.read("/etc/ssh/ssh_host_ed25519_key.pub").split()
    (folder / "known_hosts").write_text(f"{host.address} {shown[0]} {shown[1]}\n")
    (folder / "nobody_known").write_text("")
    (folder / "ssh_config").write_text(
        f"Host *\n    IdentityFile {folder}/key\n    IdentitiesOnly yes\n    User root\n    BatchMode yes\n"
        f"    UserKnownHostsFile {folder}/known_hosts\n    GlobalKnownHostsFile none\n"
    )
    return folder


@pytest.fixture(scope="module")
def wheelhouse(wheels: str) -> Path:
    """The lab's wheels, as this machine sees them."""
    return cache_folder(os.environ) / "wheels" / Path(wheels).relative_to(WHEELS)


@pytest.fixture(scope="module")
def cli(desk: Path) -> Cli:
    """The command line of the one at the desk; `ssh` is more of ssh's own options."""

    def run(*words: object, ssh: str = "", check: bool = True) -> subprocess.CompletedProcess[str]:
        command = [str(STATION), "--fleet", str(desk / "fleets" / "lab.toml"), *map(str, words)]
        ended = subprocess.run(
            command, env=environment(desk, ssh), text=True, input="", capture_output=True, check=False, timeout=240
        )
        assert ended.returncode == 0 or not check, ended.stderr
        return ended

    return run


def environment(desk: Path, ssh: str = "") -> dict[str, str]:
    return {**os.environ, "STATION_SSH": f"ssh -F {desk}/ssh_config {ssh}", "TMPDIR": str(desk / "tmp")}


@pytest.fixture(scope="module")
def bundle(cli: Cli, desk: Path, wheelhouse: Path) -> Path:
    target = desk / "bundle.tar"
    cli("bundle", "--for=this", "--python=3.11", "--wheels", wheelhouse, "--to", target)
    return target


@pytest.fixture(scope="module")
def index(host: Host, wheelhouse: Path) -> Iterator[None]:
    """A package index on the test machine, which the host's settings name."""
    names = {path.name: re.sub("[-_.]+", "-", path.name.split("-")[0]).lower() for path in wheelhouse.glob("*.whl")}

    class Answers(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = self.path.strip("/").split("/")
            if asked[0] == "files":
                content = (wheelhouse / asked[1]).read_bytes()
            else:
                content = "".join(
                    f'<a href="/files/{wheel}">{wheel}</a>\n'
                    for wheel, name in names.items()
                    if name == asked[1] and not name.startswith("station")
                ).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/octet-stream" if asked[0] == "files" else "text/html")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer((host.address.rsplit(".", 1)[0] + ".254", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        host.write("/etc/uv/uv.toml", f'[pip]\nindex-url = "http://{server.server_name}:{server.server_port}/simple"\n')
        yield
        server.shutdown()


@pytest.fixture(scope="module")
def made_host(host: Host, cli: Cli, bundle: Path) -> Host:
    """pi-ctv, when it is a host of the fleet and serves its app."""
    cli("bootstrap", "pi-ctv", "--bundle", bundle, "--yes", "--deploy")
    return host


def test_a_key_that_nobody_compared_is_not_accepted(cli: Cli, desk: Path) -> None:
    refused = cli("push", "pi-ctv", ssh=f"-o UserKnownHostsFile={desk}/nobody_known", check=False)
    assert refused.returncode == 11
    assert "its key is not known here" in refused.stderr
    assert (desk / "nobody_known").read_text() == ""


def test_who_is_not_let_in_is_told_so(cli: Cli, desk: Path) -> None:
    config = (desk / "ssh_config").read_text().replace(f"{desk}/key", f"{desk}/wrong-key")
    (desk / "wrong_config").write_text(config)
    refused = cli("push", "pi-ctv", ssh=f"-F {desk}/wrong_config", check=False)
    assert refused.returncode == 11
    assert "nobody is let in" in refused.stderr
    assert "ssh-copy-id" in refused.stderr


def test_a_host_that_is_off_is_named(cli: Cli, host: Host, bundle: Path) -> None:
    nobody = host.address.rsplit(".", 1)[0] + ".99"
    refused = cli("bootstrap", "pi-ctv", "--address", nobody, "--bundle", bundle, check=False)
    assert refused.returncode == 11
    assert "pi-ctv was not reached" in refused.stderr


def test_a_bundle_with_an_older_manifest_than_the_one_here_is_refused(cli: Cli, desk: Path, bundle: Path) -> None:
    path = desk / "fleets" / "lab.toml"
    good = path.read_text()
    path.write_text(good + "# newer\n")
    refused = cli("bootstrap", "pi-ctv", "--bundle", bundle, check=False)
    path.write_text(good)
    assert refused.returncode == 20
    assert "changed since the bundle was made" in refused.stderr


def test_a_machine_that_does_not_do_is_left_alone(cli: Cli, host: Host, bundle: Path) -> None:
    host.run("fallocate", "-l", "3600M", "/var/full")
    host.write("/etc/station/host", "another\n")
    refused = cli("bootstrap", "pi-ctv", "--bundle", bundle, check=False)
    assert "it is the host another already" in refused.stderr
    host.run("rm", "/etc/station/host")
    refused = cli("bootstrap", "pi-ctv", "--bundle", bundle, check=False)
    host.run("rm", "/var/full")
    assert refused.returncode == 20
    assert "pi-ctv has not enough room" in refused.stderr
    assert host.run("ls", "/opt/venvs/station", "/var/lib/station", check=False).stdout == ""


def test_someone_who_may_not_sudo_is_told_what_to_do(cli: Cli, host: Host, bundle: Path) -> None:
    refused = cli("bootstrap", "pi-ctv", "--user", "daseme", "--bundle", bundle, check=False)
    assert refused.returncode == 20
    assert "daseme is not root, and sudo asks for a password" in refused.stderr


def test_a_host_without_the_platform_is_named(cli: Cli) -> None:
    refused = cli("--host", "pi-ctv", "status", check=False)
    assert refused.returncode == 11
    assert "station bootstrap pi-ctv" in refused.stderr


def test_what_arrived_before_a_cut_is_not_sent_again(cli: Cli, desk: Path, host: Host, bundle: Path) -> None:
    (desk / "slow.py").write_text(SLOW)
    slow = f"-o ProxyCommand='{sys.executable} {desk}/slow.py %h %p'"
    words = ["--fleet", str(desk / "fleets" / "lab.toml"), "bootstrap", "pi-ctv", "--bundle", str(bundle), "--no-apply"]
    with subprocess.Popen([STATION, *words], env=environment(desk, slow), stderr=subprocess.DEVNULL) as first:
        host.until("sh", "-c", "test $(ls /var/lib/station/bundles/.part-*/wheels | wc -l) -gt 10", within_s=60)
        first.kill()
    assert host.run("test", "-e", "/usr/local/bin/station", check=False).returncode != 0
    again = cli("bootstrap", "pi-ctv", "--bundle", bundle, "--no-apply")
    sent, _, total = re.findall(r"sending (\d+) (of) (\d+) files", again.stderr)[0]
    assert int(sent) <= int(total) - 10
    assert cli("--host", "pi-ctv", "check-manifest").returncode == 0


def test_a_blank_machine_is_a_host_after_it_and_after_a_reboot(made_host: Host) -> None:
    assert made_host.read("/etc/station/host") == "pi-ctv\n"
    made_host.run("sync")
    made_host.reboot()
    for unit in ("station-agent", "station-page", "standin-server", "standin-worker"):
        made_host.until("systemctl", "is-active", unit)
    made_host.until("curl", "--fail", "--silent", "http://127.0.0.1:8080/health")
    assert made_host.failed_units() == []


def test_done_again_it_changes_nothing(made_host: Host, cli: Cli, bundle: Path) -> None:
    before = made_host.run("find", *WATCHED, "!", "-type", "d", "-printf", "%p %i %T@\n").stdout
    again = cli("bootstrap", "pi-ctv", "--bundle", bundle, "--yes")
    assert "nothing changed" in again.stdout
    assert made_host.run("find", *WATCHED, "!", "-type", "d", "-printf", "%p %i %T@\n").stdout == before


def test_an_upgrade_that_is_killed_leaves_the_platform_before_and_can_be_undone(
    made_host: Host, cli: Cli, desk: Path, wheelhouse: Path, index: None
) -> None:
    was = made_host.run("readlink", "/opt/venvs/station/current").stdout.strip()
    made_host.until("systemctl", "is-active", "standin-server")
    served_since = made_host.show("standin-server", "InvocationID", "ActiveState")
    upgrade = ["bootstrap", "pi-ctv", "--online", "--wheels", str(wheelhouse), "--yes"]
    words = [STATION, "--fleet", str(desk / "fleets" / "lab.toml"), *upgrade]
    with subprocess.Popen(words, env=environment(desk), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as first:
        another = f"ls -d /opt/venvs/station/*/bin/python | grep -v -e /current/ -e /{was}/"
        made_host.until("sh", "-c", another, within_s=120)
        made_host.crash("sh .*/install pi-ctv")
        made_host.run("pkill", "-KILL", "-x", "uv", check=False)
        assert first.wait(60) != 0
    assert made_host.run("readlink", "/opt/venvs/station/current").stdout.strip() == was
    assert cli("--host", "pi-ctv", "check-manifest").returncode == 0
    again = cli(*upgrade)
    now = made_host.run("readlink", "/opt/venvs/station/current").stdout.strip()
    assert now != was
    for unit in OURS:
        assert unit in again.stdout.split("restarted ")[1]
    assert python_of_the_agent(made_host).startswith(f"/opt/venvs/station/{now}/")
    told = json.loads(cli("--host", "pi-ctv", "renew", "--to", was, "--json").stdout)
    assert told["station"] == was
    assert set(told["restarted"]) >= OURS
    assert python_of_the_agent(made_host).startswith(f"/opt/venvs/station/{was}/")
    assert made_host.show("standin-server", "InvocationID", "ActiveState") == served_since


def python_of_the_agent(host: Host) -> str:
    return host.run("sh", "-c", "tr '\\0' ' ' </proc/$(systemctl show -P MainPID station-agent)/cmdline").stdout


def test_words_input_and_exit_codes_pass_through(made_host: Host, cli: Cli) -> None:
    odd = "it's a $(name) with `spaces`; *"
    refused = cli("--host", "pi-ctv", "status", odd, "--json", check=False)
    assert refused.returncode == 2
    assert odd in json.loads(refused.stdout)["error"]
    planned = cli("--host", "pi-ctv", "plan", "--json")
    assert json.loads(planned.stdout)["changes"] == []
    assert "no terminal to ask on" in cli("--host", "pi-ctv", "remove", "standin", check=False).stderr


def test_a_person_with_sudo_can_do_all_of_it(made_host: Host, cli: Cli, bundle: Path) -> None:
    refused = cli("--host", "daseme@pi-ctv", "plan", check=False)
    assert refused.returncode == 1
    assert "sudo asks for a password" in refused.stderr
    made_host.write("/etc/sudoers.d/daseme", "daseme ALL=(ALL) NOPASSWD: ALL\n", mode=0o440)
    cli("bootstrap", "pi-ctv", "--user", "daseme", "--bundle", bundle, "--yes")
    assert json.loads(cli("--host", "daseme@pi-ctv", "plan", "--json").stdout)["changes"] == []
    assert "already" in cli("push", "daseme@pi-ctv").stdout


def test_a_manifest_is_brought_whole_or_not_at_all(made_host: Host, cli: Cli, desk: Path) -> None:
    path = desk / "fleets" / "lab.toml"
    good = path.read_text()
    try:
        path.write_text(good + "[hosts.pi3]\naddress = 'pi3'\n")
        assert "is not the one that lies here" in cli("--host", "pi-ctv", "plan", check=False).stderr
        former = made_host.run("readlink", "/etc/station/manifest").stdout.strip()
        cli("push", "pi-ctv")
        assert "pi3" in made_host.read("/etc/station/fleet.toml")
        assert "pi3" not in made_host.read(f"/etc/station/{former}/fleets/lab.toml")
        assert cli("--host", "pi-ctv", "plan", check=False).stderr == ""
        path.write_text(good + "nonsense = 1\n")
        assert cli("push", "pi-ctv", check=False).returncode == 10
        assert "pi3" in made_host.read("/etc/station/fleet.toml")
    finally:
        path.write_text(good)


def test_a_host_refuses_a_manifest_that_it_does_not_know(made_host: Host, cli: Cli, desk: Path) -> None:
    made_host.run("mv", "/usr/local/bin/station", "/usr/local/bin/station.kept")
    made_host.write("/usr/local/bin/station", "#!/bin/sh\nexit 10\n", mode=0o755)
    (desk / "apps" / "standin" / "app.toml").write_text((STANDIN / "app.toml").read_text() + "# newer\n")
    refused = cli("push", "pi-ctv", check=False)
    made_host.run("mv", "/usr/local/bin/station.kept", "/usr/local/bin/station")
    assert "does not read it" in refused.stderr
    assert "newer" not in made_host.read("/etc/station/manifest/apps/standin/app.toml")
