"""Whether who asked for a long answer is still there: an application behind WSGI is not told by itself."""

import asyncio
import threading
from collections.abc import Collection

from station_serve.wrapping import AsgiApp, Message, Receive, Scope, Send

NAME = "pivision.gone"  # in the scope: a threading.Event


class Leaving:
    """The application; for GETs at these paths it is told of the end of the connection. Their bodies are not read."""

    def __init__(self, app: AsgiApp, paths: Collection[str]) -> None:
        self._app, self._paths = app, paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] not in self._paths:
            await self._app(scope, receive, send)
            return
        gone = threading.Event()
        watching = asyncio.create_task(_watch(receive, gone))
        try:
            await self._app({**scope, NAME: gone}, _nothing, send)
        finally:
            watching.cancel()


async def _watch(receive: Receive, gone: threading.Event) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    gone.set()


async def _nothing() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}
