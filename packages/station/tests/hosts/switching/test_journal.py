"""The journal of a switch: who may start what while one is under way, cut, or over."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.errors import Busy, StationError
from station.fleet import Fleet, Host
from station.hosts.switching import journal as journals
from station.hosts.switching.journal import Journal, Phase

APP = "bookedbiz"
HOLD = """
import fcntl, sys, time
file = open(sys.argv[1], "a+")
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def host(fleet: Fleet) -> Host:
    return fleet.hosts["pi-ctv"]


@pytest.fixture
def other(host: Host) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock of the app's deploys."""
    lock = journals.lock_file(host, APP)
    lock.parent.mkdir(parents=True)
    command = [sys.executable, "-I", "-S", "-c", HOLD, str(lock)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def begun(phase: Phase = Phase.CHANGING) -> Journal:
    databases, started = ("main",), ("bookedbiz-points.service",)
    return Journal(APP, "held", "one", "two", "2026-11-21T09:00:00.000Z", phase, databases, started)


def test_what_was_written_down_is_read_again(host: Host) -> None:
    journals.write(host, begun())
    assert journals.read(host, APP) == begun()
    journals.remove(host, APP)
    assert journals.read(host, APP) is None


def test_a_switch_is_cut_when_its_holder_is_gone(host: Host, other: "subprocess.Popen[str]") -> None:
    journals.write(host, begun())
    assert journals.is_under_way(host, APP)
    assert not journals.is_cut(host, APP)
    other.kill()
    other.wait()
    assert not journals.is_under_way(host, APP)
    assert journals.is_cut(host, APP)


def test_without_a_journal_nothing_is_cut_and_anything_may_start(host: Host) -> None:
    assert not journals.is_cut(host, APP)
    assert journals.stillness(host, APP) == ""


@pytest.mark.parametrize("phase", Phase)
def test_nothing_starts_once_a_switch_was_cut(host: Host, phase: Phase) -> None:
    journals.write(host, begun(phase))
    assert "was cut" in journals.stillness(host, APP)


@pytest.mark.parametrize(
    ("phase", "may_start"),
    [
        (Phase.PREPARING, True),
        (Phase.STOPPING, False),
        (Phase.CHANGING, False),
        (Phase.TRYING, True),
        (Phase.PROVEN, True),
        (Phase.UNDOING, False),
        (Phase.UNDONE, True),
    ],
)
@pytest.mark.usefixtures("other")
def test_no_code_comes_to_a_database_that_is_being_changed(host: Host, phase: Phase, may_start: bool) -> None:
    journals.write(host, begun(phase))
    assert (journals.stillness(host, APP) == "") is may_start


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 2}', '{"format": 1, "databases": []'])
def test_nothing_starts_while_a_journal_cannot_be_read(host: Host, text: str) -> None:
    file = journals.journal_file(host, APP)
    file.parent.mkdir(parents=True)
    file.write_text(text)
    with pytest.raises(StationError, match="cannot be read"):
        journals.read(host, APP)
    assert "cannot be read" in journals.stillness(host, APP)


@pytest.mark.usefixtures("other")
def test_two_deploys_of_an_app_are_not_under_way_at_once(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journals, "_FLICKER_S", 0.1)
    with pytest.raises(Busy, match="is at it"), journals.holding(host, APP, "Deploy"):
        pass


def test_asking_whether_a_deploy_is_under_way_refuses_none(host: Host) -> None:
    lock: Path = journals.lock_file(host, APP)
    with journals.holding(host, APP, "Deploy"):
        assert journals.is_under_way(host, APP)
    assert lock.exists()
    assert not journals.is_under_way(host, APP)
