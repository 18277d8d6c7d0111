"""The server: uvicorn on the sockets that were handed over, ready when it answers, ended without losing a request."""

import asyncio
import logging
import math
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from types import FrameType
from typing import Any

import uvicorn

from station_kit import serving
from station_serve.wrapping import AsgiApp, Ending

GRACE_S = 5.0  # for requests under way when the host says stop; a host kills after 10 s
HEAD_S = 10.0  # for a request's head to arrive; a body's time is the application's matter
LINGER_S = 0.5  # for what is on its way on an open connection; longer than a packet takes there and back
HANGING_S = 1.0  # for threads after that
_SWEEP_S = 1.0
_TURN_S = 0.02

_log = logging.getLogger("uvicorn.error")


def serve(
    app: AsgiApp,
    environ: Mapping[str, str],
    *,
    listeners: Sequence[serving.Listener] | None = None,
    lifespan: bool = True,
    grace_s: float = GRACE_S,
    access_log: bool = False,
) -> None:
    """Answer until SIGTERM or Ctrl-C; requests under way are finished first.

    On every one of `listeners`: else the sockets that systemd handed over, else one at BIND and PORT. BadSetting.
    `lifespan`: whether the application wants to know of start and end; a WSGI one does not.
    """
    ending = Ending(app)
    server = _Server(
        uvicorn.Config(
            ending,
            lifespan="auto" if lifespan else "off",
            loop="asyncio",  # taking the sockets' readers away, below, is not uvloop's way
            access_log=access_log,
            log_level="info",
            server_header=False,
            proxy_headers=False,  # nothing in front is trusted to say who is asking
            timeout_graceful_shutdown=math.ceil(grace_s),
        ),
        environ,
        ending,
    )

    def end_well(_: int, __: FrameType | None) -> None:
        """uvicorn raises the signal again when it is done; before it has begun the end is this."""
        if not server.started:
            sys.exit(0)

    signal.signal(signal.SIGTERM, end_well)
    taken = serving.listeners(environ) if listeners is None else listeners
    _log.info("serving on %s", ", ".join(each.where for each in taken))
    server.run([each.socket for each in taken])
    if ending.cut:
        _end_soon()


def _end_soon() -> None:
    """A thread that still works for a request keeps Python from ending; the request was given up already."""
    ending = threading.Timer(HANGING_S, os._exit, [0])
    ending.daemon = True
    ending.start()


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, environ: Mapping[str, str], ending: Ending) -> None:
        super().__init__(config)
        self._environ, self._ending = environ, ending
        self._watchdog: asyncio.Task[None] | None = None
        self._sweeper: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        serving.ready(self._environ)  # the application is loaded and the sockets are accepted from: not earlier
        self._sweeper = asyncio.create_task(self._close_late_heads())
        every_s = serving.watchdog_s(self._environ)
        if every_s is not None:
            self._watchdog = asyncio.create_task(self._feed(every_s))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Whoever is accepted is answered; who comes now waits in the socket for the next process."""
        serving.stopping(self._environ)
        self._ending.begun = True
        loop = asyncio.get_running_loop()
        for each in sockets or []:
            loop.remove_reader(each)  # not closed yet: asyncio drops a connection that it accepted a moment ago
        ends = loop.time() + LINGER_S
        await asyncio.sleep(_TURN_S)  # until then what was accepted last counts among the connections
        while self.server_state.connections and loop.time() < ends:
            await asyncio.sleep(_TURN_S)
        await super().shutdown(sockets)
        if self._sweeper is not None:
            self._sweeper.cancel()
        if self._watchdog is not None:
            self._watchdog.cancel()

    async def _close_late_heads(self) -> None:
        """Whoever connects and never finishes a request's head would hold a connection for ever."""
        since: dict[Any, float] = {}
        while True:
            now_s = time.monotonic()
            late = {each: since.get(each, now_s) for each in self.server_state.connections if _wants_head(each)}
            since = late
            for each, began_s in late.items():
                if now_s - began_s >= HEAD_S:
                    each.transport.close()
            await asyncio.sleep(_SWEEP_S)

    async def _feed(self, every_s: float) -> None:
        """From the loop itself: when it hangs nobody is told that all is well."""
        while True:
            serving.alive(self._environ)
            await asyncio.sleep(every_s)


def _wants_head(connection: Any) -> bool:
    """Whether the connection has no request under way, and uvicorn does not count its idle time either."""
    if not (hasattr(connection, "cycle") and hasattr(connection, "timeout_keep_alive_task")):  # a WebSocket
        return False
    is_free = connection.cycle is None or connection.cycle.response_complete
    return is_free and connection.timeout_keep_alive_task is None
