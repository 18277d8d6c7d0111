"""Runs a WSGI or ASGI app so that a restart refuses nobody: `serve(app, os.environ)`, or `station-serve`."""

from station_serve.running import serve
from station_serve.wrapping import as_asgi

__all__ = ["as_asgi", "serve"]
