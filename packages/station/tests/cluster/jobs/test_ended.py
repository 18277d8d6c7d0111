"""SIGTERM in the middle of a job: nothing half-made stays, the lock is free, and the next run works."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.points.point import DatabaseId
from station.points.taker import PointTaker

BIG = (
    "create table big (bytes blob);"
    "with recursive n(i) as (select 1 union all select i + 1 from n where i < 4000) "
    "insert into big select randomblob(10000) from n;"
)


@pytest.fixture
def host(night) -> Iterator[object]:
    made = night('[apps.counter.drill]\nat = "00:00"\n')
    made.sql(BIG)
    return made


def ended(host, job: str, scratch: Path) -> None:
    """SIGTERM comes while the job has something in its folder."""
    process = host.begin(job)
    deadline_s = time.monotonic() + 60
    while not any(file.is_file() and file.stat().st_size for file in scratch.rglob("*")):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline_s
        time.sleep(0.002)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (130, "interrupted\n")
    assert [file for file in scratch.rglob("*") if file.is_file()] == []


def test_a_copy_that_is_ended_leaves_nothing_and_the_next_is_whole(host) -> None:
    ended(host, "copy", host.state / "copies")
    assert host.copies() == []
    again = host.begin("copy")
    assert again.communicate(timeout=60)[0] == ""
    assert again.returncode == 0
    assert host.copies() == ["counter/main/database.db"]


def test_a_drill_that_is_ended_leaves_nothing_and_the_next_passes(host) -> None:
    with PointTaker(host.database, DatabaseId("counter", "main"), host.store, host.state, "one") as taker:
        taker.take(1, host.now, still_ours=lambda: None)
    ended(host, "drill", host.state / "drill")
    assert list(host.store.list("counter/main/drills/")) == []
    again = host.begin("drill")
    assert "passed: " in again.communicate(timeout=60)[1]
    assert again.returncode == 0
    assert len(list(host.store.list("counter/main/drills/"))) == 1


def test_the_second_of_two_runs_says_who_is_at_it_and_a_dead_holders_lock_is_free(host) -> None:
    first = host.begin("copy")
    lock = host.state / "job-copy.lock"
    deadline_s = time.monotonic() + 60
    while not (lock.exists() and lock.read_text()):
        assert time.monotonic() < deadline_s
        time.sleep(0.002)
    first.send_signal(signal.SIGSTOP)
    second = host.begin("copy")
    said = second.communicate(timeout=60)[1]
    assert second.returncode == 12
    assert f"process {first.pid} on one (since 2" in said
    first.kill()
    first.communicate()
    third = host.begin("copy")
    third.communicate(timeout=60)
    assert third.returncode == 0
    assert host.copies() == ["counter/main/database.db"]
    assert not any((host.state / "copies" / "main").iterdir())
