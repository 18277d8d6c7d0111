"""Run the pages: one process, uvicorn in front of the threads that answer."""

from collections.abc import Mapping

from flask import Flask

import station_serve
from bookedbiz.settings import Settings
from bookedbiz.web.app import create_app, utc_now
from bookedbiz.web.first_admin import make_first_admin
from station_kit import serving
from station_serve.wrapping import AsgiApp

WORKERS = 10


def serve(settings: Settings, environ: Mapping[str, str]) -> None:
    """Answer until SIGTERM or Ctrl-C; requests under way are finished first, and the process then ends with 0.

    On the sockets that systemd handed over, else at the settings' address. BadSetting when that is taken.
    """
    app = as_asgi(create_app(settings))
    make_first_admin(settings, environ, utc_now())
    listeners = serving.handed_over(environ) or [serving.listen(settings.bind, settings.port)]
    station_serve.serve(app, environ, listeners=listeners, lifespan=False)


def as_asgi(app: Flask) -> AsgiApp:
    """The application as an ASGI server wants it: each request in one of a few threads."""
    return station_serve.as_asgi(app, threads=WORKERS)
