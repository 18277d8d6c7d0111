"""The units of a machine, by app: what the agent asks for, carried out by systemd. They outlast the agent."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from station.clock import to_text
from station.errors import Busy, StationError
from station.fleet import Fleet, Host
from station.hosts import systemctl
from station.hosts.foreground import UnitState as Shown
from station.hosts.health import Prober
from station.hosts.rendering.app_units import app_units
from station.hosts.rendering.place import Place, apps_of
from station.hosts.switching.journal import is_cut, is_under_way
from station.hosts.systemctl import UnitState
from station.hosts.systemd_gate import gate, require_ports
from station.hosts.unit_watch import UnitWatch, why
from station.hosts.units import JOBS, LITESTREAM, LOOPS, Job, Loop

GUARD_ENDS_S = 3.0  # a guard that says no while its unit is being stopped would count as the app's failure
SKIPPED_AGAIN_S = 5.0  # a unit that its guard kept from starting is tried again then: the guard may have been early

Recover = Callable[[str], str]


@dataclass(frozen=True)
class AppUnits:
    """The names of an app's units. `own`: whatever writes to its data, jobs too; `first`: what has to be started."""

    place: Place
    own: tuple[str, ...]
    first: tuple[str, ...]
    loops: dict[str, str]

    @property
    def all(self) -> tuple[str, ...]:
        return (*self.own, *self.loops.values())

    @classmethod
    def of(cls, place: Place) -> "AppUnits":
        rendered = app_units(place)
        own = [path.rpartition("/")[2] for path in rendered.files]
        loops = [*LOOPS, *([LITESTREAM] if place.app.litestream is not None else [])]
        return cls(
            place,
            tuple(name for name in own if not name.endswith(".timer")),
            tuple(name for name in rendered.enable if not name.endswith(".timer")),
            {loop: f"{place.app.name}-{loop}.service" for loop in loops},
        )


@dataclass
class _Wish:
    """What an app was last asked to be, and when a unit that was skipped was tried again."""

    processes: bool
    loop: Loop | None
    tried_at_s: float


