"""Is an app healthy: one question over HTTP, a gate that asks it until a time is up, and a prober that keeps asking."""

import http.client
import os
import threading
import time
from collections.abc import Callable

from station.errors import GateFailed
from station.fleet import Health
from station.fleet.addresses import LOOPBACK, reachable
from station.hosts import ports
from station.hosts.foreground import Unit, UnitState, last_lines

_ASK_S = 2.0
_AGAIN_S = 0.1
_PROBE_EVERY_S = 2.0
_PROBE_AGAIN_S = 0.25  # while somebody is not healthy


def answer(port: int, health: Health, bind: str = LOOPBACK) -> str:
    """Empty when the app, listening on `bind`, answers as it should; otherwise why not."""
    connection = http.client.HTTPConnection(reachable(bind), port, timeout=_ASK_S)
    try:
        connection.request("GET", health.path)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as why:
        return f"GET {health.path} on port {port}: {getattr(why, 'strerror', None) or why or type(why).__name__}"
    finally:
        connection.close()
    return "" if status == health.status else f"GET {health.path} on port {port}: {status} instead of {health.status}"


def gate(unit: Unit, health: Health, pulse: Callable[[], None]) -> None:
    """Wait until the unit is healthy: it answers, it is our own child that listens, and it did not die meanwhile.

    GateFailed after `within_s`, or at once when the unit dies, with the last lines of its log.
    """
    port, process = unit.spec.port, unit.pid
    if port is None:
        raise ValueError(f"{unit.spec.name} has no port to ask")
    bind = unit.spec.env.get("BIND", LOOPBACK)
    deadline_s = time.monotonic() + health.within_s
    while True:
        pulse()
        if unit.state is not UnitState.RUNNING or unit.pid != process:
            raise _failed(unit, "it ended while it was starting")
        if not (why := answer(port, health, bind)) and not (why := _stranger(port, process)):
            return
        if time.monotonic() > deadline_s:
            raise _failed(unit, f"{why}, {health.within_s:g} s after its start")
        time.sleep(_AGAIN_S)


class Prober:
    """Asks every watched unit every other second, more often while one is not healthy. Its thread forks nothing."""

    def __init__(self) -> None:
        self._watched: dict[str, tuple[int, Health, str]] = {}
        self._healthy: dict[str, bool] = {}
        self._changed = threading.Condition()
        self._ending = False
        self._thread = threading.Thread(target=self._probe, name="prober", daemon=True)
        self._thread.start()

    def watch(self, name: str, port: int, health: Health, bind: str = LOOPBACK) -> None:
        with self._changed:
            self._watched[name] = (port, health, bind)
            self._changed.notify()

    def forget(self, name: str) -> None:
        with self._changed:
            self._watched.pop(name, None)
            self._healthy.pop(name, None)

    def healthy(self, name: str) -> bool | None:
        """The last answer; None when the unit was not asked yet."""
        with self._changed:
            return self._healthy.get(name)

    def end(self) -> None:
        with self._changed:
            self._ending = True
            self._changed.notify()
        self._thread.join()

    def _probe(self) -> None:
        answers: dict[str, bool] = {}
        while True:
            with self._changed:
                self._changed.wait(_PROBE_EVERY_S if all(answers.values()) else _PROBE_AGAIN_S)
                if self._ending:
                    return
                watched = dict(self._watched)
            answers = {name: not answer(*where) for name, where in watched.items()}
            with self._changed:
                self._healthy |= {name: healthy for name, healthy in answers.items() if name in self._watched}


def _stranger(port: int, leader: int | None) -> str:
    """Empty when the port's listener belongs to the unit (its session is the unit's own), otherwise who it is."""
    found = ports.owner(port)
    if found is None:
        return f"nobody listens on port {port}"
    try:
        ours = found.pid is not None and os.getsid(found.pid) == leader
    except ProcessLookupError:
        ours = False
    return "" if ours else f"port {port} is answered by {found}"


def _failed(unit: Unit, why: str) -> GateFailed:
    lines = last_lines(unit.spec.log)
    said = f"\nThe last lines of {unit.spec.log}:\n" + "\n".join(f"    {line}" for line in lines.splitlines())
    return GateFailed(f"{unit.spec.name} did not become healthy: {why}{said if lines else ''}", f"See {unit.spec.log}")
