"""Work is taken in turns and in order, comes again after a failure or a crash, and poison is given up."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pivision.queue import (
    claim,
    claim_run,
    dead,
    done,
    extend,
    failed,
    give_back_all,
    give_back_expired,
    revive,
    waiting,
)
from pivision.queue.leases import LONGEST_RETRY_S, retry_s
from pivision.queue.statements import SQL
from station_kit.sqlitefile import open_database, transaction
from station_kit.statements import compile_errors

Store = Callable[..., int]


def after(now: datetime, seconds: float) -> datetime:
    return now + timedelta(seconds=seconds)


def status_of(db: sqlite3.Connection, capture_id: int) -> str:
    return str(db.execute("SELECT status FROM capture WHERE id = ?", (capture_id,)).fetchone()[0])


def test_every_statement_runs_on_the_schema(db: sqlite3.Connection) -> None:
    assert compile_errors(db, SQL) == []


def test_devices_take_turns_and_each_is_served_in_order(db: sqlite3.Connection, store: Store, now: datetime) -> None:
    jobs = {device: [store(device) for _ in range(3)] for device in (1, 2, 3)}
    taken: list[tuple[int, int]] = []
    while (found := claim(db, "w", now)) is not None:
        taken.append((found.device_id, found.job_id))
        done(db, found.job_id)
    assert [device for device, _ in taken] == [1, 2, 3] * 3
    for device, mine in jobs.items():
        assert [job for of, job in taken if of == device] == mine


def test_a_device_with_a_long_queue_does_not_starve_the_others(
    db: sqlite3.Connection, store: Store, now: datetime
) -> None:
    for _ in range(20):
        store(1)
    first = claim(db, "w", now)
    assert first is not None
    done(db, first.job_id)
    late = store(3)
    second = claim(db, "w", now)
    assert second is not None and second.job_id == late


def test_a_device_in_work_gives_nothing_more(db: sqlite3.Connection, store: Store, now: datetime) -> None:
    store(1)
    store(1)
    assert claim(db, "a", now) is not None
    assert claim(db, "b", now) is None


def test_a_run_is_of_one_device_in_order(db: sqlite3.Connection, store: Store, now: datetime) -> None:
    mine = [store(2) for _ in range(5)]
    store(3)
    assert [each.job_id for each in claim_run(db, "w", now, most=4)] == mine[:4]
    assert [each.device_id for each in claim_run(db, "w", now, most=4)] == [3]


def test_a_failed_picture_holds_back_the_later_ones_of_its_device_only(
    db: sqlite3.Connection, store: Store, now: datetime
) -> None:
    first, second, other = store(1), store(1), store(2)
    assert (taken := claim(db, "w", now)) and taken.job_id == first
    assert failed(db, first, "no such file", now, jitter=lambda: 0.0)
    assert (taken := claim(db, "w", now)) and taken.job_id == other
    done(db, other)
    assert claim(db, "w", after(now, 1.9)) is None
    assert [each.job_id for each in claim_run(db, "w", after(now, 2.1), most=5)] == [first, second]


def test_the_fifth_failure_gives_it_up_and_lets_the_others_pass(
    db: sqlite3.Connection, store: Store, now: datetime
) -> None:
    first, second = store(1), store(1)
    for attempt in range(5):
        taken = claim(db, "w", after(now, attempt * 400))
        assert taken is not None and taken.job_id == first
        assert failed(db, first, "broken", after(now, attempt * 400)) is (attempt < 4)
    assert status_of(db, taken.capture_id) == "failed"
    assert [each.last_error for each in dead(db)] == ["broken"]
    assert (taken := claim(db, "w", after(now, 2000))) and taken.job_id == second


def test_a_lease_that_ended_makes_the_job_wait_again(db: sqlite3.Connection, store: Store, now: datetime) -> None:
    job = store(1)
    claim(db, "w", now)
    assert give_back_expired(db, after(now, 59)) == 0
    assert give_back_expired(db, after(now, 61)) == 1
    taken = claim(db, "v", after(now, 61))
    assert taken is not None and (taken.job_id, taken.attempts, taken.kills) == (job, 2, 1)


def test_an_extended_lease_does_not_end(db: sqlite3.Connection, store: Store, now: datetime) -> None:
    job = store(1)
    claim(db, "w", now)
    assert extend(db, [job], "w", after(now, 50)) == 1
    assert extend(db, [job], "another", after(now, 50)) == 0
    assert give_back_expired(db, after(now, 100)) == 0


def test_whoever_lost_the_lease_may_not_say_done(db: sqlite3.Connection, store: Store, now: datetime) -> None:
    job = store(1)
    claim(db, "slow", now)
    give_back_expired(db, after(now, 61))
    claim(db, "quick", after(now, 61))
    assert not done(db, job, "slow")
    assert done(db, job, "quick")


def test_done_belongs_to_the_callers_transaction(db: sqlite3.Connection, store: Store, now: datetime) -> None:
    job = store(1)
    claim(db, "w", now)
    with pytest.raises(RuntimeError), transaction(db):
        done(db, job)
        raise RuntimeError
    assert waiting(db).running == 1


def test_a_picture_that_ended_three_workers_is_poison(db: sqlite3.Connection, store: Store, now: datetime) -> None:
    first, second = store(1), store(1)
    for turn in range(3):
        claim(db, f"w{turn}", after(now, turn * 100))
        assert give_back_all(db, after(now, turn * 100 + 1)) == 1
    assert [each.job_id for each in dead(db)] == [first]
    assert (taken := claim(db, "w", after(now, 400))) and taken.job_id == second


def test_after_a_crash_each_of_a_run_comes_alone(db: sqlite3.Connection, store: Store, now: datetime) -> None:
    jobs = [store(1) for _ in range(3)]
    claim_run(db, "w", now, most=3)
    give_back_all(db, now)
    for job in jobs:
        assert [each.job_id for each in claim_run(db, "v", now, most=3)] == [job]
        done(db, job)


def test_a_run_ends_before_a_picture_that_ended_a_worker(db: sqlite3.Connection, store: Store, now: datetime) -> None:
    first, second, third = store(1), store(1), store(1)
    db.execute("UPDATE job SET kills = 1 WHERE id = ?", (second,))
    for job in (first, second, third):
        assert [each.job_id for each in claim_run(db, "w", now, most=3)] == [job]
        done(db, job)


def test_a_dead_job_is_taken_up_again_on_demand(db: sqlite3.Connection, store: Store, now: datetime) -> None:
    job = store(1)
    for _ in range(3):
        claim(db, "w", now)
        give_back_all(db, now)
    assert claim(db, "w", now) is None
    assert revive(db, job, now) and not revive(db, job, now)
    assert (taken := claim(db, "w", now)) and (taken.job_id, taken.attempts) == (job, 1)


def test_a_clock_that_was_set_back_holds_nothing_up(db: sqlite3.Connection, store: Store, now: datetime) -> None:
    store(1)
    store(2)
    years_on = after(now, 3 * 365 * 86_400)
    assert claim(db, "w", years_on) is not None  # its lease ends in three years
    taken = claim(db, "w", years_on)
    assert taken is not None
    failed(db, taken.job_id, "later", years_on)
    assert claim(db, "w", now) is None
    assert give_back_expired(db, now) == 1
    assert {claim(db, "w", now).device_id, claim(db, "w", now).device_id} == {1, 2}  # type: ignore[union-attr]


def test_what_came_before_the_clock_was_set_back_waits_for_nothing(
    db: sqlite3.Connection, store: Store, now: datetime
) -> None:
    jobs = [store(1) for _ in range(5)]
    years_ago = after(now, -5 * 365 * 86_400)
    assert [each.job_id for each in claim_run(db, "w", years_ago, most=8)] == jobs


def test_what_waits_is_counted_by_device(db: sqlite3.Connection, store: Store, now: datetime) -> None:
    store(1, ago_s=90)
    store(1, ago_s=10)
    store(2)
    found = waiting(db)
    assert [each.jobs for each in found.devices] == [2, 1, 0]
    assert (found.jobs, found.lag_s(now), found.devices[1].lag_s(now)) == (3, 90, 0)


@given(st.integers(1, 1000), st.floats(0, 1))
def test_a_retry_waits_longer_each_time_and_never_over_five_minutes(attempts: int, jitter: float) -> None:
    waits = retry_s(attempts, jitter)
    assert 2 <= waits <= LONGEST_RETRY_S
    assert retry_s(attempts + 1, 0) >= min(LONGEST_RETRY_S, waits / 1.5)


_WORKER = """
import os, sys, time
from datetime import UTC, datetime
from pathlib import Path
from pivision.queue import claim
from station_kit.sqlitefile import open_database
db = open_database(Path(sys.argv[1]))
print(claim(db, str(os.getpid()), datetime.fromisoformat(sys.argv[2])).job_id, flush=True)
time.sleep(60)
"""


def test_a_killed_workers_picture_is_looked_at_by_the_next(path: Path, store: Store, now: datetime) -> None:
    job = store(1)
    with subprocess.Popen(
        [sys.executable, "-c", _WORKER, str(path), now.isoformat()], stdout=subprocess.PIPE
    ) as worker:
        assert worker.stdout is not None
        assert int(worker.stdout.readline()) == job
        os.kill(worker.pid, signal.SIGKILL)
    db = open_database(path)
    assert claim(db, "next", now) is None
    give_back_all(db, now)
    assert (taken := claim(db, "next", now)) and taken.job_id == job
    db.close()
