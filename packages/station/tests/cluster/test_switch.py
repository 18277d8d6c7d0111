"""Failover and failback between real hosts: no acknowledged row is lost that could be handed over, and none is thrown
away that could not."""

import json
import signal
import threading
import time

import pytest

from station.points.divergence import divergences


@pytest.fixture(autouse=True)
def home(fleet, wait_for):
    """Every test begins with `one` as primary, everybody in place, and all rows mirrored."""
    fleet.wait_until_healthy()
    wait_for(lambda: len(fleet.primaries()) == 1, what="a primary")
    if fleet.primaries() != ["one"]:
        wait_for(lambda: fleet.role("one") == "standby", what="one as standby")
        fleet.station("failback", "--yes")
    wait_for(lambda: (fleet.role("one"), fleet.role("two")) == ("primary", "standby"), what="the roles")
    fleet.acknowledged = list(fleet.rows()[1])
    fleet.wait_for_mirror()


def test_failover_and_failback_keep_every_acknowledged_row(fleet, writer, wait_for):
    with writer("through"):
        wait_for(lambda: len(fleet.acknowledged) > 50, what="rows before it")
        over = json.loads(fleet.station("failover", "counter", "--yes", "--json").stdout)
        fleet.wait_until_healthy()
        wait_for(lambda: len(fleet.acknowledged) > 100, what="rows between them")
        back = json.loads(fleet.station("failback", "counter", "--yes", "--json").stdout)
    assert (over["source"], over["target"], over["everything_carried"]) == ("one", "two", True)
    assert (back["source"], back["target"], back["everything_carried"]) == ("two", "one", True)
    assert 0 < over["lease_moved_s"] < over["healthy_s"] < 30
    assert len(fleet.acknowledged) > 100
    host, rows = fleet.rows()
    assert host == "one"
    assert fleet.missing_rows() == []
    assert len(rows) == len(set(rows))


@pytest.mark.slow
def test_what_restore_points_hold_is_moved_aside_and_kept_once(fleet, wait_for):
    for verb in ("failover", "failback", "failover", "failback"):
        fleet.station(verb, "--yes")
        wait_for(lambda: sorted(fleet.role(host) for host in fleet.hosts) == ["primary", "standby"], what="the roles")
    for host in fleet.hosts:
        kept = list((fleet.folder / host / "var" / "lib" / "station" / "counter" / "replaced").glob("*-published"))
        assert [(folder / "counter.db").exists() for folder in kept] == [True]


def test_the_plan_is_shown_and_asked_about(fleet):
    done = fleet.station("failover", "counter", check=False)
    assert done.returncode == 2
    assert "one is primary of counter" in done.stderr
    assert "--yes" in done.stderr
    assert fleet.primaries() == ["one"]


def test_going_where_it_is_already_changes_nothing(fleet):
    before = fleet.epochs()
    assert "nothing to do" in fleet.station("failback", "counter", "--yes").stdout
    assert fleet.epochs() == before


def test_a_host_that_is_none_of_the_app_is_refused(fleet):
    done = fleet.station("failover", "counter", "--to", "three", "--yes", check=False)
    assert done.returncode == 20


@pytest.mark.slow
def test_failback_refuses_when_the_primary_cannot_hand_over(fleet, wait_for):
    fleet.station("failover", "counter", "--yes")
    wait_for(lambda: fleet.role("one") == "standby")
    silent = fleet.agent("two")
    silent.suspend()
    try:
        done = fleet.station("failback", "counter", "--yes", check=False)
    finally:
        silent.resume()
    assert done.returncode == 20
    assert "stays where it is" in done.stderr
    assert fleet.epochs()[-1]["holder"] == "two"


@pytest.mark.slow
def test_a_silent_primary_is_fenced_and_what_only_it_has_is_saved(fleet, wait_for):
    replaced = fleet.folder / "one" / "var" / "lib" / "station" / "counter" / "replaced"
    before = {path.name for path in replaced.iterdir()} if replaced.exists() else set()
    state = replaced.parent
    saved_before = len(list(divergences(state)))
    silent = fleet.agent("one")
    points = next(p for p in silent.children() if "points" in p.cmdline())
    silent.suspend()
    points.suspend()  # the partition: nothing leaves the host any more
    fleet.add("only on one")
    done = fleet.station("failover", "counter", "--yes")
    assert "old when one was stopped" in done.stdout
    assert not silent.is_running()
    assert fleet.rows()[0] == "two"
    assert fleet.missing_rows() == ["only on one"]
    wait_for(lambda: fleet.role("one") == "standby", what="one as standby")
    saved = list(divergences(state))
    assert len(saved) == saved_before + 1
    assert saved[-1].pages >= 1
    stored = fleet.folder / "store" / "counter" / "divergence" / "one"
    assert (stored / saved[-1].file.name).read_bytes() == saved[-1].file.read_bytes()
    (kept,) = {path.name for path in replaced.iterdir()} - before
    assert b"only on one" in b"".join(file.read_bytes() for file in (replaced / kept).iterdir())
    fleet.add("after the switch")
    fleet.wait_for_mirror()


