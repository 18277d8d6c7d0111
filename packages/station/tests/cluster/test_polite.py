"""The platform's own processes give way to the app, and say so when they may not."""

import subprocess
import sys

import psutil
import pytest

from station.cluster.polite import give_way
from station.fleet import Points

PROGRAM = """
import psutil, sys
from station.cluster.polite import give_way
from station.fleet import Points
give_way(Points(3.0, polite=sys.argv[1] == "polite"), print)
me = psutil.Process()
print(me.nice(), int(me.ionice().ioclass), me.ionice().value)
"""


@pytest.mark.parametrize(("wanted", "found"), [("polite", "10 2 7"), ("not", "0 0 0")])
def test_a_process_gives_way_when_it_is_to_be_polite(wanted, found):
    before = psutil.Process()
    if before.nice() != 0 or before.ionice().value != 0:
        pytest.skip("these tests are run nicely themselves")
    done = subprocess.run([sys.executable, "-c", PROGRAM, wanted], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == found.replace("0 0 0", f"0 {int(before.ionice().ioclass)} {before.ionice().value}")


def test_what_the_system_refuses_is_said_in_one_line_and_no_more(monkeypatch):
    """A container may forbid it; here its answer is given by hand."""

    def refuse(self, *wanted):
        raise psutil.AccessDenied(1, "self")

    monkeypatch.setattr(psutil.Process, "nice", refuse)
    said = []
    give_way(Points(3.0), said.append)
    assert len(said) == 1 and "not polite" in said[0]


@pytest.mark.slow
def test_the_loops_of_a_fleet_give_way_and_its_app_does_not(new_fleet, wait_for):
    fleet = new_fleet().up()
    wait_for(lambda: sorted(fleet.role(host) for host in fleet.hosts) == ["primary", "standby"], what="the roles")
    own = psutil.Process().nice()

    def niceness(host, word):
        found = [process for process in fleet.agent(host).children() if word in process.cmdline()]
        return [process.nice() for process in found]

    wait_for(lambda: niceness("one", "points") == [max(10, own)], what="polite points")
    wait_for(lambda: niceness("two", "mirror") == [max(10, own)], what="a polite mirror")
    assert niceness("one", "serve") == [own]
    assert fleet.agent("one").nice() == own  # a switch does not wait
