"""What a unit's state says about a release that was just started."""

import dataclasses

import pytest

from station.hosts.switching.app_processes import is_kept_still, trouble
from station.hosts.systemctl import UnitState

KNOWN = {field.name: "" for field in dataclasses.fields(UnitState)}


def unit(**told: object) -> UnitState:
    rest = {"restarts": 0, "pid": 7, "exit_status": 0, "needs_reload": False, "load": "loaded", "invocation": "one"}
    return UnitState(**(KNOWN | rest | told))  # type: ignore[arg-type]  # by their names


@pytest.mark.parametrize(
    ("state", "seen", "said"),
    [
        (unit(active="active", sub="running"), "one", ""),
        (unit(active="activating", sub="start"), "", ""),
        (unit(active="inactive", sub="dead", pid=None), "", ""),  # its start waits for its turn
        (
            unit(active="failed", sub="failed", result="exit-code", exit_status=1),
            "",
            "it ended: exit-code, exit code 1",
        ),
        (unit(active="activating", sub="auto-restart", result="exit-code"), "", "again and again"),
        (unit(active="active", sub="running", restarts=1), "", "started again"),
        (unit(active="active", sub="running", invocation="two"), "one", "started again"),
        (unit(active="inactive", sub="dead", pid=None), "one", "ended by itself"),
    ],
)
def test_a_release_that_does_not_stay_is_found_out(state: UnitState, seen: str, said: str) -> None:
    assert said in trouble(state, seen)
    assert bool(trouble(state, seen)) is bool(said)


def test_a_unit_that_its_guard_did_not_start_has_not_failed() -> None:
    assert is_kept_still(unit(active="inactive", result="exec-condition"))
    assert not is_kept_still(unit(active="inactive", result="success"))
    assert not trouble(unit(active="inactive", result="exec-condition", pid=None), "")
