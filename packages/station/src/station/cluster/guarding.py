"""May this host run an app's processes now? Asked before each start of a unit on a machine. `judge` is pure.

The lease decides. Where its store does not answer, what this host last knew decides: a primary that starts again
while the Internet is away must serve. docs/architecture.md has the table.
"""

from dataclasses import dataclass

from station.cluster.lease import Holding
from station.cluster.roles import Facts, Next, decide


@dataclass(frozen=True)
class Fence:
    """The epoch that this host was told not to serve. `epoch`: within the last minute; `ever`: and never revoked."""

    epoch: int | None = None
    ever: int | None = None


@dataclass(frozen=True)
class Judgement:
    """Whether it may, and why or why not, in words. `unasked`: without having read the lease."""

    serves: bool
    why: str
    unasked: bool = False


@dataclass(frozen=True)
class NotAsked:
    """The lease could not be read, and why."""

    why: str


def judge(facts: Facts, lease: Holding | NotAsked | None, fence: Fence) -> Judgement:
    """`lease` None: nobody was ever primary."""
    if isinstance(lease, NotAsked):
        return _by_own_memory(facts, lease.why, fence)
    wanted = decide(facts, lease)
    if wanted is Next.SERVE and lease is not None and fence.epoch == lease.epoch:
        return Judgement(False, f"a switch is under way: {facts.host} was told to stop in epoch {lease.epoch}")
    if wanted is Next.SERVE and lease is not None:
        return Judgement(True, f"{facts.host} holds epoch {lease.epoch}")
    if wanted is Next.BEGIN:
        return Judgement(True, f"nobody was ever primary, and {facts.host} is the one to begin")
    return Judgement(False, _why_not(wanted, facts, lease))


def by_agent(facts: Facts, role: str, epoch: int | None, fence: Fence) -> Judgement | None:
    """What the agent of this host says, if it has said just now that it is primary of the epoch in place."""
    if role != "primary" or epoch is None or epoch != facts.epoch or fence.epoch == epoch:
        return None
    if not facts.complete and not facts.fresh:
        return None
    return Judgement(True, f"the agent says that {facts.host} is primary in epoch {epoch}")


def _by_own_memory(facts: Facts, why: str, fence: Fence) -> Judgement:
    unasked = f"the lease cannot be read ({why})"
    if facts.epoch is None:
        return Judgement(False, f"{unasked}, and {facts.host} has not been primary last")
    if fence.ever == facts.epoch:
        return Judgement(False, f"{unasked}, and {facts.host} was told to stop in epoch {facts.epoch}")
    if not facts.complete and not facts.fresh:
        return Judgement(False, f"{unasked}, and the database of {facts.host} is gone")
    return Judgement(True, f"{unasked}; {facts.host} was primary last, in epoch {facts.epoch}", unasked=True)


def _why_not(wanted: Next, facts: Facts, lease: Holding | None) -> str:
    match wanted:
        case Next.FINISH:
            return f"{facts.host} is primary, and its database is not yet in place: the agent brings it"
        case Next.MISSING:
            return f"{facts.host} is primary, and its database is gone"
        case Next.WAIT:
            return f"{facts.host} has no database yet"
    return f"{lease.holder} is primary, in epoch {lease.epoch}" if lease else "nobody is primary yet"
