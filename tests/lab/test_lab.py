"""The lab itself: its hosts boot, see each other, survive what hosts survive, and leave nothing behind."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.claim import LOCKS, loops_of, sweep
from lab.errors import LabError
from lab.host import Host
from lab.laboratory import Lab

COUNTER = """[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'echo started >> /var/lib/counter; sync /var/lib/counter'
[Install]
WantedBy=multi-user.target
"""


@pytest.fixture
def pair(two_hosts: Lab) -> Iterator[tuple[Host, Host]]:
    """Both hosts, up and joined, whatever the test before did."""
    two_hosts.heal()
    for each in two_hosts.hosts:
        if not each.on:
            each.boot()
    yield two_hosts.host("pi-ctv"), two_hosts.host("pi2")
    two_hosts.heal()


def sees(host: Host, other: str) -> bool:
    return host.run("ping", "-c1", "-W1", other, check=False).returncode == 0


def comes_to_see(host: Host, other: str) -> None:
    """Fails unless the host sees the other one soon: the kernel asks for a neighbour's address once a second only."""
    host.until("ping", "-c1", "-W1", other)


def reaches(address: str) -> bool:
    """Whether the test machine gets through to the host's sshd."""
    try:
        with socket.create_connection((address, 22), timeout=1):
            return True
    except OSError:
        return False


def comes_to_reach(address: str) -> None:
    ends = time.monotonic() + 20
    while not reaches(address):
        assert time.monotonic() < ends, address
        time.sleep(0.05)


def test_both_hosts_reach_their_target_with_no_unit_failed(pair: tuple[Host, Host]) -> None:
    for host in pair:
        assert host.failed_units() == []
        assert host.show("multi-user.target", "ActiveState") == {"ActiveState": "active"}
        assert host.run("hostname").stdout.strip() == host.name


def test_hosts_have_identities_of_their_own(pair: tuple[Host, Host]) -> None:
    for name in ("/etc/machine-id", "/etc/ssh/ssh_host_ed25519_key.pub"):
        assert pair[0].read(name) != pair[1].read(name)
    assert len(pair[0].read("/etc/machine-id").strip()) == 32


def test_a_host_that_is_cut_sees_nobody_until_it_is_healed(two_hosts: Lab, pair: tuple[Host, Host]) -> None:
    one, two = pair
    comes_to_see(one, "pi2")
    comes_to_see(two, "pi-ctv")
    comes_to_reach(two.address)
    two_hosts.cut(two)
    assert not sees(one, "pi2")
    assert not sees(two, "pi-ctv")
    assert not reaches(two.address)
    comes_to_reach(one.address)
    two_hosts.heal(two)
    comes_to_see(one, "pi2")
    comes_to_reach(two.address)


def test_a_cut_outlasts_a_reboot(two_hosts: Lab, pair: tuple[Host, Host]) -> None:
    two_hosts.cut(pair[1])
    pair[1].reboot()
    assert not sees(pair[0], "pi2")
    assert not reaches(pair[1].address)
    two_hosts.heal()
    comes_to_see(pair[1], "pi-ctv")


def test_parted_hosts_see_this_machine_but_not_each_other(two_hosts: Lab, pair: tuple[Host, Host]) -> None:
    two_hosts.part()
    pair[1].reboot()  # it stays parted
    comes_to_see(pair[1], two_hosts.network.address)
    assert not sees(pair[0], "pi2")
    assert not sees(pair[1], "pi-ctv")
    comes_to_reach(pair[0].address)
    two_hosts.heal()
    comes_to_see(pair[0], "pi2")


def test_an_enabled_unit_and_a_synced_file_survive_reboot_and_plug(pair: tuple[Host, Host]) -> None:
    host = pair[0]
    host.write("/etc/systemd/system/counter.service", COUNTER)
    host.run("systemctl", "enable", "--now", "counter.service")
    assert host.reboot() == []
    host.python("import os; f = open('/root/synced', 'w'); f.write('whole'); f.flush(); os.fsync(f.fileno())")
    host.pull_plug()
    assert not host.on
    assert host.boot() == []
    assert host.read("/root/synced") == "whole"
    assert host.read("/var/lib/counter").split() == ["started"] * 3
    assert host.show("counter.service", "ActiveState") == {"ActiveState": "active"}


def test_pulling_the_plug_loses_what_was_not_synced(pair: tuple[Host, Host]) -> None:
    host = pair[0]
    host.run("sync")
    host.write("/root/not-synced", "lost")
    host.pull_plug()
    host.boot()
    # the name may be there, if something else made ext4 write its journal; what the file held is not
    assert host.run("cat", "/root/not-synced", check=False).stdout == ""


def test_shutting_down_loses_nothing(pair: tuple[Host, Host]) -> None:
    host = pair[1]
    host.write("/root/not-synced", "kept")
    host.power_off()
    host.boot()
    assert host.read("/root/not-synced") == "kept"


def test_a_user_service_with_linger_runs_after_a_reboot_without_a_login(pair: tuple[Host, Host]) -> None:
    host = pair[1]
    host.run("useradd", "--create-home", "dev1")
    unit = "/home/dev1/.config/systemd/user/mine.service"
    host.run("install", "-d", "-o", "dev1", "-g", "dev1", "/home/dev1/.config/systemd/user")
    host.write(unit, "[Service]\nExecStart=sleep infinity\n[Install]\nWantedBy=default.target\n", owner="dev1")
    host.run("loginctl", "enable-linger", "dev1")
    host.until("systemctl", "--user", "daemon-reload", user="dev1")
    host.run("systemctl", "--user", "enable", "mine.service", user="dev1")
    host.reboot()
    host.until("systemctl", "--user", "is-active", "mine.service", user="dev1")
    assert host.run("id", "-un", user="dev1").stdout.strip() == "dev1"
    assert host.run("loginctl", "list-sessions", "--no-legend").stdout == ""


def test_a_sandbox_really_denies_a_write(pair: tuple[Host, Host]) -> None:
    def write(*properties: str) -> int:
        options = [f"--property={each}" for each in properties]
        command = ["systemd-run", "--quiet", "--wait", *options, "touch", "/usr/touched"]
        return pair[0].run(*command, check=False).returncode

    assert write("ProtectSystem=strict") != 0
    assert pair[0].run("test", "-e", "/usr/touched", check=False).returncode == 1
    assert write() == 0


def test_a_crashed_process_is_started_again_by_systemd(pair: tuple[Host, Host]) -> None:
    host = pair[0]
    host.write("/etc/systemd/system/often.service", "[Service]\nExecStart=sleep 7777\nRestart=always\nRestartSec=0\n")
    host.run("systemctl", "daemon-reload")
    host.run("systemctl", "start", "often.service")
    first = host.crash("^sleep 7777$")
    host.until("sh", "-c", "systemctl show often -p NRestarts | grep -qx NRestarts=1 && pgrep -fx 'sleep 7777'")
    assert host.processes("^sleep 7777$") != first
    assert "status=9/KILL" in host.journal("often.service")
    with pytest.raises(LabError, match="no process matches"):
        host.crash("^no such process$")


def test_files_come_and_go_with_owner_and_mode(pair: tuple[Host, Host], tmp_path: Path) -> None:
    host = pair[0]
    (tmp_path / "tree/below").mkdir(parents=True)
    (tmp_path / "tree/below/file").write_text("ä\n")
    host.put(tmp_path / "tree", "/opt/tree", owner="nobody:nogroup")
    host.write("/opt/secret", "s", mode=0o600, owner="nobody:nogroup")
    told = host.run("stat", "--format=%U:%G %a", "/opt/secret", "/opt/tree/below/file").stdout
    assert told.splitlines() == ["nobody:nogroup 600", "nobody:nogroup 644"]
    host.fetch("/opt/tree/below/file", tmp_path / "back")
    assert (tmp_path / "back").read_text() == "ä\n"


def test_a_failing_command_says_what_it_said(pair: tuple[Host, Host]) -> None:
    with pytest.raises(LabError, match="cat /nowhere on pi-ctv failed with status 1: cat: /nowhere: No such file"):
        pair[0].run("cat", "/nowhere")


def test_a_cleaned_host_is_as_it_was_delivered(pair: tuple[Host, Host]) -> None:
    pair[1].write("/root/mine", "")
    pair[1].run("sync")
    assert pair[1].clean() == []
    assert pair[1].run("test", "-e", "/root/mine", check=False).returncode == 1
    comes_to_see(pair[0], "pi2")


OWNER = """
import sys
from pathlib import Path
from lab.laboratory import laboratory
with laboratory(["doomed"]) as lab:
    lab.hosts[0].boot()
    print(lab.number, lab.hosts[0].pid, flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("keeper_too", [False, True], ids=["the run", "the run and its keeper"])
def test_a_killed_run_leaves_nothing_behind(lab_here: None, keeper_too: bool) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OWNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None
        number, inside = run.stdout.readline().split()
        folder = Path(LOCKS / f"{number}.lock").read_text().split('"')[3]
        assert loops_of(Path(folder)) != []
        if keeper_too:
            for keeper in _children(run.pid):
                os.kill(keeper, signal.SIGKILL)
        run.kill()
    if keeper_too:
        sweep()
    ends = time.monotonic() + 20
    while traces := _traces(number, inside, Path(folder)):
        recorded = (LOCKS / f"{number}.lock").read_text()
        if recorded and json.loads(recorded)["owner"] != run.pid:
            break  # swept, and claimed by a test beside this one: the traces are that one's
        assert time.monotonic() < ends, traces
        time.sleep(0.05)


def _children(process: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def _traces(number: str, inside: str, folder: Path) -> list[str]:
    """What is left of a run: its process 1, interfaces, folder, disks, mounts and control groups."""
    ours = re.compile(rf"(vb-)?csl{number}(-.*)?")
    found = [path.name for path in Path("/sys/class/net").iterdir() if ours.fullmatch(path.name)]
    found += [str(path) for path in (folder, Path(f"/proc/{inside}")) if path.exists()]
    found += loops_of(folder)
    found += [line for line in Path("/proc/self/mounts").read_text().splitlines() if str(folder) in line]
    # os.walk: groups of other runs come and go meanwhile
    return found + [folder for folder, _, _ in os.walk("/sys/fs/cgroup") if ours.fullmatch(Path(folder).name)]
