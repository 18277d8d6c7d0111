"""A request's body, read up to a limit and not a byte further, within a time, and all of them within a sum."""

import asyncio
from collections.abc import Mapping

from pivision.ingest.limits import Limits
from pivision.ingest.refusals import Refusal
from station_serve.wrapping import Receive

_DRAINED = 4  # times the limit: so much is read and dropped, so that the client hears why; above that it is cut off


class ClientGone(Exception):
    """It went away before its body was whole: nothing of it counts."""


class Bodies:
    """What all requests together hold in memory."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._held = 0

    def length(self, headers: Mapping[bytes, bytes], most: int) -> int:
        """How long the body says that it is. Refusal (411, 413)."""
        text = headers.get(b"content-length")
        if text is None or not text.isdigit() or len(text) > 18:
            raise Refusal(411, "length_required", "Send the body's Content-Length")
        length = int(text)
        if length > most:
            raise Refusal(
                413, "too_large", f"The body has {length} bytes, {most} are taken", closing=length > most * _DRAINED
            )
        return length

    def hold(self, length: int) -> None:
        """Count it in; `let_go` counts it out. Refusal (503)."""
        if self._held + length > self._limits.bodies_bytes:
            raise Refusal(503, "busy", "Too many requests at once", retry_after_s=2.0)
        self._held += length

    def let_go(self, length: int) -> None:
        """The request is over."""
        self._held -= length

    async def drain(self, receive: Receive, most: int) -> None:
        """Read and drop what comes, within bounds: a client that is still sending does not hear why. ClientGone."""
        size, more = 0, True
        try:
            async with asyncio.timeout(self._limits.body_s):
                while more and size <= most * _DRAINED:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise ClientGone
                    size += len(message.get("body", b""))
                    more = bool(message.get("more_body"))
        except TimeoutError:
            return

    async def read(self, receive: Receive, length: int) -> bytes:
        """The whole body. Refusal (408, 413), ClientGone."""
        try:
            async with asyncio.timeout(self._limits.body_s):
                return await _read(receive, length)
        except TimeoutError as why:
            raise Refusal(408, "too_slow", "The body did not arrive in time", closing=True) from why


async def _read(receive: Receive, length: int) -> bytes:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientGone
    first: bytes = message.get("body", b"")
    if not message.get("more_body"):
        return first
    chunks, size = [first], len(first)
    while message.get("more_body"):
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > length:
            raise Refusal(413, "too_large", "The body is longer than it said", closing=True)
        chunks.append(chunk)
    return b"".join(chunks)
