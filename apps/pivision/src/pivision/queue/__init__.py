"""The work that waits, in SQLite: leases, retries, dead letters, order per device."""

from pivision.queue.dead import DeadJob, dead, revive
from pivision.queue.leases import Claimed, claim, claim_run, done, extend, failed, give_back_all, give_back_expired
from pivision.queue.releasing import release
from pivision.queue.thinning import thin
from pivision.queue.waiting import DeviceQueue, Waiting, waiting

__all__ = [
    "Claimed",
    "DeadJob",
    "DeviceQueue",
    "Waiting",
    "claim",
    "claim_run",
    "dead",
    "done",
    "extend",
    "failed",
    "give_back_all",
    "give_back_expired",
    "release",
    "revive",
    "thin",
    "waiting",
]
