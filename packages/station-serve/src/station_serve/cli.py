"""The command `station-serve MODULE:ATTRIBUTE`."""

import argparse
import os
import sys
from pathlib import Path

from station_kit.errors import BadSetting, KitError
from station_serve.loading import load
from station_serve.running import GRACE_S, serve
from station_serve.wrapping import KINDS, THREADS, as_asgi, kind_of


def main() -> None:
    """Serve until SIGTERM. Exit code 2 when the command makes no sense, 1 when the application cannot be served."""
    asked = _parser().parse_args()
    sys.path.insert(0, str(Path.cwd()))  # the app's code, for one that is not installed
    try:
        app = load(asked.application)
        kind = asked.interface or kind_of(app)
        if not callable(app):
            raise BadSetting(f"{asked.application} is a {type(app).__name__}, no application")
        wrapped = as_asgi(app, threads=asked.threads) if kind == "wsgi" else app
        serve(wrapped, os.environ, lifespan=kind == "asgi", grace_s=asked.grace, access_log=asked.access_log)
    except KitError as why:
        sys.exit(f"error: {asked.application} not served: {why}")
    except KeyboardInterrupt:
        sys.exit(130)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="station-serve",
        description="Serve a WSGI or ASGI application on the sockets that systemd hands over, else at BIND and PORT.",
    )
    parser.add_argument("application", metavar="MODULE:ATTRIBUTE", help="the application; MODULE:FACTORY() calls it")
    parser.add_argument("--interface", choices=KINDS, help="what it is, where that cannot be seen")
    parser.add_argument("--threads", type=int, default=THREADS, help="that answer, for WSGI (%(default)s)")
    parser.add_argument(
        "--grace", type=float, default=GRACE_S, metavar="S", help="seconds for requests under way (%(default)g)"
    )
    parser.add_argument("--access-log", action="store_true", help="print a line for each request")
    return parser
