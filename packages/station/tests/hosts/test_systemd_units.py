"""What the agent asks of systemd, as far as it can be told without systemd; tests/lab/test_agent.py has the rest."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from station.cli.alert import _app_of, _whole_name
from station.fleet import Fleet, load_fleet
from station.fleet.reference import SMALLEST_APP, SMALLEST_FLEET
from station.hosts import systemctl
from station.hosts.rendering.place import apps_of
from station.hosts.systemctl import UnitState
from station.hosts.systemd_gate import stranger
from station.hosts.systemd_units import AppUnits, SystemdUnits, _since, _word
from station.hosts.unit_watch import UnitWatch, _happened, why

MORE = '[processes.api]\ncommand = ["notes", "api"]\nport = 8101\nsocket = true\nnotify = true\n'
JOB = '[jobs.tidy]\ncommand = ["notes", "tidy"]\nat = "02:05"\n'
RUNNING = UnitState(
    "notes-web.service", "loaded", "active", "running", "enabled", "success", 0, 7, 0, needs_reload=False,
    since="Sat 2026-11-21 09:03:11 UTC", invocation="a",
)  # fmt: skip
FAILED = replace(RUNNING, active="failed", sub="failed", result="exit-code", exit_status=3, pid=None)


@pytest.fixture
def fleet(tmp_path: Path) -> Callable[..., Fleet]:
    def load(more_app: str = "", more: str = "") -> Fleet:
        (tmp_path / "notes").mkdir()
        (tmp_path / "fleet.toml").write_text(SMALLEST_FLEET.replace('folder = "hosts/', 'address = "') + more)
        (tmp_path / "notes" / "app.toml").write_text(SMALLEST_APP + more_app)
        return load_fleet(tmp_path / "fleet.toml")

    return load


def units(fleet: Fleet) -> AppUnits:
    (place,) = apps_of(fleet, fleet.hosts["pi1"])
    return AppUnits.of(place)


def test_whatever_may_write_is_stopped_and_only_what_others_do_not_bring_is_started(fleet) -> None:
    its = units(fleet(MORE + JOB))
    assert {"notes-web.service", "notes-api.service", "notes-api.socket", "notes-tidy.service"} <= set(its.own)
    assert set(its.first) == {"notes-web.service", "notes-primary.service"}
    assert not any(name.endswith(".timer") for name in its.all)


def test_loops_are_named_after_the_app(fleet) -> None:
    assert units(fleet()).loops == {"points": "notes-points.service", "mirror": "notes-mirror.service"}


@pytest.mark.parametrize(
    ("before", "now", "said"),  # what is no longer running was told as failed
    [
        (None, FAILED, ""),
        (RUNNING, RUNNING, ""),
        (RUNNING, FAILED, "notes-web.service has failed (it ended with 3)"),
        (FAILED, FAILED, ""),
        (FAILED, replace(RUNNING, active="activating", restarts=2), ""),
        (
            replace(FAILED, active="activating", restarts=2),
            replace(RUNNING, restarts=4),
            "notes-web.service runs again",
        ),
        (FAILED, replace(RUNNING, restarts=4), "notes-web.service runs again"),
        (RUNNING, replace(RUNNING, restarts=1), "notes-web.service ended and was started again, once since"),
        (RUNNING, replace(RUNNING, restarts=2), "notes-web.service ended and was started again, 2 times since"),
        (RUNNING, replace(RUNNING, active="inactive"), ""),
    ],
)
def test_what_happened_is_told(before: UnitState | None, now: UnitState, said: str) -> None:
    down = before is not None and not before.is_running
    told = _happened(before, now, down=down)
    assert told.startswith(said) and bool(said) == bool(told)


def test_why_a_unit_failed_is_told_in_words() -> None:
    assert why(FAILED) == "it ended with 3"
    assert why(replace(FAILED, result="something new")) == "something new"


def test_a_state_is_told_as_folder_hosts_tell_it() -> None:
    states = {"active": "running", "inactive": "stopped", "failed": "failed", "activating": "starting"}
    assert {active: _word(replace(RUNNING, active=active)) for active in states} == states
    assert _word(None) == "stopped"


def test_a_time_of_systemd_is_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/Los_Angeles")
    time.tzset()
    try:
        assert _since("Sat 2026-11-21 09:03:11 UTC") == "2026-11-21T09:03:11.000Z"
    finally:
        monkeypatch.undo()
        time.tzset()
    assert _since("") is None


def test_a_process_that_ends_is_known_at_once() -> None:
    watch = UnitWatch([], time.monotonic)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        watch._hold({process.pid})
        assert watch._poll.poll(0) == []
        process.communicate(b"\n")
        assert watch._poll.poll(5000)
    watch.close()


def test_the_owner_of_a_port_is_its_unit_and_not_whoever_listens(fleet) -> None:
    (place,) = apps_of(loaded := fleet(), loaded.hosts["pi1"])
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        web = replace(place.app.gate, port=port)
        here = replace(place, app=replace(place.app, processes={"web": web}))
        assert f"port {port} is answered by" in stranger(here)
    assert stranger(here) == f"nobody listens on port {port}"


def test_an_alert_is_about_the_app_whose_unit_it_is(fleet) -> None:
    loaded = fleet(JOB)
    host = loaded.hosts["pi1"]
    named = {name: _app_of(loaded, host, name) for name in ("notes-tidy.service", "notes-copy@x.service")}
    assert set(named.values()) == {"notes"}
    assert _app_of(loaded, host, "station-agent.service") == ""


def test_systemd_knows_better_which_instance_has_failed() -> None:
    assert _whole_name("notes-copy", {"MONITOR_UNIT": "notes-copy@x.service"}) == "notes-copy@x.service"
    assert _whole_name("notes-copy", {"MONITOR_UNIT": "others.service"}) == "notes-copy.service"
    assert _whole_name("notes-web.service", {}) == "notes-web.service"


@pytest.mark.parametrize(("after", "stopped"), [("inactive", False), ("active", True)])
def test_a_unit_whose_guard_is_asked_is_stopped_only_if_it_starts(
    fleet, monkeypatch, after: str, stopped: bool
) -> None:
    """A guard that said no while systemd stopped its unit would count as the app's failure."""
    loaded, looks, acts = fleet(), [], []
    web = "notes-web.service"
    asked = replace(RUNNING, active="activating", sub="condition", pid=None)
    decided = replace(RUNNING, active=after, sub="", pid=None)

    def states(names):
        looks.append(names)
        gone = len([act for act in acts if web in act[1]]) > 0
        now = asked if len(looks) < 3 else replace(decided, active="inactive") if gone else decided
        return {name: now if name == web else replace(RUNNING, active="inactive", pid=None) for name in names}

    monkeypatch.setattr(systemctl, "states", states)
    monkeypatch.setattr(systemctl, "act", lambda verb, names, *options: acts.append((verb, names)))
    its = SystemdUnits(loaded, loaded.hosts["pi1"], lambda app: "")
    its.run("notes", processes=False, loop=None)
    its.end()
    assert len(looks) >= 3
    assert (("stop", [web]) in acts) is stopped


@pytest.mark.parametrize(("load", "comes_back"), [("loaded", True), ("not-found", False)])
def test_a_loop_that_somebody_stopped_is_started_again(fleet, monkeypatch, load: str, comes_back: bool) -> None:
    """After `station remove` and `station apply` nobody else would: the app served, and no restore point was taken."""
    loaded, starts = fleet(), []
    still = replace(RUNNING, load=load, active="inactive", sub="dead", pid=None)
    monkeypatch.setattr(systemctl, "states", lambda names: {name: replace(still, name=name) for name in names})
    monkeypatch.setattr(
        systemctl, "act", lambda verb, names, *options: starts.append(names) if verb == "start" else None
    )
    its = SystemdUnits(loaded, loaded.hosts["pi1"], lambda app: "")
    its.run("notes", processes=True, loop="points")
    its._wishes["notes"].tried_at_s = float("-inf")  # some seconds later
    starts.clear()
    its.run("notes", processes=True, loop="points")
    its.end()
    assert starts == ([["notes-points.service"]] if comes_back else [])
