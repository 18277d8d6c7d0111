"""A switch whose command dies, or sleeps, after it stopped the old primary: somebody serves soon, no row is lost."""

import time

import pytest

from station.clock import utc_now
from station.cluster.lease import Lease
from station.cluster.peer import Peer
from station.cluster.switch import make_plan, switch_over
from station.errors import NotRunning
from station.fleet import load_fleet
from station.stores.directory import DirectoryStore

pytestmark = pytest.mark.slow


class Between(Peer):
    """An agent as a command sees it that does something right after the first answer to `demote`."""

    def __init__(self, peer, then):
        super().__init__(peer.name, peer.paths)
        self.then = then
        self.demotions = 0

    def call(self, verb, **order):
        answer = super().call(verb, **order)
        self.demotions += verb == "demote"
        if verb == "demote" and self.demotions == 1:
            self.then()
        return answer


@pytest.fixture
def go(fleet):
    """Runs a switch to `two` in this process; `then` happens after the old primary has stopped."""

    def run(then):
        manifest = load_fleet(fleet.manifest)
        app = manifest.apps["counter"]
        lease = Lease(DirectoryStore("disk", fleet.folder / "store"), "counter")
        peers = {name: Peer(name, host.paths) for name, host in manifest.hosts.items()}
        peers["one"] = Between(peers["one"], then)
        plan = make_plan(app, lease, "two", planned=False, peers=peers, now=utc_now())
        return switch_over(manifest, plan, lease, peers=peers, on_step=lambda text: None, now=utc_now)

    return run


@pytest.fixture(autouse=True)
def home(fleet, wait_for):
    """Every test begins with `one` as primary and all rows mirrored."""
    fleet.wait_until_healthy()
    wait_for(lambda: len(fleet.primaries()) == 1, what="a primary")
    if fleet.primaries() != ["one"]:
        wait_for(lambda: fleet.role("one") == "standby", what="one as standby")
        fleet.station("failback", "--yes")
    wait_for(lambda: (fleet.role("one"), fleet.role("two")) == ("primary", "standby"), what="the roles")
    fleet.acknowledged = list(fleet.rows()[1])
    fleet.wait_for_mirror()


def test_when_the_command_is_killed_after_the_demotion_the_old_primary_serves_again_in_seconds(fleet, wait_for):
    before = fleet.epochs()
    fleet.add("before")
    with fleet.begin("failover", "--yes") as command:
        for line in command.stderr:
            if "taking the last restore point" in line:
                command.kill()
                break
        killed_s = time.monotonic()
        command.communicate()
    fleet.wait_until_healthy()
    took_s = time.monotonic() - killed_s
    if len(fleet.epochs()) > len(before):
        pytest.skip("the command was quicker than its killer")
    assert took_s < 20
    assert fleet.rows()[0] == "one"
    wait_for(lambda: fleet.primaries() == ["one"], what="its status")
    assert fleet.missing_rows() == []


def test_a_command_that_slept_so_long_that_the_old_primary_serves_again_loses_none_of_its_rows(fleet, go, writer):
    def sleep():
        fleet.wait_until_healthy()
        assert fleet.rows()[0] == "one"
        with writer("meanwhile"):
            time.sleep(1)

    before = fleet.app_status("one")["divergence"]
    done = go(sleep)
    assert (done.target, done.everything_carried) == ("two", True)
    fleet.wait_until_healthy()
    assert fleet.rows()[0] == "two"
    assert any(row.startswith("meanwhile") for row in fleet.rows()[1])
    assert fleet.missing_rows() == []
    assert fleet.app_status("one")["divergence"] == before


def test_an_agent_that_dies_after_the_demotion_does_not_serve_beside_the_new_primary(fleet, go, wait_for):
    def kill():
        fleet.agent("one").kill()

    before = len(fleet.epochs())
    try:
        done = go(kill)
    except NotRunning as why:
        pytest.fail(str(why))
    assert done.target == "two" and len(fleet.epochs()) == before + 1
    assert fleet.missing_rows() == []
    wait_for(lambda: fleet.role("one") == "standby", what="one as standby")


def test_a_second_command_does_not_shorten_the_waiting_of_the_first(fleet):
    """Two commands race: the one that is behind asks for a brief wait when the other has its long one already."""
    peer = Peer("one", load_fleet(fleet.manifest).hosts["one"].paths)
    order = {"app": "counter", "flush": True, "must_flush": True}
    peer.call("demote", **order)
    peer.call("demote", **order, briefly=True)
    time.sleep(7)
    assert fleet.role("one") == "demoted"
    peer.call("resume", app="counter")
