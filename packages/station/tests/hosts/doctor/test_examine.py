"""All checks are asked, side by side, and none of them stops another."""

import os
import threading
import time

import pytest

from station.clock import utc_now
from station.errors import StationError
from station.hosts.doctor.check import Check, Verdict, ok
from station.hosts.doctor.checks import CHECKS, chosen
from station.hosts.doctor.examine import examine
from station.hosts.doctor.here import here


@pytest.fixture
def asked(machines):
    """What is found by these checks on a machine, or on a folder."""

    def ask(*checks: Check, folders: bool = False, is_root: bool = True):
        fleet = machines(folders=folders)
        looked_at = here(fleet, fleet.hosts["pi1"], utc_now(), is_root=is_root)
        return examine(looked_at, checks, lambda name, done, total: None)

    return ask


def well(here):
    yield ok("", "well")


def fails_with(error: Exception):
    def ask(here):
        yield ok("first", "seen before it failed")
        raise error

    return ask


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (StationError("systemd does not answer"), "systemd does not answer"),
        (PermissionError(13, "Permission denied", "/etc/shadow"), "/etc/shadow cannot be read: Permission denied"),
        (ValueError("odd"), "the check itself failed (ValueError: odd), which is a bug"),
    ],
)
def test_a_check_that_fails_is_unknown_and_stops_no_other(asked, error: Exception, told: str) -> None:
    first, second = asked(Check("a", fails_with(error)), Check("b", well)).findings
    assert (first.verdict, first.evidence) == (Verdict.UNKNOWN, told)
    assert second.verdict is Verdict.OK


def test_a_check_that_hangs_is_left_behind(asked) -> None:
    never = threading.Event()
    began_s = time.monotonic()

    def hangs(here):
        never.wait(20)
        yield ok("", "too late")

    found = asked(Check("hangs", hangs, limit_s=0.3), Check("b", well)).findings
    assert time.monotonic() - began_s < 15
    assert [each.verdict for each in found] == [Verdict.UNKNOWN, Verdict.OK]
    assert found[0].evidence == "it did not end within 0.3 s"
    never.set()


def test_answers_stand_in_the_order_of_the_checks_however_long_each_takes(asked) -> None:
    def slow(here):
        time.sleep(0.3)
        yield ok("", "well")

    names = ["slow", *(f"quick {n}" for n in range(8))]
    checks = [Check(name, slow if name == "slow" else well) for name in names]
    assert [each.check for each in asked(*checks).findings] == names


def test_what_makes_no_sense_for_a_folder_is_left_out_and_named(asked) -> None:
    found = asked(Check("units", well), Check("disk", well, machine=False), folders=True)
    assert found.left_out == ("units",)
    assert [each.check for each in found.findings] == ["disk"]


def test_who_is_not_root_is_told_what_only_root_sees(asked) -> None:
    (found,) = asked(Check("secrets", well, root=True), is_root=False).findings
    assert (found.verdict, found.evidence) == (Verdict.UNKNOWN, "only root can see it")


def test_one_check_alone_can_be_asked() -> None:
    assert [check.name for check in chosen(only=["disk"])] == ["disk"]
    assert {check.name for check in chosen(quick=True)} < {check.name for check in CHECKS}


@pytest.mark.skipif(os.geteuid() != 0, reason="a user without rights sees less")
def test_a_machine_without_a_thing_of_the_manifest_fails_and_raises_nothing(asked) -> None:
    bugs = [each for each in asked(*CHECKS).findings if "bug" in each.evidence]
    assert bugs == []
