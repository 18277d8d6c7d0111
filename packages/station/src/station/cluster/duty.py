"""The verbs that a switch asks of one host for one app: demote, promote, resume, and a point taken now."""

import time
from typing import Any

from station.clock import to_text
from station.cluster.content import Points, Pulse
from station.cluster.fence import unfence
from station.cluster.following import HOLD_S, Following, Step
from station.cluster.heartbeat import database_status
from station.cluster.loop_report import HOST_DISK_ERRORS, point_fields, report_file
from station.cluster.roles import Role, write_epoch
from station.errors import Busy, GateFailed, LeaseLost, Refused, StationError


class Duty(Following):
    """One app on one host; see following.py for its states."""

    def demote(self, step: Step, *, flush: bool, must_flush: bool, briefly: bool = False) -> dict[str, Any]:
        """Stop serving, take the last point, wait for the lease to move. Asked again it answers the same.

        `briefly`: when nobody asks again within some seconds, whoever asked is gone, and this host serves again.
        `flush=False`: stop only, and keep out of the way. `must_flush`: a failure to take the point means serving on.
        LeaseLost when this host is not primary. Busy while a deploy is under way.
        """
        self._require_free("demote")
        if self.role is not Role.DEMOTED:
            self.look(lambda: None, at_once=True)
        if self.role is not Role.DEMOTED:
            self._require_primary()
            step(f"stopping {self.app.name} on {self._host.name}")
            self._stop()
            self._flushed = None
        self._hold("demoted on request", briefly=briefly)
        error = ""
        if flush and self._flushed is None and not self._keeps_to_itself:
            step("taking the last restore point")
            try:
                self._flushed = self._content.flush(self._epoch(), self._lease)
            except (StationError, *HOST_DISK_ERRORS) as why:
                if must_flush:
                    self.resume(lambda: None)
                    raise
                error = str(why)
            self._hold("demoted on request", briefly=briefly)  # from now on: taking the point may have taken long
        points = {name: point_fields(point) for name, point in (self._flushed or {}).items()}
        return {"epoch": self._epoch(), "flushed": self._flushed is not None, "points": points, "error": error}

    def resume(self, pulse: Pulse) -> dict[str, Any]:
        """End the waiting: look at the lease and be what it says."""
        self._hold_until_s = 0.0
        self._retry_at_s = 0.0
        unfence(self._host, self.app.name)
        self.look(pulse, at_once=True)
        return self._answer()

    def promote(
        self, step: Step, pulse: Pulse, *, after_epoch: int, points: dict[str, Any], reason: str
    ) -> dict[str, Any]:
        """Become primary. `points`: the names our databases must equal; None: the newest there is.

        LeaseLost when somebody else was quicker, Refused when a point cannot be reached, GateFailed when the app does
        not become healthy; only the last comes after the lease has moved. Busy while a deploy is under way.
        """
        self._require_free("promote")
        began_s = time.monotonic()
        self.holding = self._lease.current()
        if self._holds_later_than(after_epoch):
            return self._answer()
        if self._stands_at(points):
            reached = self._flushed or {}
            step(f"{self._host.name} still has its database in place")
        else:
            if self.role is Role.DEMOTED:
                self.resume(pulse)
            reached = self._prepare(step, pulse, points)
        began_with = {name: to_text(point.taken_at) if point else None for name, point in reached.items()}
        self._units.require_ports(self.app.name)
        self.holding = self._lease.take(self._host.name, after_epoch, reason, self._now())
        lease_after_s = time.monotonic() - began_s
        step(f"the lease is {self._host.name}'s: epoch {self.holding.epoch}")
        if not self._content.complete:
            self._content.put_in_place()
        write_epoch(self._content.state, self.holding.epoch, self._now())
        self._tell("promoted", f"primary in epoch {self.holding.epoch}: {reason}")
        self._enter(Role.PRIMARY)
        step(f"starting {self.app.name} on {self._host.name}")
        self._start_through_gate(pulse)
        step(f"{self.app.name} is healthy")
        return self._answer() | {"lease_after_s": lease_after_s, "began_with": began_with}

    def last_point(self) -> None:
        """Stop serving and take the last point; for the end of the agent. A failure is told, not raised."""
        self._stop()
        try:
            self._content.flush(self._epoch(), self._lease)
        except StationError as why:
            self._tell("trouble", f"no last point: {why.message}")

    def point(self, pulse: Pulse) -> dict[str, Any]:
        """Have the points loop take a point now; the newest point of every database afterwards."""
        self._require_primary()
        asked_at = time.monotonic()
        before = self._checked()
        if not self._units.nudge(self.app.name, "points"):
            raise Refused("No point taken: the points loop does not run", "See its log: var/log")
        while self._checked() == before:
            if time.monotonic() - asked_at > HOLD_S:
                raise Refused(f"No point taken: the points loop said nothing for {HOLD_S:g} s", "See its log: var/log")
            time.sleep(0.05)
            pulse()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        return {"host": self._host.name} | self.status()

    def _start_through_gate(self, pulse: Pulse) -> None:
        """Serve, and publish points once healthy. When the gate fails: stop, and be ready to hand the app back.

        An unhealthy app may have been writing. Its rows are worth handing back, unless it changed the schema: then
        they stay here (they were saved), for the host that was healthy before must find its schema again.
        """
        schemas = self._content.schemas()
        self._units.run(self.app.name, processes=True, loop=None)
        try:
            self._units.gate(self.app.name, pulse)
        except GateFailed:
            self._stop()
            wrote = self._content.save_divergence() != []
            self._keeps_to_itself = not wrote or self._content.schemas() != schemas
            self._hold(f"{self.app.name} did not become healthy")
            raise
        self._units.run(self.app.name, processes=True, loop="points")

    def _prepare(self, step: Step, pulse: Pulse, points: dict[str, Any]) -> Points:
        """Everything that can be done, and can fail, before the lease moves. On failure the mirror goes on."""
        if self.role is not Role.STANDBY:
            raise Refused(f"{self._host.name} is no standby of {self.app.name}: it is {self.role}")
        self._units.run(self.app.name, processes=False, loop=None)
        try:
            step(f"bringing the copy on {self._host.name} up to date")
            reached = self._content.catch_up(pulse)
            _require_points(self._host.name, reached, points)
            step("proving the copy")
            self._content.prove()
        except StationError:
            self._units.run(self.app.name, processes=False, loop="mirror")
            raise
        return reached

    def _stands_at(self, points: dict[str, Any]) -> bool:
        """Whether we are demoted with a database in place that equals these points, which we took ourselves."""
        if self.role is not Role.DEMOTED or self._flushed is None:
            return False
        return all(point is not None and point.name == points.get(name) for name, point in self._flushed.items())

    def _holds_later_than(self, epoch: int) -> bool:
        return (
            self.holding is not None
            and self.holding.holder == self._host.name
            and self.holding.epoch > epoch
            and self.role is Role.PRIMARY
        )

    def _require_free(self, verb: str) -> None:
        if held := self._units.held(self.app.name):
            raise Busy(
                f"{self._host.name} does not {verb} {self.app.name}: {held}",
                "`station deploys` shows it; try again then",
            )

    def _require_primary(self) -> None:
        if self.role is not Role.PRIMARY:
            who = self.holding.holder if self.holding else "nobody"
            raise LeaseLost(f"{self._host.name} is not primary of {self.app.name}: {who} is")

    def _checked(self) -> list[Any]:
        reports = [report_file(self._content.state, name) for name in self._content.files]
        return [database_status(report)["checked_at"] for report in reports]


def _require_points(host: str, reached: Points, wanted: dict[str, Any]) -> None:
    for name, point in wanted.items():
        found = reached.get(name)
        if point is not None and (found is None or found.name != point):
            stands_at = found.name if found else "nothing"
            raise Refused(f"The copy on {host} cannot reach the point {point} of {name}: it stands at {stands_at}")