@pytest.mark.slow
def test_an_app_that_does_not_get_healthy_is_given_back(fleet, wait_for, writer):
    sick = fleet.folder / "two" / "etc" / "counter" / "credentials" / "SICK"
    sick.touch()
    try:
        with writer("given back"):
            done = fleet.station("failover", "counter", "--yes", check=False)
    finally:
        sick.unlink()
    assert done.returncode == 17
    assert "503 instead of 200" in done.stderr
    assert "one is primary again" in done.stderr
    fleet.wait_until_healthy()
    assert fleet.rows()[0] == "one"
    assert fleet.missing_rows() == []
    assert [epoch["holder"] for epoch in fleet.epochs()[-3:]] == ["one", "two", "one"]
    wait_for(lambda: fleet.role("two") == "standby")


def test_racing_failovers_make_one_primary(fleet, wait_for, writer):
    before = len(fleet.epochs())
    done = []
    racers = [
        threading.Thread(
            target=lambda: done.append(fleet.station("failover", "counter", "--to", "two", "--yes", check=False))
        )
        for _ in range(3)
    ]
    with writer("racing"):
        for racer in racers:
            racer.start()
        for racer in racers:
            racer.join()
    assert [one.returncode for one in done] == [0, 0, 0], [one.stderr for one in done]
    assert len(fleet.epochs()) == before + 1
    wait_for(lambda: (fleet.role("one"), fleet.role("two")) == ("standby", "primary"))
    assert fleet.missing_rows() == []


@pytest.mark.parametrize("times", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_ctrl_c_while_the_new_primary_is_made_loses_nothing(fleet, wait_for, writer, times):
    before = fleet.app_status("one")["divergence"]
    with writer(f"interrupted {times}"), fleet.begin("failover", "--yes") as command:
        for line in command.stderr:
            if "bringing the copy" in line:
                break
        for _ in range(times):
            command.send_signal(signal.SIGINT)
            time.sleep(0.02)
        said = command.communicate(timeout=60)[1]
        wait_for(lambda: fleet.primaries() == ["two"], what="the new primary")
        fleet.wait_until_healthy()
    assert command.returncode == (0 if times == 1 else 130)
    assert "too late to stop" in said
    assert fleet.missing_rows() == []
    wait_for(lambda: fleet.role("one") == "standby", 70, "the old primary as standby")
    assert fleet.app_status("one")["divergence"] == before


def test_a_switch_that_was_killed_can_be_run_again(fleet, wait_for):
    peer_call = fleet.station("failover", "counter", "--yes", check=False)
    assert peer_call.returncode == 0
    again = fleet.station("failover", "counter", "--to", "two", "--yes")
    assert "nothing to do" in again.stdout


def test_the_app_is_served_again_when_a_switch_was_never_finished(fleet, wait_for):
    """Whoever demoted the primary is gone: `resume` (or a minute of silence) makes it serve again."""
    from station.cluster.peer import Peer
    from station.fleet import HostPaths

    peer = Peer("one", HostPaths(fleet.folder / "one"))
    answer = peer.call("demote", app="counter", flush=True, must_flush=True)
    assert answer["flushed"]
    assert peer.call("demote", app="counter", flush=True, must_flush=True)["points"] == answer["points"]
    agent = fleet.agent("one")
    agent.send_signal(signal.SIGKILL)  # a new agent must not serve while the switch may be under way
    wait_for(lambda: fleet.status("one")["pid"] != agent.pid and fleet.role("one") == "demoted", what="demoted")
    peer.call("resume", app="counter")
    fleet.wait_until_healthy()
    assert fleet.primaries() == ["one"]


def test_a_point_is_taken_when_asked_for(fleet):
    from station.cluster.peer import Peer
    from station.fleet import HostPaths

    answer = Peer("one", HostPaths(fleet.folder / "one")).call("point", app="counter")
    assert answer["databases"]["main"]["point"]["epoch"] == fleet.epochs()[-1]["epoch"]


@pytest.mark.slow
def test_two_standbys_that_race_make_one_primary(new_fleet, wait_for):
    fleet = new_fleet(hosts=("one", "two", "three")).up()
    fleet.add("before")
    fleet.wait_for_mirror()
    done = {}

    def go_to(host):
        done[host] = fleet.station("failover", "counter", "--to", host, "--yes", check=False)

    racers = [threading.Thread(target=go_to, args=(host,)) for host in ("two", "three")]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    fleet.wait_until_healthy()
    wait_for(lambda: len(fleet.primaries()) == 1, what="one primary")
    wait_for(lambda: sorted(fleet.role(host) for host in fleet.hosts) == ["primary", "standby", "standby"])
    assert fleet.missing_rows() == []
    assert fleet.epochs()[-1]["holder"] == fleet.primaries()[0]
    assert {one.returncode for one in done.values()} <= {0, 13, 20}
    assert 0 in {one.returncode for one in done.values()}
