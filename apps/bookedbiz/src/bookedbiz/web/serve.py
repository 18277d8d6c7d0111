"""Run the pages: one process, uvicorn in front of the threads that answer."""

from collections.abc import Iterable, Mapping
from contextvars import Context

from flask import Flask

import station_serve
from bookedbiz.settings import Settings
from bookedbiz.web.app import create_app
from station_kit import serving
from station_serve.wrapping import AsgiApp, WsgiApp

WORKERS = 10


def serve(settings: Settings, environ: Mapping[str, str]) -> None:
    """Answer until SIGTERM or Ctrl-C; requests under way are finished first, and the process then ends with 0.

    On the sockets that systemd handed over, else at the settings' address. BadSetting when that is taken.
    """
    app = as_asgi(create_app(settings))
    listeners = serving.handed_over(environ) or [serving.listen(settings.bind, settings.port)]
    station_serve.serve(app, environ, listeners=listeners, lifespan=False)


def as_asgi(app: Flask) -> AsgiApp:
    """The application as an ASGI server wants it: each request in one of a few threads."""
    return station_serve.as_asgi(in_own_context(app), threads=WORKERS)


def in_own_context(app: WsgiApp) -> WsgiApp:
    """Answer each request in an empty context: over a busy connection the next one would find what this one left there,
    its database connection and its person."""

    def answer(environ: object, start_response: object) -> Iterable[bytes]:
        return Context().run(app, environ, start_response)

    return answer
