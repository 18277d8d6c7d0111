"""The gate of an app whose processes systemd runs: it answers, it has not restarted, and the port is its own."""

import time
from collections.abc import Callable

from station.errors import GateFailed, PortTaken
from station.fleet import App
from station.hosts import ports, systemctl
from station.hosts.health import answer
from station.hosts.listening import listeners
from station.hosts.rendering.place import Place
from station.hosts.unit_watch import why

ASK_EVERY_S = 0.25
LOG_LINES = 20
_PORT_FREE_WITHIN_S = 5.0  # the old primary may have been told to stop a moment ago


def gate(place: Place, pulse: Callable[[], None]) -> None:
    """Wait until the app is healthy, calling `pulse` meanwhile. GateFailed with its last log lines.

    At once when the unit ends, is restarted or was not allowed to start; else when the manifest's time is up.
    """
    process, unit = place.app.gate, f"{place.gate}.service"
    if process.health is None or process.port is None:
        return
    deadline_s = time.monotonic() + process.health.within_s
    restarts: int | None = None
    reason = f"{unit} did not start"
    while True:
        pulse()
        state = systemctl.states([unit])[unit]
        restarts = state.restarts if restarts is None else restarts
        if state.active == "failed":
            raise _failed(unit, why(state), state.invocation)
        if state.restarts > restarts or state.sub == "auto-restart":
            raise _failed(unit, "it ended while it was starting", "")
        if state.skipped and not state.queued and state.active == "inactive":
            raise _failed(unit, "it was not allowed to start; its journal says why", "")
        if state.is_running:
            reason = answer(process.port, process.health, place.app.bind) or stranger(place)
            if not reason:
                return
        if time.monotonic() > deadline_s:
            raise _failed(unit, f"{reason}, {process.health.within_s:g} s after its start", state.invocation)
        time.sleep(ASK_EVERY_S)


def stranger(place: Place) -> str:
    """Empty when the app's own unit listens on its port; otherwise who does."""
    process = place.app.gate
    if process.port is None:
        return ""
    return listeners.stranger(f"{place.gate}.service", process.port, place.app.account, socket=process.socket)


def require_ports(app: App) -> None:
    """PortTaken, naming the owner, when a port of the app's processes does not become free soon."""
    wanted = {process.name: process.port for process in app.processes.values() if process.port is not None}
    deadline_s = time.monotonic() + _PORT_FREE_WITHIN_S
    while taken := {name: who for name, port in wanted.items() if (who := ports.owner(port)) is not None}:
        if time.monotonic() > deadline_s:
            lines = [f"Port {wanted[name]} of {app.name}/{name} is taken: by {who}" for name, who in taken.items()]
            raise PortTaken("\n".join(lines), "`station audit` tells which unit it is of; stop that, or choose another")
        time.sleep(0.1)


def _failed(unit: str, reason: str, invocation: str) -> GateFailed:
    lines = systemctl.journal(unit, LOG_LINES, invocation=invocation)
    said = "\nThe last lines of its journal:\n" + "\n".join(f"    {line}" for line in lines.splitlines())
    hint = f"See `journalctl -u {unit}`"
    return GateFailed(f"{unit} did not become healthy: {reason}{said if lines else ''}", hint)