class SystemdUnits:
    """Meets the `Units` protocol of `station.cluster`. `recover` ends a switch of that app that was cut."""

    outlive_agent = True

    def __init__(self, fleet: Fleet, host: Host, recover: Recover) -> None:
        self._host = host
        self._recover = recover
        self._apps = {place.app.name: AppUnits.of(place) for place in apps_of(fleet, host)}
        self._watch = UnitWatch([name for its in self._apps.values() for name in its.all], time.monotonic)
        self._wishes: dict[str, _Wish] = {}
        self._jobs: dict[tuple[str, Job], str] = {}
        self._news: list[tuple[str, str]] = []
        self._prober = Prober()

    def run(self, app: str, *, processes: bool, loop: Loop | None) -> None:
        if said := self.held(app):
            raise Busy(f"{app} left alone on {self._host.name}: {said}", "`station deploys` shows it; wait for its end")
        if is_cut(self._host, app):
            self._news.append((app, self._recover(app)))
            self._watch.expect()
        its, before = self._apps[app], self._wishes.get(app)
        is_new = before is None or (before.processes, before.loop) != (processes, loop)
        if is_new:
            self._look()
        wish = self._wishes[app] = _Wish(processes, loop, before.tried_at_s if before and not is_new else float("-inf"))
        wanted = self._wanted(its, wish)
        self._stop(its, wish, wanted, is_new=is_new)
        self._start(wanted, wish, set(its.loops.values()), again=before is not None, is_new=is_new)
        self._probe(its, wish)

    def held(self, app: str) -> str:
        return "a deploy is under way" if is_under_way(self._host, app) else ""

    def waits_for(self, app: str) -> str:
        place = self._apps[app].place
        # of an app in a home systemd itself looks whether its code is there: we do not see it
        if place.has_releases and not (place.code.exists() and place.venv.exists()):
            return "waits for its first deploy"
        return self.held(app)

    def require_ports(self, app: str) -> None:
        require_ports(self._apps[app].place.app)

    def gate(self, app: str, pulse: Callable[[], None]) -> None:
        gate(self._apps[app].place, pulse)

    def nudge(self, app: str, loop: Loop) -> bool:
        unit = self._apps[app].loops[loop]
        if not systemctl.states([unit])[unit].is_running:
            return False
        systemctl.act("kill", [unit], "--kill-who=main", "--signal=USR1")
        return True

    def start_job(self, app: str, job: Job, due: str) -> None:
        unit = self._jobs[app, job] = f"{app}-{job}@{due}.service"
        with suppress(StationError):  # of a run that failed systemd remembers that
            systemctl.act("reset-failed", [unit])
        systemctl.act("start", [unit], "--no-block")

    def job_code(self, app: str, job: Job) -> int | None:
        unit = self._jobs.get((app, job))
        if unit is None:
            return None
        state = systemctl.states([unit])[unit]
        if state.queued or state.active in ("activating", "active", "deactivating"):
            return None
        return state.exit_status or 1 if state.active == "failed" or state.skipped else 0

    def supervise(self) -> list[tuple[str, str]]:
        try:
            self._tell(self._watch.look_if_due())
        except StationError as why_not:  # systemd is busy: the next look comes soon
            self._news.append(("", why_not.message))
        news, self._news = self._news, []
        return news

    def status(self, app: str) -> dict[str, dict[str, object]]:
        its = self._apps[app]
        shown: dict[str, dict[str, object]] = {}
        for process in its.place.app.processes.values():
            shown[process.name] = self._shown(f"{its.place.unit(process.name)}.service", process.port)
        shown |= {loop: self._shown(unit, None) for loop, unit in its.loops.items()}
        return shown

    def end(self) -> None:
        """Let go of what was watched; the units run on."""
        self._watch.close()
        self._prober.end()

    def _wanted(self, its: AppUnits, wish: _Wish) -> list[str]:
        """What has to be started for it; the rest of the app's own units comes and goes with these."""
        wanted = list(its.first) if wish.processes and not self.waits_for(its.place.app.name) else []
        if wish.loop is not None:
            wanted.append(its.loops[wish.loop])
        if wish.processes and wish.loop == "points" and LITESTREAM in its.loops:
            wanted.append(its.loops[LITESTREAM])
        return wanted

    def _stop(self, its: AppUnits, wish: _Wish, wanted: list[str], *, is_new: bool) -> None:
        """Whatever may write to the data is gone before its loop is."""
        if not wish.processes:
            self._stop_running(its.own)
        if is_new and not (wish.processes and wish.loop == "points"):
            app = its.place.app
            jobs = [f"{app.name}-{job}@*.service" for job in JOBS if getattr(app, job) is not None]
            if jobs:
                systemctl.act("stop", jobs)
        self._stop_running([unit for unit in its.loops.values() if unit not in wanted])

    def _stop_running(self, units: list[str] | tuple[str, ...]) -> None:
        ends_s = time.monotonic() + GUARD_ENDS_S
        while any(self._watch.states[name].sub == "condition" for name in units) and time.monotonic() < ends_s:
            time.sleep(0.05)
            self._look()
        running = [name for name in units if not _is_still(self._watch.states[name])]
        if running:
            systemctl.act("stop", running)
            self._look()

    def _start(self, wanted: list[str], wish: _Wish, loops: set[str], *, again: bool, is_new: bool) -> None:
        """`again`: it was asked to be something else before: what has failed deserves another try, and what was
        started on purpose is not counted as a crash loop's."""
        states = self._watch.states
        missing = [name for name in wanted if is_new and states[name].active == "inactive"]
        if is_new and again:
            missing += [name for name in wanted if states[name].active == "failed"]
            if missing:  # without names it would be all units of the machine
                with suppress(StationError):  # of a unit that is not loaded there is nothing to forget
                    systemctl.act("reset-failed", missing)
        if not is_new and time.monotonic() - wish.tried_at_s > SKIPPED_AGAIN_S:
            missing = [name for name in wanted if _is_still(states[name]) and _comes_back(states[name], loops)]
        if missing:
            wish.tried_at_s = time.monotonic()
            systemctl.act("start", missing, "--no-block")
            self._watch.expect()

    def _probe(self, its: AppUnits, wish: _Wish) -> None:
        process = its.place.app.gate
        if wish.processes and process.port is not None and process.health is not None:
            self._prober.watch(its.place.gate, process.port, process.health, its.place.app.bind)
        else:
            self._prober.forget(its.place.gate)

    def _look(self) -> None:
        self._tell(self._watch.look())

    def _tell(self, events: list[str]) -> None:
        for text in events:
            unit = text.partition(" ")[0]
            app = next((name for name, its in self._apps.items() if unit in its.all), "")
            self._news.append((app, text))

    def _shown(self, unit: str, port: int | None) -> dict[str, object]:
        state = self._watch.states.get(unit)
        running = state is not None and state.is_running
        return {
            "state": _word(state),
            "pid": state.pid if state else None,
            "since": _since(state.since) if state else None,
            "restarts": state.restarts if state else 0,
            "port": port,
            "healthy": self._prober.healthy(unit.removesuffix(".service")) if running else None,
            "why": why(state) if state is not None and state.active == "failed" else "",
        }


def _is_still(state: UnitState) -> bool:
    return state.active in ("inactive", "failed") and not state.queued


def _comes_back(state: UnitState, loops: set[str]) -> bool:
    """Whether what is still is started again by itself: what its guard kept back, and a loop that somebody stopped.

    An app that a person stopped stays so; without restore points or a mirror nobody means it to be.
    """
    return state.skipped or (state.name in loops and state.is_there and state.active == "inactive")


def _word(state: UnitState | None) -> str:
    """The state as folder hosts tell it."""
    if state is None or state.active == "inactive":
        return Shown.STOPPED.value
    if state.active == "failed":
        return Shown.FAILED.value
    return Shown.STARTING.value if state.active == "activating" else Shown.RUNNING.value


def _since(told: str) -> str | None:
    """What systemd says as `Sat 2026-11-21 09:03:11 UTC`."""
    try:
        return to_text(datetime.strptime(told, "%a %Y-%m-%d %H:%M:%S UTC").replace(tzinfo=UTC))
    except ValueError:
        return None
