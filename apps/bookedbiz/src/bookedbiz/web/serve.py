"""Run the pages: one process, uvicorn in front of the threads that answer."""

import signal
from types import FrameType
from typing import Any

import uvicorn
from a2wsgi import WSGIMiddleware
from flask import Flask

from bookedbiz.settings import Settings
from bookedbiz.web.app import create_app

WORKERS = 10
GRACE_S = 5  # for requests under way when the host says stop


def serve(settings: Settings) -> None:
    """Answer until SIGTERM or Ctrl-C; requests under way are finished first, and the process then ends with 0."""
    app = as_asgi(create_app(settings))
    signal.signal(signal.SIGTERM, _end_well)  # uvicorn raises the signal again when it is done
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host=settings.bind,
            port=settings.port,
            lifespan="off",
            access_log=False,
            log_level="info",
            server_header=False,
            proxy_headers=False,  # nothing in front is trusted to say who is asking
            timeout_graceful_shutdown=GRACE_S,
        )
    )
    server.run()


def as_asgi(app: Flask) -> Any:
    """The application as an ASGI server wants it: each request in one of a few threads."""
    return WSGIMiddleware(app, workers=WORKERS)  # type: ignore[arg-type]  # a2wsgi calls a dict what WSGI calls any


def _end_well(_: int, __: FrameType | None) -> None:
    """Nothing more to do: the server has stopped already."""
