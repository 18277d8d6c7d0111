"""`station alert --unit UNIT`: systemd runs it when a unit has failed. Says what, why, and what comes next."""

import os
import time
from collections.abc import Mapping
from datetime import datetime, timedelta

import click

from station.cli.console import say
from station.cli.session import Session, pass_session
from station.clock import utc_now
from station.errors import StationError
from station.fleet import Fleet, Host
from station.hosts import systemctl
from station.hosts.alerts import alert as tell
from station.hosts.rendering.place import AGAIN_AFTER_S, apps_of
from station.hosts.systemctl import UnitState
from station.hosts.unit_watch import why

LOG_LINES = 10
KINDS = (".service", ".timer", ".socket", ".mount")


@click.command(help="Tell that a unit has failed: which, why, its last lines, and when it is tried again.")
@click.option("--unit", required=True, metavar="UNIT", help="As OnFailure= names it.")
@pass_session
def alert(session: Session, unit: str) -> None:
    fleet, host = session.fleet, session.here()
    name = _whole_name(unit, os.environ)
    if (
        os.environ.get("MONITOR_SERVICE_RESULT") == "success"
    ):  # it never ran: a standby has no socket for it, for example
        say(f"{name} was not started: something that it needs does not run")
        return
    about = _app_of(fleet, host, name) or host.name
    text, to_do = _words(name, os.environ, utc_now())
    tell(host.paths, about, text, utc_now(), to_do=to_do, unit=name)


def _whole_name(unit: str, env: Mapping[str, str]) -> str:
    """systemd says itself which unit it was (MONITOR_UNIT, since version 251), with the instance that `unit` lacks."""
    said = env.get("MONITOR_UNIT", "")
    if said.startswith(unit.removesuffix(".service")):
        return said
    return unit if unit.endswith(KINDS) else f"{unit}.service"


def _app_of(fleet: Fleet, host: Host, unit: str) -> str:
    """The app whose unit it is; "" for one of the platform's own."""
    for place in apps_of(fleet, host):
        app = place.app
        named = {place.unit(name) for name in (*app.processes, *app.jobs)}
        bare = unit.rpartition(".")[0].partition("@")[0]
        if bare in named or bare.startswith(f"{app.name}-"):
            return app.name
    return ""


def _words(unit: str, env: Mapping[str, str], now: datetime) -> tuple[str, str]:
    """What failed, why, its last lines; and what to do."""
    state = _state(unit)
    invocation = env.get("MONITOR_INVOCATION_ID", "") or (state.invocation if state else "")
    lines = systemctl.journal(unit, LOG_LINES, invocation=invocation).splitlines()
    said = "".join(f"\n    {line}" for line in lines)
    often = f", {state.restarts + 1} times in a row" if state and state.active == "failed" and state.restarts else ""
    text = f"{unit} has failed: {_reason(state, env)}{often}{_next(unit, now)}{said}"
    return text, f"`journalctl -u {unit}` has it all; `systemctl restart {unit}` tries it now"


def _state(unit: str) -> UnitState | None:
    try:
        return systemctl.states([unit])[unit]
    except StationError:
        return None


def _reason(state: UnitState | None, env: Mapping[str, str]) -> str:
    """As systemd had it when it failed: the unit may run again by now."""
    result, status = env.get("MONITOR_SERVICE_RESULT", ""), env.get("MONITOR_EXIT_STATUS", "")
    if result in ("exit-code", "start-limit-hit") and status not in ("", "0"):
        return f"it ended with {status}"
    if result in ("signal", "core-dump") and status:
        return f"it was ended by the signal {status}"
    return why(state) if state is not None and state.active == "failed" else result or "its state says no more"


def _next(unit: str, now: datetime) -> str:
    """When it is tried again without anybody: only services have that timer, and jobs have times of their own."""
    name = f"station-again@{unit}.timer"
    try:
        pending, timer = systemctl.states([name])[name], systemctl.timers([name])[name]
    except StationError:
        return ""
    if pending.active not in ("active", "activating") and not pending.queued:
        return ""
    # it is started beside us: where systemd has not come to it yet, it has its whole time before it
    in_s = timer.next_s - time.monotonic() if timer.next_s is not None else AGAIN_AFTER_S
    at = (now + timedelta(seconds=max(0.0, in_s))).astimezone()
    return f"; it is tried again at {at:%H:%M:%S}"
