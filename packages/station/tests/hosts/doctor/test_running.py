"""What each unit shall do follows from the host's role, and what it does not do is told."""

from dataclasses import replace
from pathlib import Path

import pytest

from station.clock import to_text, utc_now
from station.fleet import load_fleet
from station.hosts.doctor.check import Verdict
from station.hosts.doctor.here import Here
from station.hosts.doctor.running import retired, units, wished
from station.hosts.rendering.place import apps_of
from station.hosts.systemctl import UnitState

ROOT = Path(__file__).parents[5]
NOW = utc_now()
RUNS = UnitState("x", "loaded", "active", "running", "enabled", "success", 0, 7, 0, False, "", "")


def host_with(fleet, name: str, roles: dict[str, str], states: dict[str, UnitState] | None = None) -> Here:
    """The host as its agent and its systemd would tell."""
    host = fleet.hosts[name]
    status = {"at": to_text(NOW), "apps": {app: {"role": role} for app, role in roles.items()}}
    found = Here(fleet, host, apps_of(fleet, host), NOW, True, {"status": status})
    known = {unit: replace(RUNS, name=unit) for unit in found.unit_names}
    still = {unit for unit, wish in wished(found).items() if wish.value == "still"}
    known |= {unit: replace(RUNS, name=unit, active="inactive", sub="dead") for unit in still}
    found._known["units"] = known | (states or {})
    return found


@pytest.fixture(scope="module")
def office():
    return load_fleet(ROOT / "fleets" / "office.toml")


@pytest.mark.parametrize(
    ("role", "web", "points", "mirror"),
    [
        ("primary", "run", "run", "still"),
        ("standby", "still", "still", "run"),
        ("demoted", "rest", "rest", "rest"),
        ("starting", "rest", "rest", "rest"),
    ],
)
def test_the_role_says_what_shall_run(office, role: str, web: str, points: str, mirror: str) -> None:
    name = "ctv-bookedbiz-db"
    found = wished(host_with(office, "pi-ctv", {name: role}))
    assert [found[f"{name}{unit}.service"].value for unit in ("", "-points", "-mirror")] == [web, points, mirror]
    assert found["station-agent.service"].value == found["station-check.timer"].value == "run"
    assert found["station-check.service"].value == "rest"


def test_while_nobody_tells_the_role_nothing_of_an_app_with_a_standby_is_missed(office) -> None:
    found = wished(host_with(office, "pi-ctv", {}))
    assert found["ctv-bookedbiz-db.service"].value == "rest"


def test_an_app_without_a_standby_is_missed_though_the_agent_is_silent(office) -> None:
    found = wished(host_with(office, "pi-vision", {}))
    assert (found["pivision-server.service"].value, found["pivision-points.service"].value) == ("run", "rest")


@pytest.mark.parametrize(
    ("changed", "verdict", "told"),
    [
        ({}, Verdict.OK, ""),
        ({"load": "not-found"}, Verdict.FAILED, "is not there"),
        ({"load": "masked"}, Verdict.FAILED, "masked"),
        ({"file_state": "disabled"}, Verdict.FAILED, "not enabled"),
        ({"needs_reload": True}, Verdict.WARNING, "has not read it"),
        ({"active": "failed", "result": "exit-code", "exit_status": 3}, Verdict.FAILED, "exit-code, exit code 3"),
        ({"active": "activating", "sub": "auto-restart", "restarts": 4}, Verdict.FAILED, "again and again"),
        ({"active": "activating", "sub": "start"}, Verdict.WARNING, "is activating"),
        ({"active": "inactive", "sub": "dead"}, Verdict.FAILED, "does not run"),
        ({"active": "inactive", "sub": "dead", "skipped": True}, Verdict.FAILED, "its condition or its guard"),
        ({"restarts": 2, "since": f"{NOW:%a %Y-%m-%d %H:%M:%S} UTC"}, Verdict.WARNING, "again 2 times"),
        ({"restarts": 2, "since": "Sat 2020-11-21 09:00:00 UTC"}, Verdict.OK, ""),
    ],
)
def test_what_is_wrong_with_a_unit_is_told(office, changed: dict, verdict: Verdict, told: str) -> None:
    name = "station-agent.service"
    found = host_with(office, "pi-ctv", {"ctv-bookedbiz-db": "primary"}, {name: replace(RUNS, name=name, **changed)})
    (said,) = units(found)
    assert (said.verdict, said.about) == (verdict, "" if verdict is Verdict.OK else name)
    assert told in said.evidence


def test_an_app_that_runs_on_a_standby_is_told(office) -> None:
    name = "ctv-bookedbiz-db.service"
    found = host_with(office, "pi2", {"ctv-bookedbiz-db": "standby"}, {name: replace(RUNS, name=name)})
    assert [(said.about, said.verdict) for said in units(found)] == [(name, Verdict.FAILED)]


@pytest.mark.parametrize(
    ("load", "active", "verdict"),
    [
        ("masked", "inactive", Verdict.OK),
        ("masked", "failed", Verdict.OK),
        ("masked", "active", Verdict.FAILED),
        ("loaded", "inactive", Verdict.FAILED),
        ("not-found", "inactive", Verdict.FAILED),
    ],
)
def test_what_was_retired_neither_runs_nor_can_be_started(office, load: str, active: str, verdict: Verdict) -> None:
    gone = replace(RUNS, load=load, active=active)
    states = {unit: replace(gone, name=unit) for unit in office.hosts["pi-ctv"].retire}
    found = host_with(office, "pi-ctv", {}, states)
    assert {said.verdict for said in retired(found)} == {verdict}
