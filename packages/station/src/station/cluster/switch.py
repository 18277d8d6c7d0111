"""Move an app to another host: failover (the old primary may be dead) and failback (no loss allowed) in one.

Driven from outside the agents. Every step can be killed and run again: what is done is found done. The only step that
decides is the creation of the next epoch by the new primary's agent; commands that race create one.
"""

import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from station.clock import Clock
from station.cluster.fence import fence, unfence
from station.cluster.lease import Holding, Lease
from station.cluster.patience import patient
from station.cluster.peer import ANSWER_S, START_HINT, OnStep
from station.cluster.said import age_s, names, newest_point, oldest_point
from station.errors import GateFailed, LeaseLost, NotRunning, Refused, StationError, StoreError
from station.fleet import App, Fleet

ANSWERS_WITHIN_S = 3.0  # who is silent longer when asked for its status counts as dead
DEMOTES_WITHIN_S = 120.0  # stopping the app and taking the last point, on a small machine
_KEEP_HOLDING_EVERY_S = 10.0


class Agent(Protocol):
    """The agent of one host; `station.cluster.peer.Peer` is one."""

    def call(
        self, verb: str, *, on_step: OnStep | None = None, timeout_s: float = ..., **arguments: Any
    ) -> dict[str, Any]: ...


Agents = Mapping[str, Agent]


@dataclass(frozen=True)
class Plan:
    """What a switch would do. `point_age_s`: of the newest restore point; `copy_age_s`: of what the target has."""

    app: str
    source: str
    target: str
    epoch: int
    planned: bool
    source_answers: bool
    target_answers: bool
    point: str | None
    point_age_s: float | None
    copy_age_s: float | None

    @property
    def done(self) -> bool:
        """Nothing to do: the target is primary already."""
        return self.source == self.target


@dataclass(frozen=True)
class Switched:
    """What a switch did. `lost_s`: how old the newest point was that was carried over; None when nothing was lost."""

    app: str
    source: str
    target: str
    epoch: int
    lease_moved_s: float
    healthy_s: float
    everything_carried: bool
    lost_s: float | None


def make_plan(app: App, lease: Lease, to: str | None, *, planned: bool, peers: Agents, now: datetime) -> Plan:
    """Who is primary, who would be, and what would be lost. Refused when there is no such switch."""
    holding = lease.current()
    if holding is None:
        raise Refused(f"Nobody is primary of {app.name} yet", "Start the fleet with `station up`")
    statuses = {host: _status(peers[host], app.name) for host in app.hosts}
    target = to or (app.primary if planned else _best_standby(app, holding, statuses))
    if target not in app.hosts:
        raise Refused(f"{app.name} cannot go to {target}: it is no host of it", f"It has {', '.join(app.hosts)}")
    source, copy = statuses.get(holding.holder), statuses[target]
    name, taken_at = newest_point(source)
    copy_name, copied_at = newest_point(copy)
    return Plan(
        app=app.name,
        source=holding.holder,
        target=target,
        epoch=holding.epoch,
        planned=planned,
        source_answers=source is not None,
        target_answers=copy is not None,
        point=name or copy_name,
        point_age_s=age_s(taken_at or copied_at, now),
        copy_age_s=age_s(copied_at, now),
    )


def switch_over(fleet: Fleet, plan: Plan, lease: Lease, *, peers: Agents, on_step: OnStep, now: Clock) -> Switched:
    """Carry the plan out. Whatever goes wrong, the lease says who is primary and somebody serves, if anybody can.

    NotRunning: there is nobody to promote. Refused: failback, and the primary cannot hand over its last point.
    LeaseLost: another command was quicker.
    GateFailed: the new primary did not become healthy; the message says who is primary now.
    """
    if plan.done:
        return Switched(plan.app, plan.source, plan.target, plan.epoch, 0.0, 0.0, True, None)
    if not plan.target_answers:
        raise NotRunning(f"{plan.app} stays on {plan.source}: the agent of {plan.target} does not answer", START_HINT)
    run = _Run(fleet, plan, lease, peers, on_step, now)
    try:
        run.stop_source()
        run.promote_target()
    except GateFailed as why:
        raise run.given_back(why) from why
    except BaseException as why:
        # who was told to promote goes on without us: a source that serves meanwhile would write rows that get lost
        if isinstance(why, StationError) or not run.promoting:
            run.let_source_go_on()
        raise
    run.let_source_go_on()
    return run.result()


