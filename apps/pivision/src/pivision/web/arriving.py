"""Bodies of the pages' requests, read whole before one of the few threads is taken: who sends slowly delays nobody."""

from pivision.ingest import replies
from pivision.ingest.bodies import Bodies, ClientGone
from pivision.ingest.limits import Limits
from pivision.ingest.refusals import Refusal
from station_serve.wrapping import AsgiApp, Message, Receive, Scope, Send

WITHIN_S = 10.0  # for a body to arrive
TOGETHER_BYTES = 64 * 1024 * 1024  # of all that arrive at once


class Arriving:
    """The application; what is longer than `most_bytes` is not read, and the application refuses it by its length."""

    def __init__(self, app: AsgiApp, most_bytes: int, *, within_s: float = WITHIN_S) -> None:
        self._app, self._most_bytes = app, most_bytes
        self._bodies = Bodies(Limits(body_s=within_s, bodies_bytes=TOGETHER_BYTES))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"]) if scope["type"] == "http" else {}
        if headers.get(b"content-length", b"0") == b"0" and b"transfer-encoding" not in headers:
            await self._app(scope, receive, send)
            return
        try:
            length = self._bodies.length(headers, self._most_bytes)
        except Refusal:
            await self._app(scope, _after(b"", receive), send)
            return
        try:
            self._bodies.hold(length)
        except Refusal as why:
            await replies.refuse(send, why)
            return
        try:
            body = await self._bodies.read(receive, length)
            await self._app(scope, _after(body, receive), send)
        except Refusal as why:
            await replies.refuse(send, why)
        except ClientGone:
            return
        finally:
            self._bodies.let_go(length)


def _after(body: bytes, receive: Receive) -> Receive:
    """The body at once, then whatever comes: the end of the connection."""
    told = False

    async def next_message() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return next_message
