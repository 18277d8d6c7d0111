"""What is made of a run's outcome: several stores, notices, the log, and what a run by hand means for a nightly one."""

import os
import signal
from datetime import timedelta

from station.points.holding import locked

RETRY = 301 / 3600


def test_the_copy_goes_to_each_store_and_one_that_is_away_stops_no_other(night) -> None:
    host = night(stores=("disk", "usb", "cloud"))
    usb, cloud = host.others
    usb.path.rename(usb.path.with_name("away"))
    host.until(0)
    assert host.copies() == host.copies(cloud) == ["counter/main/database.db"]
    error = host.jobs.status()["jobs"]["copy"]["error"]
    assert error.startswith("The job copy of counter failed for 1 of 3: counter/main to usb: ")
    assert "counter/main to cloud copied" in error


def test_a_retry_does_only_what_is_missing(night) -> None:
    host = night(stores=("disk", "usb", "cloud"))
    usb, cloud = host.others
    usb.path.rename(usb.path.with_name("away"))
    host.until(0)
    usb.path.with_name("away").rename(usb.path)
    records = [store.path / "counter/main/database.db.json" for store in (host.store, cloud)]
    before = [record.stat().st_mtime_ns for record in records]
    host.until(RETRY)
    assert host.copies(usb) == ["counter/main/database.db"]
    assert [record.stat().st_mtime_ns for record in records] == before
    assert host.events()[-2:] == [
        "counter/main to disk was copied already; counter/main to usb copied: 8.2 kB; "
        "counter/main to cloud was copied already",
        "the portable copy works again",
    ]


def test_the_copy_goes_only_to_the_stores_that_it_is_for(night) -> None:
    host = night('stores = ["usb"]\n', stores=("disk", "usb"))
    host.until(0)
    assert host.copies(host.others[0]) == ["counter/main/database.db"]
    assert host.copies() == []


def test_a_notice_is_sent_for_each_night_that_failed_and_once_when_it_works_again(night, capfd) -> None:
    host = night()
    away = host.store.path.with_name("away")
    host.store.path.rename(away)
    host.until(0)
    host.until(RETRY)
    assert capfd.readouterr().err.count("job failed ") == 1
    host.until(24)
    assert capfd.readouterr().err.count("job failed ") == 1  # the next night
    host.start()
    host.until(RETRY)
    assert capfd.readouterr().err == ""  # a restarted agent remembers what it told
    away.rename(host.store.path)
    host.until(2)
    said = capfd.readouterr().err
    assert said.count("job recovered ") == 1 and "failed" not in said
    host.until(24)
    assert capfd.readouterr().err == ""
    assert host.events().count("the portable copy works again") == 1


def test_every_try_is_a_line_of_the_log_and_the_notice_says_what_to_do(night) -> None:
    host = night(log=True)
    away = host.store.path.with_name("away")
    host.store.path.rename(away)
    host.until(0)
    host.until(RETRY)
    away.rename(host.store.path)
    host.until(1)
    first, notice, second, done, recovered = host.log()
    assert first.startswith("failed app=counter job=copy host=one due=") and " tries=1 " in first
    assert notice.startswith('notice job failed app=counter job="the portable copy"') and " to_do=" in notice
    assert second.startswith("failed ") and " tries=2 " in second
    assert done.startswith("done ") and " tries=3 " in done and " bytes=8192 " in done
    assert recovered.startswith("notice job recovered ")


def test_a_run_that_ended_with_the_role_is_told_in_the_log(night) -> None:
    host = night(log=True)
    host.look()
    os.kill(host.units.status("counter")["copy"]["pid"], signal.SIGSTOP)
    host.units.run("counter", processes=False, loop="mirror")
    host.look(serving=False)
    assert host.log()[0].startswith("stopped app=counter job=copy ")
    assert host.log()[0].endswith('text="one is not primary any more"')


def test_a_run_by_hand_puts_the_nightly_one_off_and_only_a_long_one_is_a_failure(night, capfd) -> None:
    host = night(log=True)
    with locked(host.state / "copies-main.lock", "a copy by hand", "one"):
        host.until(0)
        assert capfd.readouterr().err == ""
        assert "is at it" in host.jobs.status()["jobs"]["copy"]["error"]
        host.until(RETRY)
        host.until(2 * RETRY)
        assert capfd.readouterr().err.count("job failed ") == 1
    host.until(4 * RETRY)
    assert [line.split()[0] for line in host.log()] == ["busy", "busy", "failed", "notice", "done", "notice"]


def test_two_runs_of_one_job_are_never_at_once(night) -> None:
    host = night()
    with locked(host.state / "job-copy.lock", "the other run", "one"):
        host.until(0)
    error = host.jobs.status()["jobs"]["copy"]["error"]
    assert error.startswith(f"The job copy of counter not started: process {os.getpid()} on one (since 20")
    host.now += timedelta(seconds=1)
    host.until(RETRY)
    assert host.copies() == ["counter/main/database.db"]
