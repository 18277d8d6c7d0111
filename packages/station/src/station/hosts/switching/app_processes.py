"""An app's units as a switch sees them: what has to stop, what has to run, and whether it does."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from station.errors import Busy, StationError
from station.hosts import systemctl
from station.hosts.rendering.place import Place
from station.hosts.systemctl import UnitState

LOOPS = ("litestream", "points")
JOBS_WAIT_S = 120.0
_LOOK_S = 0.1
_TELL_EVERY_S = 15.0
STILL = ("inactive", "failed")


class Processes:
    """The units of one app on one host."""

    def __init__(self, place: Place) -> None:
        app = place.app
        self.gate = f"{place.gate}.service"
        self.others = tuple(
            f"{place.unit(name)}.service" for name in app.processes if f"{place.unit(name)}.service" != self.gate
        )
        self.jobs = tuple(f"{place.unit(name)}.service" for name in app.jobs)
        self.timers = tuple(f"{place.unit(name)}.timer" for name in app.jobs)
        self.loops = tuple(f"{app.name}-{loop}.service" for loop in LOOPS)
        self.socket = f"{place.gate}.socket" if app.gate.socket else ""
        self.trial = f"{place.gate}-next.service" if app.gate.socket else ""
        self.trial_socket = f"{place.gate}-next.socket" if app.gate.socket else ""
        self.overlap = f"{place.gate}-overlap.service" if app.deploy.switch == "overlap" else ""
        self.migration = f"{app.name}-migrate.service" if app.deploy.migrate is not None else ""
        self._title = app.title

    @property
    def all(self) -> tuple[str, ...]:
        """The services that keep running on a primary."""
        return (self.gate, *self.others)

    def running(self, units: Sequence[str]) -> tuple[str, ...]:
        """Those that are active, or about to be."""
        return tuple(unit for unit, state in systemctl.states(units).items() if state.active not in STILL)

    def stop(self, units: Sequence[str]) -> None:
        """Stop them, and the second chances of those that had failed. StationError when one goes on."""
        known = {unit for unit, state in systemctl.states(units).items() if state.is_there}
        again = [f"station-again@{unit}.timer" for unit in units if unit in self.all]
        there = [unit for unit in units if unit in known] + list(self.running(again))
        if not there:
            return
        systemctl.act("stop", there)
        if left := self.running([unit for unit in units if unit in known]):
            raise StationError(f"Not stopped: {', '.join(left)}", f"See `systemctl status {left[0]}`")

    def end_trials(self) -> None:
        """End everything that only a deploy starts."""
        self.stop([unit for unit in (self.trial_socket, self.trial, self.overlap, self.migration) if unit])

    def start(self, units: Sequence[str]) -> None:
        """Ask for their start, whatever failures systemd counted before; nobody waits until they are up."""
        self._forget_failures(units)
        if units:
            systemctl.act("start", units, "--no-block")

    def start_alone(self, units: Sequence[str]) -> None:
        """As `start`, and nothing that they want is started with them."""
        self._forget_failures(units)
        if units:
            systemctl.act("start", units, "--no-block", "--job-mode=ignore-dependencies")

    def wait_for_jobs(self, tell: Callable[[str], None], within_s: float = JOBS_WAIT_S) -> None:
        """Let jobs that run end well. Busy when one takes longer."""
        ends, told_at = time.monotonic() + within_s, 0.0
        while at_work := self.running(self.jobs):
            if time.monotonic() > ends:
                raise Busy(
                    f"Not switched: {', '.join(at_work)} still ran after {within_s:g} s",
                    f"Deploy again when it is done, or end it: `systemctl stop {at_work[0]}`",
                )
            if time.monotonic() - told_at > _TELL_EVERY_S:
                tell(f"{', '.join(at_work)} runs; waiting for its end")
                told_at = time.monotonic()
            time.sleep(_LOOK_S)

    def _forget_failures(self, units: Sequence[str]) -> None:
        for unit in units:
            with suppress(StationError):  # one that is not loaded has none
                systemctl.act("reset-failed", [unit])


def trouble(unit: UnitState, invocation: str) -> str:
    """Why a unit that was started is not coming up, or did not stay; "" as long as it is, or may. Pure.

    `invocation`: the run that was seen before, "" when none was.
    """
    if unit.active == "failed":
        return f"it ended: {unit.result}, exit code {unit.exit_status}"
    if unit.sub.startswith("auto-restart"):
        return f"it ended ({unit.result}, exit code {unit.exit_status}) and is started again and again"
    if unit.restarts or (invocation and unit.invocation != invocation):
        return "it ended, and was started again"
    if invocation and unit.active == "inactive":
        return "it ended by itself"
    return ""


def is_kept_still(unit: UnitState) -> bool:
    """Whether its guard did not let it start: this host is not the app's primary."""
    return unit.active == "inactive" and unit.result == "exec-condition"
