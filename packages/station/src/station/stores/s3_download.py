"""Reading an object from S3 as a stream that survives cuts: it goes on where it was, in the same object."""

import io
from typing import Any

import urllib3
from botocore.exceptions import BotoCoreError, ConnectionClosedError

from station.errors import StoreError
from station.stores.s3_calls import Calls
from station.stores.s3_errors import Declined, translated

BUFFER_BYTES = 256 * 1024


def open_stream(calls: Calls, what: str, key: str) -> io.BufferedReader:
    """The object from its start; to be closed. Declined when there is no such object."""
    return io.BufferedReader(_Stream(calls, what, key), BUFFER_BYTES)


class _Stream(io.RawIOBase):
    """The bytes of one object. StoreError when it cannot be gone on with."""

    def __init__(self, calls: Calls, what: str, key: str) -> None:
        super().__init__()
        self._calls = calls
        self._what = what
        self._which = {"Bucket": calls.place.bucket, "Key": key}
        self._position = 0
        self._cuts = 0
        answer = calls.run(what, lambda client: client.get_object(**self._which))
        self._body = answer["Body"]
        self._size = int(answer["ContentLength"])
        self._tag = answer["ETag"]

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        view = memoryview(into).cast("B")
        while self._position < self._size and len(view):
            try:
                piece: bytes = self._body.read(min(len(view), self._size - self._position))
            except (BotoCoreError, urllib3.exceptions.HTTPError, OSError):
                piece = b""
            if piece:
                view[: len(piece)] = piece
                self._position += len(piece)
                self._cuts = 0
                return len(piece)
            self._go_on()
        return 0

    def close(self) -> None:
        if not self.closed and hasattr(self, "_body"):
            self._body.close()
        super().close()

    def _go_on(self) -> None:
        """The rest of the object, after a cut."""
        self._body.close()
        self._cuts += 1
        if self._cuts >= self._calls.patience.tries:
            raise translated(self._what, ConnectionClosedError(endpoint_url=""), in_doubt=False)
        self._calls.patience.pause(self._cuts)
        rest = {"Range": f"bytes={self._position}-", "IfMatch": self._tag}
        try:
            answer = self._calls.run(self._what, lambda client: client.get_object(**self._which, **rest))
        except Declined as why:
            if why.code not in ("PreconditionFailed", "412", "NoSuchKey", "InvalidRange"):
                raise
            raise StoreError(f"Could not {self._what}: it was replaced while it was read", "Try again") from None
        self._body = answer["Body"]
        if answer["ResponseMetadata"]["HTTPStatusCode"] != 206:
            raise StoreError(f"Could not {self._what}: the rest was asked for, and the service sent all", "Try again")