class _Run:
    """One switch while it runs."""

    def __init__(self, fleet: Fleet, plan: Plan, lease: Lease, peers: Agents, on_step: OnStep, now: Clock) -> None:
        self._fleet = fleet
        self._plan = plan
        self._lease = lease
        self._peers = peers
        self._on_step = on_step
        self._now = now
        self._began_s = self._held_at_s = time.monotonic()
        self._stopped_at = now()
        self._points: dict[str, str | None] = {}
        self._asked = self._flushed = self.promoting = False
        self._answer: dict[str, Any] = {}
        self._promoting_s = self._healthy_s = 0.0

    def stop_source(self) -> None:
        """Demote the old primary and have its last points; or fence it, when it does not answer."""
        plan = self._plan
        try:
            if not plan.source_answers:
                raise NotRunning(f"The agent of {plan.source} does not answer")
            self._asked = True
            answer = self._demote_source()
        except LeaseLost:
            if self._holder() != plan.target:
                raise
            return  # another command is ahead of us and went the same way
        except NotRunning as why:
            self._without_source(why)
            return
        except StoreError as why:
            raise Refused(f"{plan.app} stays on {plan.source}: its last point cannot be taken: {why.message}") from why
        finally:
            self._stopped_at = self._now()
        self._flushed = bool(answer["flushed"])
        self._points = names(answer["points"])
        if not self._flushed:
            self._on_step(f"the last point was not taken: {answer['error']}")

    def _demote_source(self) -> dict[str, Any]:
        """The answer of the old primary, which waits for the lease to move from then on.

        Asked twice: it serves again soon after the first answer if we should be killed before anybody is promoted.
        The second answer counts: if we were so slow that it did serve again, it was stopped once more.
        """
        source, planned = self._plan.source, self._plan.planned
        order = {"flush": True, "must_flush": planned}
        answer = self._ask(source, "demote", order | {"briefly": True}, timeout_s=DEMOTES_WITHIN_S)
        again = order if answer["flushed"] else {"flush": False, "must_flush": False}
        try:
            confirmed = self._ask(source, "demote", again, timeout_s=DEMOTES_WITHIN_S)
        except NotRunning as why:
            self._fence(why)
            return answer
        return confirmed if answer["flushed"] else answer

    def promote_target(self) -> None:
        plan = self._plan
        self._promoting_s = time.monotonic() - self._began_s
        reason = f"{'failback' if plan.planned else 'failover'} from {plan.source}"
        order = {"after_epoch": plan.epoch, "points": self._points, "reason": reason}
        self.promoting = True
        why = f"too late to stop: {plan.target} is becoming primary (a second Ctrl-C leaves it alone)"
        with patient(why, self._on_step):
            self._answer = self._ask(plan.target, "promote", order, on_step=self._step_and_hold)
        self._healthy_s = time.monotonic() - self._began_s

    def given_back(self, why: GateFailed) -> GateFailed:
        """The error to raise after the gate failed: with who is primary now. The old primary, if it can be."""
        plan = self._plan
        holding = self._lease.current()
        if self._flushed and holding is not None and holding.holder == plan.target:
            try:
                return GateFailed(f"{why.message}\n{self._give_back(holding.epoch)}", why.hint)
            except StationError as second:
                self._on_step(f"{plan.source} cannot take it back: {second.message}")
        who = self._holder() or plan.target
        for host in (who, plan.source):
            with contextlib.suppress(StationError):
                self._ask(host, "resume", {}, timeout_s=ANSWERS_WITHIN_S)
        return GateFailed(f"{why.message}\n{who} is primary of {plan.app} and goes on trying", why.hint)

    def _give_back(self, epoch: int) -> str:
        """Make the old primary the primary again, with what the other was told meanwhile if that can be had."""
        plan = self._plan
        self._on_step(f"giving {plan.app} back to {plan.source}")
        wrote = self._ask(plan.target, "demote", {"flush": True, "must_flush": False}, timeout_s=DEMOTES_WITHIN_S)
        points = names(wrote["points"]) if wrote["flushed"] else self._points
        order = {"after_epoch": epoch, "points": points, "reason": f"given back: not healthy on {plan.target}"}
        self._ask(plan.source, "promote", order)
        with contextlib.suppress(StationError):
            self._ask(plan.target, "resume", {}, timeout_s=ANSWERS_WITHIN_S)
        meanwhile = "was carried back" if wrote["flushed"] else "is saved there, if there was anything"
        return f"{plan.source} is primary again; what was written on {plan.target} meanwhile {meanwhile}"

    def let_source_go_on(self) -> None:
        """Tell the old primary, if we stopped it, that the switch is over: it looks at the lease and obeys that."""
        if not self._asked:
            return
        host = self._fleet.hosts[self._plan.source]
        with contextlib.suppress(StationError, OSError):
            unfence(host, self._plan.app)
            self._peers[host.name].call("resume", timeout_s=ANSWERS_WITHIN_S, app=self._plan.app)

    def result(self) -> Switched:
        plan, answer = self._plan, self._answer
        reached = oldest_point(answer)
        return Switched(
            app=plan.app,
            source=plan.source,
            target=plan.target,
            epoch=int(answer["epoch"]),
            lease_moved_s=round(self._promoting_s + float(answer.get("lease_after_s", 0.0)), 3),
            healthy_s=round(self._healthy_s, 3),
            everything_carried=self._flushed,
            lost_s=None if self._flushed or reached is None else age_s(reached, self._stopped_at),
        )

    def _without_source(self, why: NotRunning) -> None:
        plan = self._plan
        if plan.planned:
            raise Refused(
                f"{plan.app} stays where it is: {why.message}, so its last rows cannot be handed over",
                f"Bring {plan.source} back first, or accept the loss: `station failover {plan.app} --to {plan.target}`",
            ) from why
        self._asked = True
        self._fence(why)

    def _fence(self, why: NotRunning) -> None:
        self._on_step(why.message)
        self._on_step(fence(self._fleet.hosts[self._plan.source], self._plan.app, self._plan.epoch, self._now()))

    def _step_and_hold(self, text: str) -> None:
        """While the new primary still works, keep the old one waiting."""
        self._on_step(text)
        if self._flushed and time.monotonic() - self._held_at_s > _KEEP_HOLDING_EVERY_S:
            self._held_at_s = time.monotonic()
            with contextlib.suppress(StationError):
                self._ask(self._plan.source, "demote", {"flush": False, "must_flush": False})

    def _ask(
        self,
        host: str,
        verb: str,
        order: dict[str, Any],
        *,
        on_step: OnStep | None = None,
        timeout_s: float = ANSWER_S,
    ) -> dict[str, Any]:
        step = on_step or self._on_step
        return self._peers[host].call(verb, on_step=step, timeout_s=timeout_s, app=self._plan.app, **order)

    def _holder(self) -> str | None:
        holding = self._lease.current()
        return holding.holder if holding else None


def _best_standby(app: App, holding: Holding, statuses: Mapping[str, dict[str, Any] | None]) -> str:
    """The host other than the primary whose copy is newest; the manifest's order decides between equals."""
    others = [host for host in app.hosts if host != holding.holder]
    if not others:
        raise Refused(f"{app.name} has no standby to go to", "Name one in fleet.toml")
    # max() gives the first of equals
    return max(others, key=lambda host: str(newest_point(statuses[host])[1] or ""))


def _status(peer: Agent, app: str) -> dict[str, Any] | None:
    try:
        found = peer.call("status", timeout_s=ANSWERS_WITHIN_S)["apps"].get(app)
    except (StationError, KeyError):
        return None
    return dict(found) if found else None
