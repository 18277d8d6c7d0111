"""Ending a switch that was cut by a kill or a power cut: forward once the new release had proven itself, else back."""

import time
from collections.abc import Callable

from station.clock import Clock
from station.errors import StationError
from station.fleet import Fleet, Host
from station.hosts import systemctl
from station.hosts.rendering.place import Place
from station.hosts.rendering.switch_units import RECOVER_S
from station.hosts.switching import journal as journals
from station.hosts.switching.gate import KeptStill
from station.hosts.switching.held import serve_new
from station.hosts.switching.journal import Phase
from station.hosts.switching.undoing import undo
from station.hosts.switching.work import Work

Tell = Callable[[str], None]


def recover(fleet: Fleet, host: Host, app: str, *, now: Clock, tell: Tell) -> str:
    """End the switch that the journal tells of, if there is one: what was done, in words. It may be cut, and run again.

    Takes the lock of the app's deploys: Busy while somebody has it. StationError when it can go neither forward nor
    back; then the journal stays, and nothing of the app starts.
    """
    with journals.holding(host, app, f"Recovering {app}"):
        return recover_held(fleet, host, app, now=now, tell=tell)


def have_recovered(host: Host, app: str) -> str:
    """Have the unit that may do so end the switch, for one who may not write where releases are: what it said."""
    unit = f"{app}-recover.service"
    try:
        systemctl.act("start", [unit], within_s=RECOVER_S + 30)
    except StationError as why:
        raise StationError(f"The deploy of {app} that was cut is not ended: {_said(unit) or why.message}") from why
    return _said(unit)


def _said(unit: str) -> str:
    return systemctl.journal(unit, 1)


def recover_held(fleet: Fleet, host: Host, app: str, *, now: Clock, tell: Tell) -> str:
    """As `recover`, for one who holds the lock."""
    journal = journals.read(host, app)
    if journal is None:
        return f"{app}: no deploy was cut, nothing to do"
    work = Work(Place(fleet, host, fleet.apps[app]), now, tell, journal)
    tell(f"the deploy of {journal.new} was cut while it was {journal.phase}")
    if journal.phase is Phase.PROVEN:
        return _go_forward(work)
    undone = undo(work, journal.why or "it was cut")
    return f"{app}: the deploy of {journal.new} was cut and is undone: {undone.text}"


def _go_forward(work: Work) -> str:
    app, new = work.app.name, work.journal.new
    if work.journal.kind == "links":
        work.point_to(new)
        work.over()
        return f"{app}: the links name {new}"
    try:
        work.end_trials()
        work.processes.stop(work.processes.all)
        serve_new(work, time.monotonic())
    except KeptStill:
        work.over()
        return f"{app}: {new} is deployed; it is not started here, for another host is primary"
    except StationError as why:
        undone = undo(work, why.message.partition("\n")[0])
        return f"{app}: {new} did not become healthy again ({why.message}); {undone.text}"
    work.over()
    return f"{app}: {new} had proven itself when its deploy was cut; it serves now"
