"""Can I fail over right now, and what would I lose? Pure: from what the hosts and the store said to one verdict.

A check whose evidence is old is UNKNOWN and never counts as passed. The worst check decides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from station.watch.checks import Check, CheckVerdict
from station.watch.situation import Situation, complete_up_to, copy_checked_s, copy_taken_at, loss_s
from station.watch.statuses import HostStatus, LeaseSeen
from station.watch.storelog import StoreNews
from station.watch.unasked import answers
from station.watch.wording import clock_time, length

if TYPE_CHECKING:
    from station.fleet import App

FRESH_LEAST_S = 10.0  # a copy younger than this is never called a loss, however often points are taken


class Verdict(StrEnum):
    READY = "READY"
    READY_WITH_LOSS = "READY_WITH_LOSS"
    DEGRADED = "DEGRADED"
    NOT_READY = "NOT_READY"
    UNKNOWN = "UNKNOWN"


EXIT_CODES = {
    Verdict.READY: 0,
    Verdict.READY_WITH_LOSS: 1,
    Verdict.DEGRADED: 1,
    Verdict.NOT_READY: 2,
    Verdict.UNKNOWN: 3,
}
"""What `station status --readiness` ends with."""


@dataclass(frozen=True)
class Readiness:
    """`loss_s` is the most that would be lost if the primary died now; None when nobody can tell.

    `complete_up_to`: the standby surely has everything up to then. `fresh`: nothing but the last seconds are missing.
    `headline` changes only with the verdict.
    """

    verdict: Verdict
    headline: str
    detail: str
    complete_up_to: datetime | None
    fresh: bool
    loss_s: float | None
    app: str
    lease: LeaseSeen | None
    primary: str | None
    target: str | None
    checks: tuple[Check, ...]
    at: datetime

    @property
    def possible(self) -> bool:
        """Whether a failover would work now, with or without loss."""
        return self.verdict not in (Verdict.NOT_READY, Verdict.UNKNOWN)

    @property
    def sentence(self) -> str:
        """The whole verdict in one line."""
        joint = "; " if self.possible else ": "
        return f"{self.headline.rstrip('.')}{joint}{self.detail}"


def readiness(app: "App", statuses: Mapping[str, HostStatus], store: StoreNews, now: datetime) -> Readiness:
    """The verdict for failing `app` over to its first standby. Clock times in its text are in the zone of `now`."""
    return judge(situation_of(app, statuses, store, now))


def situation_of(
    app: "App",
    statuses: Mapping[str, HostStatus],
    store: StoreNews,
    now: datetime,
    every_s: Mapping[str, float] | None = None,
    look_every_s: float = 1.0,
) -> Situation:
    """Everything that is known of the app. `every_s`: how often each store gets a point, where not as the app says.

    `look_every_s`: how often standbys look for one in the first store.
    """
    lease = _newest_lease(app.name, statuses, store)
    primary = lease.holder if lease else _primary_by_word(app, statuses)
    target = next((host for host in app.hosts if host != primary), None)
    each_s = {name: (every_s or {}).get(name, app.points.every_s) for name in app.stores}
    return Situation(
        app=app.name,
        databases=tuple(app.databases),
        lease=lease,
        primary=primary,
        target=target,
        fresh_s=max(FRESH_LEAST_S, 3 * each_s[app.stores[0]] + look_every_s + 4),
        statuses=statuses,
        store=store,
        now=now,
        stores=app.stores,
        every_s=each_s,
    )


def judge(situation: Situation) -> Readiness:
    """The verdict on that situation."""
    found = answers(situation)
    most_s = loss_s(situation)
    verdict = _verdict(found, most_s)
    return Readiness(
        verdict=verdict,
        headline=_headline(verdict, situation),
        detail=_detail(verdict, situation, found, most_s),
        complete_up_to=complete_up_to(situation),
        fresh=most_s is not None and most_s <= situation.fresh_s,
        loss_s=most_s,
        app=situation.app,
        lease=situation.lease,
        primary=situation.primary,
        target=situation.target,
        checks=found,
        at=situation.now,
    )


def _newest_lease(app: str, statuses: Mapping[str, HostStatus], store: StoreNews) -> LeaseSeen | None:
    """The highest epoch that anybody saw: epochs only grow, and an agent may have looked later than we did."""
    seen = [status.apps[app].lease for status in statuses.values() if app in status.apps]
    known = [lease for lease in (store.view.lease if store.view else None, *seen) if lease is not None]
    return max(known, key=lambda lease: lease.epoch, default=None)


def _primary_by_word(app: "App", statuses: Mapping[str, HostStatus]) -> str | None:
    """Who says of itself to be primary; the lease could not be read, so this is only good for a sentence."""
    for host in app.hosts:
        status = statuses.get(host)
        if status and app.name in status.apps and status.apps[app.name].role == "primary":
            return host
    return app.primary


def _verdict(found: Sequence[Check], most_s: float | None) -> Verdict:
    verdicts = {check.verdict for check in found}
    if CheckVerdict.BLOCK in verdicts:
        return Verdict.NOT_READY
    if CheckVerdict.UNKNOWN in verdicts or most_s is None:
        return Verdict.UNKNOWN
    if CheckVerdict.WARN in verdicts:
        return Verdict.DEGRADED
    if CheckVerdict.LOSS in verdicts:
        return Verdict.READY_WITH_LOSS
    return Verdict.READY


_HEADLINES = {
    Verdict.READY: "Safe. You can fail over now.",
    Verdict.READY_WITH_LOSS: "You can fail over now, with a loss.",
    Verdict.DEGRADED: "You can fail over now, but something needs care.",
    Verdict.NOT_READY: "You cannot fail over now.",
    Verdict.UNKNOWN: "Nobody can say whether you can fail over.",
}


def _headline(verdict: Verdict, situation: Situation) -> str:
    if verdict is Verdict.READY_WITH_LOSS and not situation.host(situation.primary).live:
        return f"{situation.primary} is silent. You can fail over now."
    return _HEADLINES[verdict]


def _detail(verdict: Verdict, situation: Situation, found: Sequence[Check], most_s: float | None) -> str:
    worst = _first_of(found, _TELLING[verdict])
    copy_at, checked_s = copy_taken_at(situation), copy_checked_s(situation)
    if not any(status.live for status in situation.statuses.values()):
        return "no host answers; what is shown is the last known."
    if verdict in (Verdict.NOT_READY, Verdict.UNKNOWN) or copy_at is None or checked_s is None or most_s is None:
        return f"{worst.evidence}." if worst else "there is no copy to judge."
    care = f"; {worst.evidence}" if worst else ""
    if not situation.host(situation.primary).live:
        upto = clock_time(complete_up_to(situation) or copy_at, situation.now)
        lost = "what was written after that would be lost"
        return f"{situation.target} has everything up to {upto}, {lost}{care}."
    copy = f"copy of {clock_time(copy_at, situation.now)}, checked {length(checked_s)} ago"
    return f"you would lose at most {length(most_s)} ({copy}){care}."


_TELLING = {
    Verdict.READY: (),
    Verdict.READY_WITH_LOSS: (),
    Verdict.DEGRADED: (CheckVerdict.WARN,),
    Verdict.NOT_READY: (CheckVerdict.BLOCK,),
    Verdict.UNKNOWN: (CheckVerdict.UNKNOWN,),
}


def _first_of(found: Sequence[Check], verdicts: Sequence[CheckVerdict]) -> Check | None:
    return next((check for check in found if check.verdict in verdicts), None)
