"""Reading an object from Dropbox as a stream that survives cuts: it goes on where it was, in the same revision."""

import io
from typing import Any

import requests
import urllib3

from station.errors import StoreError
from station.stores.dropbox_calls import Calls
from station.stores.dropbox_errors import translated

BUFFER_BYTES = 256 * 1024


def open_stream(calls: Calls, what: str, path: str) -> io.BufferedReader:
    """The object from its start; to be closed. Declined when there is no such file."""
    return io.BufferedReader(_Stream(calls, what, path), BUFFER_BYTES)


class _Stream(io.RawIOBase):
    """The bytes of one revision. StoreError when it cannot be gone on with."""

    def __init__(self, calls: Calls, what: str, path: str) -> None:
        super().__init__()
        self._calls = calls
        self._what = what
        self._position = 0
        self._cuts = 0
        metadata, self._answer = calls.run(what, lambda client: client.files_download(path))
        self._size = int(metadata.size)
        self._revision = f"rev:{metadata.rev}"

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        view = memoryview(into).cast("B")
        while self._position < self._size and len(view):
            try:
                piece: bytes = self._answer.raw.read(min(len(view), self._size - self._position))
            except (urllib3.exceptions.HTTPError, OSError):
                piece = b""
            if piece:
                view[: len(piece)] = piece
                self._position += len(piece)
                self._cuts = 0
                return len(piece)
            self._go_on()
        return 0

    def close(self) -> None:
        if not self.closed and hasattr(self, "_answer"):
            self._answer.close()
        super().close()

    def _go_on(self) -> None:
        """The rest of the revision, after a cut."""
        self._answer.close()
        self._cuts += 1
        if self._cuts >= self._calls.patience.tries:
            raise translated(self._what, requests.ConnectionError("cut again and again"), in_doubt=False)
        self._calls.patience.pause(self._cuts)
        rest = {"Range": f"bytes={self._position}-"}
        _, self._answer = self._calls.run(
            self._what, lambda client: client.files_download(self._revision, extra_headers=rest)
        )
        if self._answer.status_code != 206:
            raise StoreError(f"Could not {self._what}: the rest was asked for, and Dropbox sent all", "Try again")
