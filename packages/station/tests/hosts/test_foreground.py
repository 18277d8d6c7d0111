"""Units as children: restarted when they die, ended with their group, and nothing else is ever touched."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from station.clock import utc_now
from station.hosts.foreground import Foreground, UnitState, cap_log, last_lines

STAYS = "import time; print('here', flush=True); time.sleep(600)"
STAYS_WITH_CHILD = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
time.sleep(600)
"""
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
DIES = "raise SystemExit(3)"


def test_a_unit_runs_in_a_session_of_its_own_and_logs(foreground, spec, wait_for):
    unit = foreground.start(spec(STAYS))
    wait_for(lambda: last_lines(unit.spec.log) == "here")
    assert os.getsid(unit.pid) == unit.pid != os.getsid(0)
    assert unit.state is UnitState.RUNNING


def test_starting_what_runs_already_leaves_it_alone(foreground, spec):
    unit = foreground.start(spec(STAYS))
    before = unit.pid
    foreground.start(spec(STAYS))
    assert foreground.units["unit"].pid == before


def test_a_changed_unit_is_started_anew(foreground, spec):
    before = foreground.start(spec(STAYS)).pid
    after = foreground.start(spec(STAYS, "other")).pid
    assert after != before
    assert not psutil.pid_exists(before)


def test_a_unit_that_dies_is_started_again_after_a_growing_pause(spec):
    clock = [0.0]
    units = Foreground(utc_now, lambda: clock[0])
    units.start(spec(DIES))
    pauses = []
    for _ in range(7):
        died_s = clock[0]
        while not any("exit code 3" in event for event in units.supervise()):
            time.sleep(0.01)
        while not any("started again" in event for event in units.supervise()):
            clock[0] += 0.5
        pauses.append(clock[0] - died_s)
    units.stop(["unit"])
    assert pauses == [1, 2, 4, 8, 16, 30, 30]
    assert units.units["unit"].restarts == 7


def test_a_minute_of_running_makes_the_pause_short_again(spec, wait_for):
    clock = [0.0]
    units = Foreground(utc_now, lambda: clock[0])
    unit = units.start(spec(STAYS))
    unit.pause_s = 16.0
    clock[0] = 61.0
    os.kill(unit.pid, signal.SIGKILL)
    events = wait_for(units.supervise)
    units.stop(["unit"])
    assert "SIGKILL" in events[0]
    assert "again in 1 s" in events[0]


def test_stopping_ends_the_whole_group(foreground, spec, wait_for):
    unit = foreground.start(spec(STAYS_WITH_CHILD))
    child = psutil.Process(int(wait_for(lambda: last_lines(unit.spec.log))))
    foreground.stop(["unit"])
    wait_for(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)
    assert unit.state is UnitState.STOPPED
    assert foreground.supervise() == []


def test_what_a_dead_unit_left_in_its_group_is_ended(foreground, spec, wait_for):
    unit = foreground.start(spec(STAYS_WITH_CHILD))
    child = psutil.Process(int(wait_for(lambda: last_lines(unit.spec.log))))
    os.kill(unit.pid, signal.SIGKILL)
    wait_for(foreground.supervise)
    wait_for(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)


def test_a_unit_that_does_not_listen_is_killed(foreground, spec, wait_for):
    unit = foreground.start(spec(DEAF, stop_s=0.3))
    wait_for(lambda: last_lines(unit.spec.log))
    began_s = time.monotonic()
    foreground.stop(["unit"])
    assert 0.3 <= time.monotonic() - began_s < 30
    assert unit.pid is None


def test_a_process_that_we_did_not_start_is_not_touched(foreground, spec):
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as stranger:
        foreground.start(spec(STAYS))
        foreground.stop(["unit", "stranger"])
        assert stranger.poll() is None
        stranger.kill()


def test_a_command_that_is_not_there_is_named_in_the_log(foreground, spec, wait_for, tmp_path):
    missing = spec(STAYS)
    unit = foreground.start(type(missing)("unit", (str(tmp_path / "nothing"),), {}, missing.log))
    events = wait_for(foreground.supervise)
    assert "exit code 127" in events[0]
    assert "nothing cannot be started" in last_lines(unit.spec.log)


PARENT = """
import sys
from pathlib import Path
from station.clock import utc_now
from station.hosts.foreground import Foreground, UnitSpec
spec = UnitSpec("unit", (sys.executable, "-c", "import time; time.sleep(600)"), {}, Path(sys.argv[1]))
print(Foreground(utc_now).start(spec).pid, flush=True)
sys.stdin.read()
"""


def test_units_die_with_a_parent_that_is_killed(tmp_path, wait_for):
    command = [sys.executable, "-c", PARENT, str(tmp_path / "unit.log")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        child = psutil.Process(int(parent.stdout.readline()))
        wait_for(lambda: "sleep" in " ".join(child.cmdline()) and "tether" not in " ".join(child.cmdline()))
        parent.kill()
        wait_for(lambda: not child.is_running())


def test_a_unit_whose_parent_died_before_the_tether_held_does_not_start(tmp_path):
    from station.hosts import tether

    done = subprocess.run(
        [sys.executable, "-I", "-S", tether.__file__, "1", sys.executable, "-c", "print('ran')"],
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, b"")


def test_a_log_that_is_too_long_moves_aside_under_a_writing_unit(foreground, spec, wait_for, tmp_path):
    writes = "import time\nwhile True: print('x' * 99, flush=True); time.sleep(0.001)"
    unit = foreground.start(spec(writes))
    wait_for(lambda: unit.spec.log.stat().st_size > 10_000)
    cap_log(unit.spec.log, 10_000)
    assert unit.spec.log.with_name("unit.log.1").stat().st_size > 10_000
    wait_for(lambda: unit.spec.log.stat().st_size > 0)
    assert b"\0" not in unit.spec.log.read_bytes()


@pytest.mark.parametrize(
    ("text", "shown"), [("", ""), ("a\n\nb\n", "a\nb"), ("\n".join("abcdefghij"), "c\nd\ne\nf\ng\nh\ni\nj")]
)
def test_the_last_lines_of_a_log_are_shown(tmp_path, text, shown):
    log = tmp_path / "unit.log"
    log.write_text(text)
    assert last_lines(log) == shown


def test_a_unit_that_is_to_run_once_ends_and_can_be_started_anew(foreground, spec, wait_for):
    once = spec(DIES, once=True)
    unit = foreground.start(once)
    events = []
    wait_for(lambda: events.extend(foreground.supervise()) or unit.state is UnitState.ENDED)
    assert (unit.exit_code, unit.pid, events, foreground.supervise()) == (3, None, [], [])
    foreground.stop(["unit"])
    assert foreground.units["unit"].state is UnitState.ENDED
    assert foreground.start(once).state is UnitState.RUNNING
