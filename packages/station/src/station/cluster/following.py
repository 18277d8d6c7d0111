"""What one host does for one app: a small state machine that follows the lease.

    starting -> primary | standby          what the lease says
    primary  -> demoted                    `demote`: stopped, last point taken, waits for the lease to move
    demoted  -> standby | primary          the lease moved | no news for a while, or `resume`
    standby  -> primary                    `promote`

A host that starts while the lease cannot be read goes by its own memory (guarding.py). The verbs are in duty.py.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from station.clock import Clock, from_text
from station.cluster.content import Content, Points, Pulse
from station.cluster.facts import facts_of
from station.cluster.fence import FENCED_S, fence_of, fenced_epoch, mark_fenced, unfence
from station.cluster.guarding import NotAsked, judge
from station.cluster.heartbeat import Events, database_status, divergence_status, lease_fields
from station.cluster.lease import Holding, Lease
from station.cluster.litestream import replica_status
from station.cluster.litestream import report_file as litestream_report
from station.cluster.loop_report import forget_reports, report_file
from station.cluster.roles import (
    Next,
    Role,
    decide,
    forget_epoch,
    forget_fresh,
    is_fresh,
    mark_fresh,
    read_epoch,
    write_epoch,
)
from station.cluster.units import Units
from station.errors import DamagedObject, LeaseLost, NoSuchPoint, StationError, StoreError
from station.fleet import App, Host

HOLD_S = FENCED_S  # so long a demoted host waits for the lease to move before it goes on by itself
BRIEFLY_S = 5.0  # and so long for the one who stopped it to say that it goes on with the switch
_RETRY_S = 3.0
_A_TICK_S = 0.25  # the agent's: a look that is due within it is due
_STANDBY_LOOKS_LESS = 3  # times: whoever is primary, it goes on mirroring, and a verb tells it when it is its turn

Step = Callable[[str], None]


@dataclass(frozen=True)
class Workplace:
    """What all the apps of a host share."""

    host: Host
    units: Units
    events: Events
    now: Clock


class Following:
    """One app on one host. Everything runs in the agent's main thread; `pulse` keeps its heart beating meanwhile."""

    def __init__(
        self, app: App, lease: Lease, content: Content, workplace: Workplace, look_every_s: float = 1.0
    ) -> None:
        self.app = app
        self._host = workplace.host
        self._units = workplace.units
        self._events = workplace.events
        self._now = workplace.now
        self._lease = lease
        self._content = content
        self.role = Role.STARTING
        self.holding: Holding | None = None
        self.trouble: str | None = None
        self._flushed: Points | None = None
        self._complaints: dict[tuple[str, str], str | None] = {}
        self._keeps_to_itself = False  # after a failed gate: what was written here is not for others
        self._hold_until_s = 0.0
        self._retry_at_s = 0.0
        self._look_every_s = look_every_s
        self._read_at_s = float("-inf")
        self._is_read = False

    def look(self, pulse: Pulse, *, at_once: bool = False) -> None:
        """Become what the lease says. It is read when that is due again, or `at_once`.

        A store that does not answer changes nothing.
        """
        now_s = time.monotonic()
        may_serve_again = self.role is Role.DEMOTED and now_s >= self._hold_until_s
        if at_once or may_serve_again or now_s - self._read_at_s > self._pause_s - _A_TICK_S:
            self._read_lease()
        if not self._is_read:
            self._try(self._go_by_memory)
            return
        self.trouble = None
        self._tell_loops_trouble()
        if self.role is Role.DEMOTED:
            if self._still_holds():
                return
            unfence(self._host, self.app.name)
        self._try(lambda: self._become(decide(facts_of(self.app, self._host), self.holding), pulse))

    def _try(self, act: Callable[[], None]) -> None:
        """Do it, unless the app has to be left alone; what fails is told and tried again soon."""
        if time.monotonic() < self._retry_at_s or self._units.held(self.app.name):
            return
        try:
            act()
        except (StationError, OSError) as why:  # OSError: our own disk is full or read-only
            self.trouble = why.message if isinstance(why, StationError) else f"{self._host.name}: {why}"
            self._retry_at_s = time.monotonic() + _RETRY_S
            self._tell("trouble", self.trouble)

    @property
    def _pause_s(self) -> float:
        """How long to wait between two looks at the lease: a store that is asked over the Internet counts them."""
        if self.role is Role.STARTING:
            return min(self._look_every_s, _RETRY_S)
        less = self.role is Role.STANDBY and self._look_every_s > 1
        return self._look_every_s * (_STANDBY_LOOKS_LESS if less else 1)

    def _go_by_memory(self) -> None:
        """Serve while the lease was never read, if the guard would let us: the other stores get their points."""
        if self.role is Role.STARTING and self.holding is None:
            fence = fence_of(self._host, self.app.name, self._now())
            found = judge(facts_of(self.app, self._host), NotAsked(self.trouble or ""), fence)
            if found.serves:
                self._tell("primary", found.why)
                self._enter(Role.PRIMARY)
        if self.role is Role.PRIMARY and self.holding is None:
            self._units.run(self.app.name, processes=True, loop="points" if self._content.complete else None)

    def _read_lease(self) -> None:
        self._read_at_s = time.monotonic()
        try:
            self.holding = self._lease.current()
            self._is_read = True
        except (StoreError, DamagedObject) as why:
            self.trouble = why.message
            self._is_read = False

    def status(self) -> dict[str, Any]:
        """This app's part of status.json."""
        state = self._content.state
        return {
            "role": self.role.value,
            "epoch": read_epoch(state),
            "lease": lease_fields(self.holding),
            "lease_error": self.trouble,
            "waits_for": self._units.waits_for(self.app.name),
            "units": self._units.status(self.app.name),
            "databases": {name: self._database_status(name) for name in self._content.files},
            "divergence": divergence_status(state),
        }

    def _database_status(self, name: str) -> dict[str, Any]:
        found = database_status(report_file(self._content.state, name))
        wanted = self.app.litestream
        if wanted is not None and self.role is Role.PRIMARY:
            written_at = found["written_at"]
            file = litestream_report(self._content.state, name)
            found["litestream"] = replica_status(file, wanted, written_at and from_text(written_at), self._now())
        return found

    def _become(self, wanted: Next, pulse: Pulse) -> None:
        match wanted:
            case Next.BEGIN:
                self._begin()
            case Next.SERVE:
                self._serve()
            case Next.FINISH:
                self._finish(pulse)
            case Next.REJOIN:
                self._rejoin()
            case Next.FOLLOW:
                self._follow()
            case Next.MISSING:
                self._stop()
                raise NoSuchPoint(
                    f"{self._host.name} is primary of {self.app.name} and its database is gone",
                    f"`station failover {self.app.name}`, or restore a point with `station db restore {self.app.name}`",
                )
            case Next.WAIT:
                self.trouble = f"{self.app.name} has no database yet"

    def _begin(self) -> None:
        epoch = read_epoch(self._content.state) or 0
        if not self._content.complete:
            self._content.make_folders()
            mark_fresh(self._content.state)  # before the lease: a kill in between must not look like a lost database
        reason = "the store held no lease any more" if epoch else "first start"
        self.holding = self._lease.take(self._host.name, epoch, reason, self._now())
        write_epoch(self._content.state, self.holding.epoch, self._now())
        if epoch:
            self._tell("trouble", f"{reason}: was it emptied? epoch {self.holding.epoch} begins with a full copy")
        self._serve()

    def _serve(self) -> None:
        epoch = self._epoch()
        if self.role is not Role.PRIMARY:
            if fenced_epoch(self._host, self.app.name, self._now()) == epoch:
                self._hold("a switch is under way")
                return
            unfence(self._host, self.app.name)
            if self.role is Role.DEMOTED:
                self._tell("resumed", "the lease did not move: primary again")
            else:
                self._tell("primary", f"serves {self.app.name} in epoch {epoch}")
            self._enter(Role.PRIMARY)
        complete = self._content.complete
        if complete:
            forget_fresh(self._content.state)
        self._units.run(self.app.name, processes=True, loop="points" if complete else None)

    def _finish(self, pulse: Pulse) -> None:
        """The lease is ours and the database not in place, or not yet known to be: bring it there and serve."""
        self._units.run(self.app.name, processes=False, loop=None)
        if not self._content.complete and not is_fresh(self._content.state):
            self._content.catch_up(pulse)
            self._content.prove()
            self._content.put_in_place()
        write_epoch(self._content.state, self._epoch(), self._now())
        self._tell("promoted", f"finished the promotion to epoch {self._epoch()}")
        self._serve()

    def _rejoin(self) -> None:
        """Another host is primary: stop, keep what nobody else has, move our database aside."""
        was_primary = self.role is Role.PRIMARY
        self._stop()
        if was_primary and self.holding is not None:
            self._tell("lease lost", f"{self.holding.holder} is primary since epoch {self.holding.epoch}")
        diverged = self._content.save_divergence()
        for saved in diverged or ():
            self._tell("divergence saved", f"{saved.pages} pages that nobody else has were kept: {saved.file}")
            try:
                self._content.store_divergence(saved)
            except StoreError as why:
                self._tell("trouble", f"the divergence is on {self._host.name} only: {why.message}")
        self._content.set_aside(self._now(), published=diverged == [])
        forget_epoch(self._content.state)
        self._follow()

    def _follow(self) -> None:
        if self.role is not Role.STANDBY:
            unfence(self._host, self.app.name)
            forget_fresh(self._content.state)
            self._enter(Role.STANDBY)
            self._tell("standby", f"mirrors {self.app.name}")
        self._units.run(self.app.name, processes=False, loop="mirror")

    def _tell_loops_trouble(self) -> None:
        """An event for every new complaint of a loop: a damaged object, a store that is full."""
        for name in self._content.files:
            found = self._database_status(name)
            for whose, error in {"": found["error"], "litestream": found.get("litestream", {}).get("error")}.items():
                known = self._complaints.get((name, whose))
                # a lag grows from look to look: that it is late is told once, not with every new number
                if error is not None and (known is None or (not whose and error != known)):
                    self._tell("trouble", error)
                self._complaints[name, whose] = error

    def _stop(self) -> None:
        self._units.run(self.app.name, processes=False, loop=None)

    def _hold(self, why: str, *, briefly: bool = False) -> None:
        """Wait for the lease to move. `briefly`: whoever asked for it has to confirm that, or we serve again."""
        if self.role is not Role.DEMOTED:
            self._tell("demoted", why)
            self._hold_until_s = 0.0
        self.role = Role.DEMOTED
        # an agent that is killed now must not serve again when it starts, before the switch is over
        with suppress(OSError):  # a full disk is a reason to switch, and no reason not to
            mark_fenced(self._host, self.app.name, self._epoch(), self._now())
        # of two commands that race the one that is ahead decides how long
        self._hold_until_s = max(self._hold_until_s, time.monotonic() + (BRIEFLY_S if briefly else HOLD_S))

    def _still_holds(self) -> bool:
        """Whether a demoted host waits on: for the lease to move, or to have it given back if it can take it back."""
        moved = self.holding is not None and self.holding.holder != self._host.name
        return time.monotonic() < self._hold_until_s and not (moved and self._flushed is None)

    def _enter(self, role: Role) -> None:
        if role is not self.role:
            forget_reports(self._content.state)
        self.role = role
        self._flushed = None
        self._keeps_to_itself = False

    def _epoch(self) -> int:
        """Whose points are taken: the lease's; while that was never read, that of the database in place."""
        epoch = self.holding.epoch if self.holding else None if self._is_read else read_epoch(self._content.state)
        if epoch is None:
            raise LeaseLost(f"Nobody holds the lease of {self.app.name}")
        return epoch

    def _tell(self, event: str, text: str) -> None:
        self._events.tell(self.app.name, event, text)
