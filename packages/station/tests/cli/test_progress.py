"""What is told while something long goes on: figures, lines where there is no terminal, a bar where there is one."""

import os
import pty
import subprocess
import sys
import termios
import threading
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest

from station.cli.progress import Course, lines, sending
from station.cli.watched import Watched, newest_chain_bytes, stored_bytes
from station.clock import utc_now
from station.cluster.roles import write_epoch
from station.points.catalog import list_points
from station.points.point import DatabaseId
from station.points.restore import restore
from station.stores.meter import Meter

STATION = Path(sys.executable).with_name("station")
IDENTITY = DatabaseId("bookedbiz", "main")


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_bytes_rate_and_time_left_are_told(clock: Clock) -> None:
    course = Course("sending", 40_000_000, clock_s=clock)
    assert course.figures() == ""
    clock.now_s += 5
    course.by(10_000_000)
    assert course.figures() == "10.0 MB of 40.0 MB, 2.0 MB/s, 15 s left"


def test_without_a_total_bytes_and_rate_are_told(clock: Clock) -> None:
    course = Course("reading", clock_s=clock)
    clock.now_s += 2
    course.by(3_000_000)
    assert course.figures() == "3.0 MB, 1.5 MB/s"


def test_another_step_begins_from_nothing(clock: Clock) -> None:
    course = Course("copying", clock_s=clock)
    clock.now_s += 2
    course.to(5, 5)
    course.step("sending", 5)
    assert (course.title, course.done, course.total, course.figures()) == ("sending", 0, 5, "")


def test_more_bytes_than_were_expected_leave_no_time_below_nothing(clock: Clock) -> None:
    course = Course("sending", 10, clock_s=clock)
    clock.now_s += 1
    course.by(30)
    assert course.figures() == "30 B of 30 B, 30 B/s, 0 s left"


def test_without_a_terminal_short_work_is_told_nothing_and_long_work_twice_a_minute(clock: Clock) -> None:
    told: list[str] = []
    course = Course("sending x", 1000, on_change=lines(told.append, clock), clock_s=clock)
    for _ in range(100):
        clock.now_s += 1
        course.by(1)
        if clock.now_s == 129:
            assert told == []
    assert told[0] == "sending x: 30 B of 1.0 kB, 1 B/s, 17 min left\n"
    assert len(told) == 3


def test_what_a_store_sends_is_heard_only_while_somebody_listens() -> None:
    meter, heard = Meter(), list[int]()
    store = SimpleNamespace(meter=meter)
    with sending(store, heard.append):  # type: ignore[arg-type]
        meter.sent(7)
    meter.sent(9)
    assert heard == [7]


def test_every_byte_of_an_object_is_counted_and_records_are_read_once(yard, tmp_path: Path, monkeypatch) -> None:
    heard, opened = list[int](), list[str]()
    real = yard.store.open
    monkeypatch.setattr(type(yard.store), "open", lambda self, key: opened.append(key) or real(key))
    watched = Watched(yard.store, heard.append)
    (newest,) = list_points(watched, IDENTITY)[-1:]
    restore(watched, newest, tmp_path / "back.db")
    objects = sum(point.object_bytes for point in yard.points)
    assert sum(heard) == objects == stored_bytes(yard.store, IDENTITY.prefix)
    assert newest_chain_bytes(yard.store, IDENTITY.prefix) == objects
    assert len(opened) == len(set(opened))


def test_a_watched_store_has_what_the_store_has_besides(yard) -> None:
    yard.store.cipher = "a cipher"
    assert Watched(yard.store, lambda amount: None).cipher == "a cipher"


def _seen(command: list[object]) -> str:
    """What a terminal shows of stderr while the command runs."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 120))
    parts: list[bytes] = []

    def read() -> None:
        try:
            while block := os.read(ours, 65536):
                parts.append(block)
        except OSError:  # the other end is closed
            return

    reader = threading.Thread(target=read)
    reader.start()
    done = subprocess.run(
        [str(word) for word in command], stdout=subprocess.PIPE, stderr=theirs, timeout=60, check=True
    )
    os.close(theirs)
    reader.join(10)
    os.close(ours)
    assert len(done.stdout.splitlines()) == 1
    return b"".join(parts).decode()


def test_an_upload_tells_what_is_copied_and_then_what_is_sent(yard, station, monkeypatch) -> None:
    from station.cli import copies, progress

    told: list[tuple[str, int, int | None]] = []
    monkeypatch.setattr(copies, "progress", lambda title: nullcontext(Course(title, on_change=see)))

    def see(course: progress.Course) -> None:
        told.append((course.title, course.done, course.total))

    write_epoch(yard.fleet.hosts["pi-ctv"].paths.state("bookedbiz"), 1, utc_now())
    done = station("db", "upload", "--json")
    assert done.code == 0
    assert {title for title, _, _ in told} == {"sending bookedbiz/main to disk"}  # so small a copy is made at once
    assert told[-1][1] > done.json["bytes"]  # the file and its record


def test_on_a_terminal_the_steps_of_a_restore_are_shown_and_stdout_has_the_result_alone(yard) -> None:
    target = yard.folder / "back.db"
    command = [STATION, "--fleet", yard.folder / "fleet.toml", "db", "restore", "--to", target, "--json"]
    shown = _seen(command)
    assert "restoring to back.db" in shown or "checking back.db" in shown
    assert f"point {yard.points[-1].name}" in shown
