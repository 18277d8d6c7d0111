"""Fencing: only the very process that holds the agent's lock is killed, and its host does not serve at once again."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from station.cluster.fence import fence, fenced_epoch, unfence
from station.cluster.instance import holder, only_instance, started_ticks
from station.errors import Busy
from station.fleet import Host

NOW = datetime(2026, 11, 21, 2, 45, tzinfo=UTC)
HOLDS = """
import sys, time
from pathlib import Path
from station.cluster.instance import only_instance
with only_instance(Path(sys.argv[1]), "The agent of one"):
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def host(tmp_path):
    return Host("one", tmp_path / "one")


@pytest.fixture
def agent(host):
    command = [sys.executable, "-c", HOLDS, str(host.paths.lock("agent"))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_the_agent_is_ended(host, agent):
    assert f"pid {agent.pid}" in fence(host, "counter", 3, NOW)
    assert agent.wait(5) == -9
    assert holder(host.paths.lock("agent")) is None


def test_what_the_ended_agent_said_last_no_longer_claims_that_it_serves(host, agent):
    web = {"state": "running", "pid": agent.pid, "healthy": True}
    said = {"at": "2026-11-21T02:44:59.000Z", "apps": {"counter": {"role": "primary", "units": {"web": web}}}}
    host.paths.status_file.write_text(json.dumps(said))
    os.utime(host.paths.status_file, (1000, 1000))
    fence(host, "counter", 3, NOW)
    left = json.loads(host.paths.status_file.read_text())["apps"]["counter"]
    assert left["role"] == "demoted"
    assert left["units"]["web"] == {"state": "stopped", "pid": None, "healthy": None}
    assert host.paths.status_file.stat().st_mtime == 1000


def test_a_process_that_got_the_agents_old_number_is_not_touched(host):
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as stranger:
        lock = host.paths.lock("agent")
        lock.parent.mkdir(parents=True)
        lock.write_text(json.dumps({"pid": stranger.pid, "started_ticks": started_ticks(stranger.pid) - 1}))
        assert fence(host, "counter", 3, NOW) == "no agent runs on one"
        assert stranger.poll() is None
        stranger.kill()


def test_a_fenced_host_does_not_serve_that_epoch_for_a_minute(host):
    fence(host, "counter", 3, NOW)
    assert fenced_epoch(host, "counter", NOW + timedelta(seconds=59)) == 3
    assert fenced_epoch(host, "counter", NOW + timedelta(seconds=61)) is None
    unfence(host, "counter")
    assert fenced_epoch(host, "counter", NOW) is None


def test_the_second_holder_is_told_who_the_first_is(host, agent):
    found = pytest.raises(Busy, match=f"The agent of one runs already: pid {agent.pid}")
    with found, only_instance(host.paths.lock("agent"), "The agent of one"):
        pass


def test_a_lock_ends_with_its_holder(host, agent):
    agent.kill()
    agent.wait()
    with only_instance(host.paths.lock("agent"), "The agent of one") as me:
        assert holder(host.paths.lock("agent")) == me
