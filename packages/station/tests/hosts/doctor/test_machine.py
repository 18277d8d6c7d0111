"""What is asked of the machine itself, as far as this one can tell."""

import os
from datetime import timedelta

import pytest

from station.clock import utc_now
from station.hosts.doctor.check import Verdict
from station.hosts.doctor.here import here
from station.hosts.doctor.machine import clock, disk, drives, room

MOUNT = '\n[hosts.pi1.mounts.k]\nshare = "//server/K"\nat = "{}"\n'


def test_a_clock_that_is_behind_what_was_written_already_is_noticed(machines) -> None:
    fleet = machines()
    (said,) = clock(here(fleet, fleet.hosts["pi1"], utc_now() - timedelta(hours=2), is_root=True))
    assert said.verdict is Verdict.FAILED
    assert "something was written at" in said.evidence


def test_a_clock_that_nothing_contradicts_is_not_called_wrong(machines) -> None:
    fleet = machines()
    (said,) = clock(here(fleet, fleet.hosts["pi1"], utc_now(), is_root=True))
    assert said.verdict is not Verdict.FAILED


def test_each_file_system_is_told_of_once(machines) -> None:
    fleet = machines()
    about = [said.about for said in disk(here(fleet, fleet.hosts["pi1"], utc_now(), is_root=True))]
    assert "/" in about
    assert len(about) == len(set(about))


@pytest.mark.parametrize(
    ("total", "free", "inodes", "verdict"),
    [
        (100 * 10**9, 16 * 10**9, 0.1, Verdict.OK),
        (100 * 10**9, 14 * 10**9, 0.1, Verdict.WARNING),
        (100 * 10**9, 16 * 10**9, 0.9, Verdict.WARNING),
        (100 * 10**9, 4 * 10**9, 0.1, Verdict.FAILED),
        (100 * 10**9, 16 * 10**9, 0.96, Verdict.FAILED),
        (10**9, 190 * 10**6, 0.1, Verdict.FAILED),  # less than an app needs, though it is 19 %
        (500 * 10**6, 190 * 10**6, 0.1, Verdict.OK),  # a small one is meant to be small
        (0, 0, 0.0, Verdict.OK),
    ],
)
def test_room_is_judged(total: int, free: int, inodes: float, verdict: Verdict) -> None:
    assert room("/", total, free, inodes).verdict is verdict


@pytest.mark.skipif(os.geteuid() != 0, reason="looks into the drive as root")
def test_a_drive_that_was_not_mounted_is_noticed_though_its_folder_is_there(machines, tmp_path) -> None:
    (tmp_path / "k").mkdir()
    for at, told in (("k", "nothing was mounted"), ("gone", "cannot look into")):
        fleet = machines(MOUNT.format(tmp_path / at))
        (said,) = drives(here(fleet, fleet.hosts["pi1"], utc_now(), is_root=True))
        assert said.verdict is Verdict.FAILED
        assert told in said.evidence
