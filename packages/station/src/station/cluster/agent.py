"""The process that runs one host: follows the lease of every app, obeys the verbs of a switch, tells how it is.

One thread does all the work: it forks, it decides, it serves one request at a time. See control.py for the others.
"""

import contextlib
import queue
import signal
import sys
import time
import traceback
from collections.abc import Mapping
from typing import Any

from station.clock import Clock
from station.cluster.content import Content
from station.cluster.control import ControlServer, Request
from station.cluster.duty import Duty
from station.cluster.following import Workplace
from station.cluster.heartbeat import Events, Heartbeat
from station.cluster.instance import only_instance
from station.cluster.jobs import Jobs
from station.cluster.lease import Lease
from station.cluster.roles import Role
from station.cluster.units import Units
from station.errors import StationError
from station.fleet import Fleet, Host
from station.stores.store import Store

TICK_S = 0.25
LOOK_EVERY_S = 1.0  # at what is here; the store is asked for the lease as often as its `look_every_s` says
BEAT_EVERY_S = 1.0


class Agent:
    """One host. `run` returns when it was asked to end (SIGTERM, SIGINT) and everything that ends with it is gone."""

    def __init__(self, fleet: Fleet, host: Host, stores: Mapping[str, Store], units: Units, now: Clock) -> None:
        self._host = host
        self._units = units
        self._now = now
        self._events = Events(host, now)
        self._heartbeat = Heartbeat(host, now())
        self._requests: queue.Queue[Request] = queue.Queue()
        self._ending = False
        self._looked_at_s = self._beat_at_s = float("-inf")
        self._look_every_s = LOOK_EVERY_S
        self._duties = {}
        self._jobs = {}
        workplace = Workplace(host, units, self._events, now)
        for app in fleet.apps.values():
            if host.name in app.hosts:
                name = app.stores[0]
                content = Content(app, host, stores[name], now)
                lease, look_every_s = Lease(stores[name], app.name), fleet.stores[name].look_every_s
                self._duties[app.name] = Duty(app, lease, content, workplace, look_every_s)
                self._look_every_s = min(self._look_every_s, look_every_s)
                self._jobs[app.name] = Jobs(app, workplace)

    def run(self) -> None:
        """Busy when another agent runs this host."""
        paths = self._host.paths
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)
        with only_instance(paths.lock("agent"), f"The agent of {self._host.name}"):
            self._beat()
            with ControlServer(paths.socket, self._requests, lambda: self._heartbeat.latest):
                self._events.tell("", "started", f"the agent of {self._host.name} started")
                while not self._ending:
                    self._tick()
                self._leave()

    def _end(self, number: int, frame: object) -> None:
        self._ending = True

    def _tick(self) -> None:
        with contextlib.suppress(queue.Empty):
            self._serve(self._requests.get(timeout=TICK_S))
        if time.monotonic() - self._looked_at_s >= self._look_every_s:
            self._looked_at_s = time.monotonic()
            for duty in self._duties.values():
                duty.look(self._pulse)
                self._jobs[duty.app.name].look(serving=duty.role is Role.PRIMARY)
        self._pulse()

    def _serve(self, request: Request) -> None:
        try:
            request.done(self._answer(request))
        except StationError as why:
            request.fail(why)
        except OSError as why:
            request.fail(StationError(f"{request.verb} failed on {self._host.name}: {why}", "Is its disk full?"))
        except Exception:  # noqa: BLE001 - a bug in one verb must not take the host down
            _log(traceback.format_exc())
            request.fail(StationError(f"{request.verb} failed on {self._host.name}: a bug; its log has the details"))
        self._beat()

    def _answer(self, request: Request) -> dict[str, Any]:
        wanted = dict(request.arguments)
        duty = self._duties.get(wanted.pop("app", ""))
        if duty is None:
            raise StationError(f"{self._host.name} does not know that app")
        match request.verb:
            case "point":
                return duty.point(self._pulse)
            case "demote":
                return duty.demote(request.step, **wanted)
            case "resume":
                return duty.resume(self._pulse)
            case "promote":
                return duty.promote(request.step, self._pulse, **wanted)
        raise StationError(f"{self._host.name} does not know the verb {request.verb}")

    def _pulse(self) -> None:
        """Keep units and heart going; called in the middle of long work too."""
        for app, text in self._units.supervise():
            self._events.tell(app, "unit", text)
        if time.monotonic() - self._beat_at_s >= BEAT_EVERY_S:
            self._beat()

    def _beat(self) -> None:
        self._beat_at_s = time.monotonic()
        try:
            self._heartbeat.beat(
                {name: duty.status() | self._jobs[name].status() for name, duty in self._duties.items()}, self._now()
            )
        except OSError as why:  # a full disk; the page will say that it heard nothing
            _log(f"status not written: {why}")

    def _leave(self) -> None:
        """Stop everything in order; a primary takes its last point when its app is quiet.

        On a machine nothing is stopped: an agent that is renewed or that died must not cost the app a second.
        """
        if not self._units.outlive_agent:
            for duty in self._duties.values():
                if duty.role is Role.PRIMARY:
                    duty.last_point()
                self._units.run(duty.app.name, processes=False, loop=None)
        self._beat()
        self._events.tell("", "stopped", f"the agent of {self._host.name} stopped")


def _log(text: str) -> None:
    """To the agent's own log. It may lie on the disk that is full: that must not end the host."""
    with contextlib.suppress(OSError):
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()
