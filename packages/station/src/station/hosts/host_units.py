"""The units of one folder host, by app: what the agent asks for, carried out by children in the foreground."""

import signal
import time
from collections.abc import Callable

from station.clock import Clock, to_text
from station.fleet import Fleet, Host
from station.hosts import ports
from station.hosts.foreground import Foreground, UnitState
from station.hosts.health import Prober, gate
from station.hosts.units import (
    JOBS,
    LITESTREAM,
    LOOPS,
    Job,
    Loop,
    Programs,
    job_unit,
    litestream_unit,
    loop_unit,
    process_units,
    unit_name,
)

_PORT_FREE_WITHIN_S = 5.0  # the old primary may have been told to stop a moment ago


class HostUnits:
    """Meets the `Units` protocol of `station.cluster`."""

    outlive_agent = False

    def __init__(self, fleet: Fleet, host: Host, programs: Programs, now: Clock) -> None:
        self._fleet = fleet
        self._host = host
        self._programs = programs
        self._foregrounds = {app: Foreground(now) for app in fleet.apps}
        self._prober = Prober()

    def run(self, app: str, *, processes: bool, loop: Loop | None) -> None:
        manifest = self._fleet.apps[app]
        own = process_units(manifest, self._host, self._programs)
        wanted = own if processes else []
        loops = [loop_unit(self._fleet, manifest, self._host, loop, self._programs)] if loop else []
        if processes and loop == "points" and manifest.litestream is not None:
            loops.append(litestream_unit(self._fleet, manifest, self._host, self._programs))
        keep = {spec.name for spec in (*wanted, *loops)}
        if not processes:
            self._prober.forget(unit_name(manifest, manifest.gate.name))
        foreground = self._foregrounds[app]
        foreground.stop(spec.name for spec in own if spec.name not in keep)
        rest = (*LOOPS, LITESTREAM, *(() if processes and loop == "points" else JOBS))
        foreground.stop(name for each in rest if (name := unit_name(manifest, each)) not in keep)
        for spec in (*wanted, *loops):
            foreground.start(spec)
        if processes and manifest.gate.port is not None and manifest.gate.health is not None:
            gate_unit = unit_name(manifest, manifest.gate.name)
            self._prober.watch(gate_unit, manifest.gate.port, manifest.gate.health, manifest.bind)

    def held(self, app: str) -> str:
        return ""

    def waits_for(self, app: str) -> str:
        return ""

    def require_ports(self, app: str) -> None:
        wanted = {
            f"{app}.{process.name}": process.port
            for process in self._fleet.apps[app].processes.values()
            if process.port is not None
        }
        deadline_s = time.monotonic() + _PORT_FREE_WITHIN_S
        while time.monotonic() < deadline_s:
            if all(ports.owner(port) is None for port in wanted.values()):
                return
            time.sleep(0.1)
        ports.require_free(wanted)

    def gate(self, app: str, pulse: Callable[[], None]) -> None:
        manifest = self._fleet.apps[app]
        process = manifest.gate
        if process.health is not None:
            gate(self._foregrounds[app].units[unit_name(manifest, process.name)], process.health, pulse)

    def nudge(self, app: str, loop: Loop) -> bool:
        return self._foregrounds[app].signal(unit_name(self._fleet.apps[app], loop), signal.SIGUSR1)

    def start_job(self, app: str, job: Job, due: str) -> None:
        manifest = self._fleet.apps[app]
        self._foregrounds[app].start(job_unit(self._fleet, manifest, self._host, (job, due), self._programs))

    def job_code(self, app: str, job: Job) -> int | None:
        unit = self._foregrounds[app].units.get(unit_name(self._fleet.apps[app], job))
        return unit.exit_code if unit is not None and unit.state is UnitState.ENDED else None

    def supervise(self) -> list[tuple[str, str]]:
        return [(app, text) for app, foreground in self._foregrounds.items() for text in foreground.supervise()]

    def status(self, app: str) -> dict[str, dict[str, object]]:
        prefix = unit_name(self._fleet.apps[app], "")
        return {
            name.removeprefix(prefix): {
                "state": unit.state.value,
                "pid": unit.pid,
                "since": to_text(unit.since),
                "restarts": unit.restarts,
                "port": unit.spec.port,
                "healthy": self._prober.healthy(name) if unit.state is UnitState.RUNNING else None,
            }
            for name, unit in self._foregrounds[app].units.items()
        }

    def end(self) -> None:
        """Stop whatever still runs."""
        for foreground in self._foregrounds.values():
            foreground.stop(list(foreground.units))
        self._prober.end()
