"""Units as systemd tells them: those that shall run do, those that shall not cannot, and timers come round."""

import re
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from station.hosts import systemctl
from station.hosts.doctor.check import Said, failed, ok, unknown, warning
from station.hosts.doctor.here import Here
from station.hosts.rendering.place import Place
from station.hosts.switching.journal import is_under_way

_UNITS_S = {
    "us": 1e-6,
    "ms": 1e-3,
    "s": 1,
    "min": 60,
    "h": 3600,
    "d": 86400,
    "w": 604800,
    "month": 2629800,
    "y": 31557600,
}
CALM_S = 600.0  # a unit that systemd started again is watched for so long
_ENABLED = ("enabled", "enabled-runtime", "static", "alias", "linked", "generated", "indirect")
_WAITING = ("activating", "deactivating", "reloading")


class Wish(StrEnum):
    """`RUN`: it shall be active. `REST`: it may be, when something starts it. `STILL`: not on this host now."""

    RUN = "run"
    REST = "rest"
    STILL = "still"


def units(here: Here) -> Iterator[Said]:
    """Every unit that shall run does, starts with the machine, and was not started again lately.

    On a standby the app is still.

    By hand: systemctl status ctv-bookedbiz-db

    Remedy: journalctl -u UNIT -n 50 tells why; systemctl restart UNIT
    """
    wishes = wished(here)
    told = [said for unit, wish in wishes.items() for said in _told(here, here.units[unit], wish)]
    yield from told
    if not told:
        running = sum(here.units[unit].is_running for unit in wishes)
        yield ok("", f"{running} of {len(wishes)} units run, and the others have nothing to do")


def retired(here: Here) -> Iterator[Said]:
    """What was retired does not run, and nothing can start it any more.

    By hand: systemctl is-enabled flaskapp.service

    Remedy: station apply HOST
    """
    fix = f"station apply {here.host.name}"
    for unit in here.host.retire:
        state = here.units[unit]
        if state.active not in ("inactive", "failed"):
            yield failed(unit, f"is {state.active}, though it was retired", f"systemctl stop {unit}; {fix}")
        elif state.load != "masked":
            how = "can be started" if state.load == "loaded" else "is not masked: who installs it can start it"
            yield failed(unit, how, fix)
        else:
            yield ok(unit, "masked: nothing can start it")


def timers(here: Here) -> Iterator[Said]:
    """Every timer is on and comes round again, and what it started last ended well.

    By hand: systemctl list-timers

    Remedy: systemctl start TIMER
    """
    names = sorted(unit for unit in here.unit_names if unit.endswith(".timer"))
    found = systemctl.timers(names)
    started = systemctl.states([each.starts for each in found.values() if each.starts])
    for name, timer in found.items():
        last = started.get(timer.starts)
        ran = f"ran last {timer.last}" if timer.last else "has not run yet"
        if timer.active != "active":
            yield failed(name, f"is {timer.active or 'not there'}: it starts nothing", f"systemctl enable --now {name}")
        elif last is not None and last.active == "failed":
            why = f"the last run failed ({last.result}, exit code {last.exit_status}); it {ran}"
            yield failed(name, why, f"journalctl -u {timer.starts} -n 50")
        elif not timer.next and last is not None and last.active == "inactive":
            yield failed(name, f"will not come round again; it {ran}", f"systemctl restart {name}")
        else:
            yield ok(name, f"{ran}; {_next(timer.next)}")


def dev(here: Here) -> Iterator[Said]:
    """A developer's own instance runs as that developer's service, and without a login.

    By hand: systemctl --user is-active spotops-dev

    Remedy: loginctl enable-linger USER; systemctl --user -M USER@ restart UNIT
    """
    for place in here.places:
        its = place.app.dev
        if its is None or place.app.primary != here.host.name:
            continue
        unit, manager = f"{its.service}.service", f"systemctl --user -M {its.user}@"
        if not Path(f"/var/lib/systemd/linger/{its.user}").exists():
            yield failed(unit, f"ends when {its.user} signs out", f"loginctl enable-linger {its.user}")
            continue
        state = systemctl.states([unit], user=its.user)[unit]
        if state.active == "failed" or state.sub == "auto-restart":
            why = f"of {its.user}: {state.active}, {state.result}, started {state.restarts} times"
            yield warning(unit, why, f"journalctl _SYSTEMD_USER_UNIT={unit} -n 50")
        elif not state.is_running:
            yield warning(unit, f"of {its.user}: {state.active}", f"{manager} start {unit}")
        else:
            yield ok(unit, f"of {its.user}: runs, port {its.port}")


