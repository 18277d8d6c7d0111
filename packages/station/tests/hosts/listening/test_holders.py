"""Whose a process is: its unit by its control group, and since when it runs."""

import os
import socket
from datetime import timedelta
from pathlib import Path

import pytest

from station.clock import utc_now
from station.hosts.listening.holders import UnitName, holders, unit_of
from station.hosts.listening.listeners import look


@pytest.mark.parametrize(
    ("cgroup", "unit"),
    [
        ("0::/system.slice/notes.service\n", UnitName("notes.service")),
        ("0::/system.slice/system-ssh.slice/ssh@1.service\n", UnitName("ssh@1.service")),
        ("0::/system.slice/docker.service/inner/deep.scope\n", UnitName("docker.service")),
        ("0::/init.scope\n", UnitName("init.scope")),
        ("0::/user.slice/user-1000.slice/session-3.scope\n", UnitName("session-3.scope")),
        ("0::/user.slice/user-1000.slice/user@1000.service/app.slice/dev.service\n", UnitName("dev.service", 1000)),
        ("0::/user.slice/user-1000.slice/user@1000.service/init.scope\n", UnitName("init.scope", 1000)),
        ("12:cpu:/x\n1:name=systemd:/system.slice/old.service\n", UnitName("old.service")),
        ("0::/\n", None),
        ("", None),
    ],
)
def test_a_unit_is_told_by_the_control_group(cgroup: str, unit: UnitName | None) -> None:
    assert unit_of(cgroup) == unit


def test_a_programs_name_with_brackets_and_spaces_hides_no_start_time(tmp_path: Path) -> None:
    process = tmp_path / "77"
    (process / "fd").mkdir(parents=True)
    (process / "fd" / "3").symlink_to("socket:[4242]")
    (process / "comm").write_text("odd) (name\n")
    ticks = 50 * os.sysconf("SC_CLK_TCK")
    (process / "stat").write_text(f"77 (odd) (name) S {' '.join(['1'] * 18)} {ticks} 0 0\n")
    (process / "status").write_text("Name:\tname\nUid:\t0\t1001\t0\t0\n")
    (tmp_path / "stat").write_text("cpu 1\nbtime 1000\n")
    (found,) = holders([4242, 1], tmp_path).by[4242]
    assert (found.pid, found.program, found.uid, found.since.timestamp()) == (77, "odd) (name", 1001, 1050)


def test_our_own_listener_is_named_with_its_process_and_its_start() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        (mine,) = [each for each in look().listeners if each.port == server.getsockname()[1]]
    assert (mine.pid, mine.reach) == (os.getpid(), "loopback")
    assert mine.since is not None and timedelta() < utc_now() - mine.since < timedelta(hours=2)
