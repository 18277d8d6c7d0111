"""Take work for a while, and say how it ended. Every function is a short transaction of its own, but for `done`."""

import random
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pivision.moments import utc_text
from pivision.queue.statements import SQL
from station_kit.sqlitefile import transaction

LEASE_S = 60.0
MOST_ATTEMPTS = 5
MOST_KILLS = 3  # a picture that ended so many workers is poison
FIRST_RETRY_S = 2.0  # doubled at each attempt
LONGEST_RETRY_S = 300.0
_LONGEST_LEASE_S = 3600.0  # a lease that lasts longer was written by a clock that has been set back since


@dataclass(frozen=True)
class Claimed:
    """A picture to look at. `kills`: so many workers ended with it in their hands."""

    job_id: int
    device_id: int
    capture_id: int
    attempts: int
    kills: int


def claim(db: sqlite3.Connection, owner: str, now: datetime, lease_s: float = LEASE_S) -> Claimed | None:
    """The next device's oldest picture, or None: the devices take turns, each in the order its pictures came.

    `owner` names this very process, no other has the same. Nothing durable is needed: a lost lease is work that waits.
    """
    taken = claim_run(db, owner, now, lease_s, most=1)
    return taken[0] if taken else None


def claim_run(
    db: sqlite3.Connection, owner: str, now: datetime, lease_s: float = LEASE_S, *, most: int
) -> list[Claimed]:
    """Up to `most` pictures of the next device, in their order. One that ended a worker before comes alone."""
    at = utc_text(now)
    if db.execute(SQL["any_waits"]).fetchone() is None:  # asked after each run: no lock is taken for nothing
        return []
    with transaction(db):
        head = _next_head(db, at)
        if head is None:
            return []
        jobs = [head["job_id"]] if most == 1 or head["kills"] else _run(db, head["device_id"], at, most)
        until = utc_text(now + timedelta(seconds=lease_s))
        taken = [_take(db, job, owner, until) for job in jobs]
        db.execute("UPDATE queue_turn SET device_id = ? WHERE one = 1", (head["device_id"],))
    return taken


def done(db: sqlite3.Connection, job_id: int, owner: str | None = None) -> bool:
    """The job is over and gone; call it in the transaction that writes what came of it.

    With `owner`: False, and nothing changes, when the lease went to somebody else meanwhile.
    """
    gone = db.execute(
        "DELETE FROM job WHERE id = :job_id AND (:owner IS NULL OR (status = 'running' AND lease_owner = :owner))",
        {"job_id": job_id, "owner": owner},
    )
    return gone.rowcount == 1


def failed(
    db: sqlite3.Connection, job_id: int, error: str, now: datetime, *, jitter: Callable[[], float] = random.random
) -> bool:
    """The job comes again later, and holds back its device's later pictures until then. False: it is given up."""
    with transaction(db):
        row = db.execute("SELECT attempts FROM job WHERE id = ? AND status = 'running'", (job_id,)).fetchone()
        if row is None:
            return False
        if row["attempts"] >= MOST_ATTEMPTS:
            _bury(db, job_id, error, now)
            return False
        again = now + timedelta(seconds=retry_s(row["attempts"], jitter()))
        db.execute(
            "UPDATE job SET status = 'queued', lease_owner = NULL, lease_until = NULL, run_after = ?, last_error = ?"
            " WHERE id = ?",
            (utc_text(again), error, job_id),
        )
    return True


def retry_s(attempts: int, jitter: float) -> float:
    """How long to wait after so many attempts: 2, 4, 8 … s and up to a half more by `jitter` (0..1), 5 min at most."""
    return min(LONGEST_RETRY_S, FIRST_RETRY_S * 2.0 ** min(attempts - 1, 30) * (1 + jitter / 2))


def extend(db: sqlite3.Connection, jobs: Sequence[int], owner: str, now: datetime, lease_s: float = LEASE_S) -> int:
    """How many of the jobs are still `owner`'s; they stay so for `lease_s` more."""
    until = utc_text(now + timedelta(seconds=lease_s))
    kept = 0
    with transaction(db):
        for job in jobs:
            kept += db.execute(
                "UPDATE job SET lease_until = ? WHERE id = ? AND status = 'running' AND lease_owner = ?",
                (until, job, owner),
            ).rowcount
    return kept


def give_back_expired(db: sqlite3.Connection, now: datetime) -> int:
    """How many jobs waited in the hands of a worker that is gone: they are queued again, or given up as poison.

    At the start and every 30 s. Whatever a clock that has been set back wrote is put right, too.
    """
    return _give_back(db, now, expired_at=now)


def give_back_all(db: sqlite3.Connection, now: datetime) -> int:
    """The same for every job in work, of whatever lease: for a worker that knows it is the only one, at its start."""
    return _give_back(db, now, expired_at=datetime.max.replace(tzinfo=now.tzinfo))


def _give_back(db: sqlite3.Connection, now: datetime, *, expired_at: datetime) -> int:
    latest = utc_text(now + timedelta(seconds=_LONGEST_LEASE_S))
    with transaction(db):
        rows = db.execute(SQL["expired"], {"now": utc_text(expired_at), "latest": latest}).fetchall()
        for row in rows:
            kills = row["kills"] + 1
            db.execute("UPDATE job SET kills = ? WHERE id = ?", (kills, row["job_id"]))
            if kills >= MOST_KILLS or row["attempts"] >= MOST_ATTEMPTS:
                _bury(db, row["job_id"], f"{kills} workers ended while they looked at it", now)
            else:
                db.execute(
                    "UPDATE job SET status = 'queued', lease_owner = NULL, lease_until = NULL, run_after = ?"
                    " WHERE id = ?",
                    (utc_text(now), row["job_id"]),
                )
        db.execute(SQL["bring_near"], {"now": utc_text(now), "latest": latest})
    return len(rows)


def _next_head(db: sqlite3.Connection, at: str) -> sqlite3.Row | None:
    """From the device after the last one on, then from the first."""
    last = db.execute("SELECT device_id FROM queue_turn WHERE one = 1").fetchone()["device_id"]
    for after, until in ((last, 2**62), (0, last)):
        found: sqlite3.Row | None = db.execute(SQL["next_head"], {"after": after, "until": until, "now": at}).fetchone()
        if found is not None:
            return found
    return None


def _run(db: sqlite3.Connection, device_id: int, at: str, most: int) -> list[int]:
    """The device's first jobs up to one that has to wait, or that comes alone."""
    jobs: list[int] = []
    for row in db.execute(SQL["run_of"], {"device_id": device_id, "most": most}):
        if row["kills"] or (row["attempts"] and row["run_after"] > at):
            break
        jobs.append(row["job_id"])
    return jobs


def _take(db: sqlite3.Connection, job_id: int, owner: str, until: str) -> Claimed:
    row = db.execute(SQL["take"], {"job_id": job_id, "owner": owner, "until": until}).fetchone()
    return Claimed(row["job_id"], row["device_id"], row["capture_id"], row["attempts"], row["kills"])


def _bury(db: sqlite3.Connection, job_id: int, error: str, now: datetime) -> None:
    """Given up: kept to be looked at, out of everybody's way."""
    db.execute(
        "UPDATE job SET status = 'dead', lease_owner = NULL, lease_until = NULL, last_error = ? WHERE id = ?",
        (error, job_id),
    )
    db.execute(
        "UPDATE capture SET status = 'failed', processed_at = ? WHERE id = (SELECT capture_id FROM job WHERE id = ?)",
        (utc_text(now), job_id),
    )
