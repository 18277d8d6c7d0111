"""Any web application as an ASGI one, and what every answer says once the end has begun."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from contextvars import Context
from typing import Any, cast

from a2wsgi import WSGIMiddleware

from station_kit.errors import BadSetting

THREADS = 10
KINDS = ("asgi", "wsgi")

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]
WsgiApp = Callable[..., Iterable[bytes]]

_CLOSE = (b"connection", b"close")


def kind_of(app: object) -> str:
    """`asgi` or `wsgi`, by how it wants to be called. BadSetting when that does not tell."""
    if not callable(app):
        raise BadSetting(f"A {type(app).__name__} is no web application", "Name the object, or a factory with ()")
    called = app if inspect.isroutine(app) else app.__call__
    if inspect.iscoroutinefunction(called):
        return "asgi"
    try:
        inspect.signature(app).bind("environ", "start_response")
    except (TypeError, ValueError):
        pass
    else:
        return "wsgi"
    try:
        inspect.signature(app).bind("scope", "receive", "send")
    except (TypeError, ValueError) as why:
        hint = "A factory is named with (): MODULE:create_app()"
        raise BadSetting("It takes neither what a WSGI application does nor what an ASGI one does", hint) from why
    return "asgi"


def as_asgi(app: WsgiApp, *, threads: int = THREADS) -> AsgiApp:
    """A WSGI application as an ASGI one: each request in one of so many threads, and in a context of its own."""
    return cast(AsgiApp, WSGIMiddleware(_in_own_context(app), workers=threads))


def _in_own_context(app: WsgiApp) -> WsgiApp:
    """Answer each request in an empty context.

    A large body is read from within its request's context, and from then on so is the whole connection. The next
    request on it would find what this one put into context variables: in Flask its `g` with its database connection,
    and the person who asked.
    """

    def answer(environ: object, start_response: object) -> Iterable[bytes]:
        return Context().run(app, environ, start_response)

    return answer


class Ending:
    """The application; once `begun`, its answers send clients to a new connection. `cut`: a request was given up.

    A connection that stays open is bound to this process. Its next request would meet one that is gone; over a new
    connection it waits in the socket for the next process.
    """

    def __init__(self, app: AsgiApp) -> None:
        self._app = app
        self.begun = False
        self.cut = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not str(scope.get("http_version", "1.1")).startswith("1"):
            await self._app(scope, receive, send)
            return

        async def send_closing(message: Message) -> None:
            if self.begun and message["type"] == "http.response.start":
                kept = [each for each in message.get("headers", ()) if each[0].lower() != b"connection"]
                message = {**message, "headers": [*kept, _CLOSE]}
            await send(message)

        try:
            await self._app(scope, receive, send_closing)
        except asyncio.CancelledError:
            self.cut = True
            raise
