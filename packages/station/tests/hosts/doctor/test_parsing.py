"""What the machine tells in texts of its own: throttling, worn cards, read-only disks, times and timers."""

from datetime import UTC, datetime

import pytest

from station.hosts.doctor.hardware import life_time, throttled
from station.hosts.doctor.machine import read_only
from station.hosts.doctor.releases import _module
from station.hosts.doctor.running import _next, active_for_s


@pytest.mark.parametrize(
    ("bits", "now", "before"),
    [
        (0x0, [], []),
        (0x1, ["too little voltage"], []),
        (0x50000, [], ["too little voltage", "throttled"]),
        (0x50005, ["too little voltage", "throttled"], ["too little voltage", "throttled"]),
        (0x80008, ["near its temperature limit"], ["near its temperature limit"]),
        (0x20002, ["processor slowed down"], ["processor slowed down"]),
    ],
)
def test_the_firmwares_bits_say_what_is_and_what_was(bits: int, now: list[str], before: list[str]) -> None:
    assert throttled(bits) == (now, before)


@pytest.mark.parametrize(
    ("text", "tenths"), [("0x01 0x03\n", 3), ("0x0b 0x01\n", 11), ("0x00 0x00\n", None), ("", None), ("none", None)]
)
def test_of_a_cards_two_values_the_worse_one_counts(text: str, tenths: int | None) -> None:
    assert life_time(text) == tenths


def test_a_file_system_is_stopped_when_it_says_so_itself_and_not_when_a_mount_of_it_is_closed() -> None:
    mounts = (
        "22 1 179:2 / / ro,noatime shared:1 - ext4 /dev/mmcblk0p2 rw\n"  # as a unit with ProtectSystem= sees it
        "23 22 179:3 / /srv rw,noatime shared:2 - ext4 /dev/mmcblk0p3 ro,errors=remount-ro\n"
        "24 22 179:4 / /data rw shared:3 - ext4 /dev/sda1 rw,emergency_ro\n"
    )
    assert read_only(mounts) == {"/srv", "/data"}


def test_how_long_a_unit_runs_is_told_by_its_time_in_utc() -> None:
    now = datetime(2026, 11, 21, 9, 1, tzinfo=UTC)
    assert active_for_s("Sat 2026-11-21 09:00:00 UTC", now) == 60
    assert active_for_s("", now) is None


def test_a_timer_is_told_by_its_time_or_by_how_long_it_takes_yet(monkeypatch) -> None:
    monkeypatch.setattr("time.clock_gettime", lambda clock: 3600.0)
    assert _next("Sun 2026-11-22 04:10:00 UTC") == "next Sun 2026-11-22 04:10:00 UTC"
    assert _next("1h 2min 5.5s after the start of the machine") == "next in 126 s"
    assert _next("") == "next when this run is over"


@pytest.mark.parametrize(
    ("command", "begins_with"),
    [
        (("python", "-m", "backend.server"), "backend.server"),
        (("/opt/x/bin/python3.11", "-m", "x", "--y"), "x"),
        (("python", "-c", "print()"), ""),
        (("bookedbiz", "serve"), "program:bookedbiz"),
        (("bin/counter",), ""),
    ],
)
def test_what_a_command_begins_with_is_a_module_or_a_program_that_leads_to_one(command, begins_with: str) -> None:
    assert _module(command) == begins_with
