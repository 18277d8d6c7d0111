"""Jobs at set times: done once a night, made up when missed, tried again when they fail. The job is a real process."""

import os
import signal
import sqlite3
import time as clock
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from station.cluster.jobs import report_file
from station.cluster.schedule import next_due, start_of
from station.points.point import DatabaseId
from station.points.taker import PointTaker


def test_the_copy_is_made_in_the_night_and_once(night) -> None:
    host = night()
    host.until(0)  # a fleet without any copy gets one at once
    assert host.copies() == ["counter/main/database.db"]
    assert host.events()[-1].startswith("counter/main copied: ")
    host.sql("insert into t values (2)")
    told = len(host.events())
    host.until(5)
    assert len(host.events()) == told
    host.until(2)
    assert len(host.events()) == told + 1
    with closing(sqlite3.connect(host.store.path / "counter/main/database.db")) as copy:
        assert copy.execute("select count(*) from t").fetchone() == (2,)
    host.until(12)
    assert len(host.events()) == told + 1


def test_a_host_that_became_primary_a_moment_ago_is_left_in_peace(night) -> None:
    host = night()
    host.mono_s -= 1
    host.look()
    assert not host.runs()
    host.mono_s += 1
    host.look()
    assert host.runs()


def test_a_missed_night_is_made_up_once(night) -> None:
    host = night()
    host.until(0)
    host.sql("insert into t values (2)")
    host.now += timedelta(hours=36)  # the machine was off
    told = len(host.events())
    host.start()
    host.until(0)
    host.until(0.1)
    assert len(host.events()) == told + 1


def test_a_restarted_agent_does_not_do_it_again(night) -> None:
    host = night()
    host.until(0)
    told = len(host.events())
    host.start()
    host.look()
    assert not host.runs()
    assert len(host.events()) == told


def test_what_another_host_did_this_night_is_not_done_again(night) -> None:
    host = night()
    host.until(0)
    (host.state / "jobs.json").unlink()  # as on a host that has just become primary
    before = (host.store.path / "counter/main/database.db.json").read_bytes()
    host.start()
    host.until(0)
    assert host.events()[-1] == "counter/main was copied already"
    assert (host.store.path / "counter/main/database.db.json").read_bytes() == before


def test_a_failure_is_told_once_and_tried_again_after_a_growing_pause(night) -> None:
    host = night()
    host.store.path.rename(host.store.path.with_name("away"))
    host.until(0)
    assert host.events()[-1].startswith("the portable copy failed: ")
    assert "is gone" in host.jobs.status()["jobs"]["copy"]["error"]
    told = len(host.events())
    host.look()
    assert not host.runs()
    host.until(301 / 3600)
    assert len(host.events()) == told
    host.store.path.with_name("away").rename(host.store.path)
    host.mono_s += 301
    host.look()
    assert not host.runs()  # the second pause is twice as long
    host.until(300 / 3600)
    assert host.jobs.status()["jobs"]["copy"]["error"] is None
    assert host.copies() == ["counter/main/database.db"]


def test_a_job_that_is_killed_is_a_failure_and_leaves_nothing(night) -> None:
    host = night()
    host.look()
    assert host.runs()
    pid = host.units.status("counter")["copy"]["pid"]
    assert isinstance(pid, int)
    os.kill(pid, signal.SIGKILL)
    host.until(0)
    assert "var/log/counter-copy.log" in host.jobs.status()["jobs"]["copy"]["error"]
    host.until(0.1)
    assert host.copies() == ["counter/main/database.db"]


def test_a_host_that_serves_no_more_ends_its_job(night) -> None:
    host = night()
    host.look()
    pid = host.units.status("counter")["copy"]["pid"]
    began_s = clock.monotonic()
    host.units.run("counter", processes=False, loop="mirror")
    host.look(serving=False)
    assert clock.monotonic() - began_s < 20
    assert not Path(f"/proc/{pid}").exists()
    assert not host.runs()
    assert host.events() == []


def test_a_drill_runs_at_its_own_time_and_is_told(night) -> None:
    host = night('[apps.counter.drill]\nat = "00:00"\n')
    with PointTaker(host.database, DatabaseId("counter", "main"), host.store, host.state, "one") as taker:
        taker.take(1, host.now, still_ours=lambda: None)
    host.look()
    deadline_s = clock.monotonic() + 60
    while host.runs("drill") or host.runs("copy"):
        assert clock.monotonic() < deadline_s
        clock.sleep(0.02)
        host.look()
    assert any(text.startswith("drill of counter/main passed: ") for text in host.events())
    status = host.jobs.status()
    assert status["drills"]["main"]["passed"]
    assert status["jobs"]["drill"]["next_at"].endswith("T00:00:00.000Z")


def test_a_torn_note_of_what_was_done_is_no_reason_to_fail(night) -> None:
    host = night()
    (host.state / "jobs.json").write_text('{"copy": {"due": 3')
    report_file(host.state, "copy").write_text("[]")
    host.start()
    host.until(0)
    assert host.copies() == ["counter/main/database.db"]


def test_it_begins_when_its_jitter_is_over_and_not_before(night) -> None:
    host = night()
    host.until(0)
    due = next_due(host.app.copy, host.now)
    begins = start_of(host.app.copy, due, "counter copy")
    assert begins > due
    host.now = begins - timedelta(milliseconds=1)
    host.look()
    assert not host.runs()
    host.now = begins
    host.look()
    assert host.runs()
