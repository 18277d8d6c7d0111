"""`kill -9` of any process at any moment: the fleet heals by itself, one host is primary, no acknowledged row is lost.

The moments are random and seeded: STATION_KILL_SEED and STATION_KILLS choose others.
"""

import contextlib
import os
import random
import threading
import time

import psutil
import pytest

SEED = int(os.environ.get("STATION_KILL_SEED", "20261121"))
KILLS = int(os.environ.get("STATION_KILLS", "4"))

pytestmark = pytest.mark.slow


def whole(fleet):
    """Whether everybody does what he should and the standbys hold what the primary has."""
    with contextlib.suppress(OSError, AssertionError, ValueError, KeyError, psutil.Error):
        roles = sorted(fleet.role(host) for host in fleet.hosts)
        live = all(fleet.agent(host).pid == fleet.status(host)["pid"] for host in fleet.hosts)
        return live and roles == ["primary", "standby"] and bool(fleet.rows())
    return False


def victims(fleet):
    """Everything that `station up` started, and what that started."""
    with contextlib.suppress(psutil.Error):
        return psutil.Process(fleet.process.pid).children(recursive=True)
    return []


def test_the_fleet_heals_when_any_process_is_killed(fleet, wait_for, writer):
    chance = random.Random(SEED)
    for number in range(KILLS):
        with writer(f"kill {number}"):
            time.sleep(chance.uniform(0, 1.0))
            victim = chance.choice(victims(fleet))
            victim.kill()
            time.sleep(0.3)
            wait_for(lambda: whole(fleet), 30, f"healing after kill {number} with seed {SEED}")
        assert fleet.missing_rows() == [], (SEED, number)
    fleet.wait_for_mirror()
    assert [epoch["epoch"] for epoch in fleet.epochs()] == [1]


def test_a_switch_in_which_anybody_is_killed_ends_with_one_primary(fleet, wait_for):
    chance = random.Random(SEED + 1)
    for number in range(KILLS):
        wait_for(lambda: whole(fleet), 90, f"a whole fleet before switch {number} with seed {SEED}")
        fleet.acknowledged = list(fleet.rows()[1])
        fleet.add(f"switch {number}")
        fleet.wait_for_mirror()
        target = next(host for host in fleet.hosts if host not in fleet.primaries())
        switch = threading.Thread(
            target=lambda to=target: fleet.station("failover", "counter", "--to", to, "--yes", check=False)
        )
        switch.start()
        time.sleep(chance.uniform(0.2, 1.2))  # the command needs the first part of it to start
        host = chance.choice(fleet.hosts)
        with contextlib.suppress(psutil.Error):
            fleet.agent(host).kill()
        switch.join()
        fleet.station("failover", "counter", "--to", target, "--yes", check=False)
        wait_for(lambda: whole(fleet), 90, f"healing after switch {number} with seed {SEED}")
        assert fleet.missing_rows() == [], (SEED, number)
    epochs = fleet.epochs()
    assert [epoch["epoch"] for epoch in epochs] == list(range(1, len(epochs) + 1))