def _next(told: str) -> str:
    """When a timer elapses: a time, or how long after the start of the machine (`6h 50min 49.468319s after …`)."""
    if not told:
        return "next when this run is over"
    lengths = re.findall(r"([\d.]+)([a-z]+)", told.partition(" after ")[0]) if " after " in told else []
    if not lengths or any(unit not in _UNITS_S for _, unit in lengths):
        return f"next {told}"
    left_s = sum(float(number) * _UNITS_S[unit] for number, unit in lengths) - time.clock_gettime(time.CLOCK_MONOTONIC)
    return f"next in {max(0.0, left_s):.0f} s"


def wished(here: Here) -> Mapping[str, Wish]:
    """What each unit of the manifest shall do, as the host's role for each app is."""
    wishes = {unit: Wish.RUN if unit in here.wanted.enable else Wish.REST for unit in sorted(here.unit_names)}
    for place in here.every_place:
        wishes |= {unit: wish for unit, wish in _of_app(here, place).items() if unit in wishes}
        for job in place.app.jobs:
            wishes[f"{place.unit(job)}.service"] = Wish.REST
    return {unit: wish for unit, wish in wishes.items() if not unit.endswith(".mount")}


def _of_app(here: Here, place: Place) -> Mapping[str, Wish]:
    app, role = place.app, here.role(place)
    serving = [f"{place.unit(each)}.{kind}" for each in app.processes for kind in ("service", "socket")]
    serving += [f"{place.unit(each)}-hold.service" for each in app.processes] + [f"{app.name}-primary.service"]
    loops = [f"{app.name}-points.service", f"{app.name}-litestream.service"]
    mirror = f"{app.name}-mirror.service"
    if role not in ("primary", "standby") or is_under_way(here.host, app.name):
        return dict.fromkeys([*serving, *loops, mirror], Wish.REST)
    primary = role == "primary"
    known = bool(here.status_of(app.name))  # a host without a standby is primary, but who is silent starts no loop
    looping = Wish.RUN if known else Wish.REST
    wishes = dict.fromkeys(serving, Wish.RUN if primary else Wish.STILL)
    wishes |= dict.fromkeys(loops, looping if primary else Wish.STILL)
    return wishes | {mirror: Wish.STILL if primary else looping}


def _told(here: Here, state: systemctl.UnitState, wish: Wish) -> Iterator[Said]:
    """What is wrong with a unit; nothing when all is well."""
    name = state.name
    if state.load == "not-found":
        yield failed(name, "is not there", f"station apply {here.host.name}")
        return
    if state.load == "masked":
        yield failed(name, "is masked: nothing can start it", f"systemctl unmask {name}")
        return
    if name in here.wanted.enable and state.file_state not in _ENABLED:
        yield failed(
            name, "is not enabled: a restart of the machine does not bring it back", f"systemctl enable {name}"
        )
    if state.needs_reload:
        yield warning(name, "its file was changed and systemd has not read it", "systemctl daemon-reload")
    yield from _acting(here, state, wish)


def _acting(here: Here, state: systemctl.UnitState, wish: Wish) -> Iterator[Said]:
    name, look = state.name, f"journalctl -u {state.name} -n 50"
    if state.active == "failed":
        yield failed(name, f"failed: {state.result}, exit code {state.exit_status}", look)
    elif state.sub == "auto-restart":
        yield failed(name, f"ends again and again: started {state.restarts} times, {state.result}", look)
    elif wish is Wish.STILL and state.active == "active":
        yield failed(name, "runs, though this host is not the one that serves", f"systemctl stop {name}")
    elif wish is Wish.RUN and state.active in _WAITING:
        yield warning(name, f"is {state.active}", look)
    elif wish is Wish.RUN and not state.is_running:
        yield from _idle(here, state)
    elif state.restarts and (since_s := active_for_s(state.since, here.now)) is not None and since_s < CALM_S:
        yield warning(name, f"systemd started it again {state.restarts} times, last {since_s:.0f} s ago", look)


def _idle(here: Here, state: systemctl.UnitState) -> Iterator[Said]:
    if state.skipped and state.name.endswith("-datasette.service"):
        yield unknown(state.name, "waits for its first copy", "systemctl start " + state.name.replace(".s", "-copy.s"))
    elif state.skipped:
        yield failed(
            state.name, "was kept from starting by its condition or its guard", f"systemctl start {state.name}"
        )
    else:
        yield failed(state.name, f"does not run: {state.active}", f"systemctl start {state.name}")


def active_for_s(since: str, now: datetime) -> float | None:
    """How long ago `Sat 2026-11-21 09:00:00 UTC` was, None when it is not such a text."""
    try:
        began = datetime.strptime(since.removesuffix(" UTC").partition(" ")[2], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    return (now - began).total_seconds()
