"""Reading an object from Dropbox as a stream that survives cuts: it goes on in the same revision."""

import io

import requests

from station.errors import StoreError
from station.stores.dropbox.calls import Calls
from station.stores.dropbox.errors import translated
from station.stores.resumed import BUFFER_BYTES, Body, ResumedStream


def open_stream(calls: Calls, what: str, path: str) -> io.BufferedReader:
    """The object from its start; to be closed. Declined when there is no such file."""
    return io.BufferedReader(_Stream(calls, what, path), BUFFER_BYTES)


class _Stream(ResumedStream):
    """The bytes of one revision."""

    def __init__(self, calls: Calls, what: str, path: str) -> None:
        metadata, self._answer = calls.run(what, lambda client: client.files_download(path))
        super().__init__(calls.patience, self._answer.raw, int(metadata.size))
        self._calls = calls
        self._what = what
        self._revision = f"rev:{metadata.rev}"

    def close(self) -> None:
        if not self.closed and hasattr(self, "_answer"):
            self._answer.close()
        super().close()

    def rest(self, position: int) -> Body:
        self._answer.close()
        there = {"Range": f"bytes={position}-"}
        _, self._answer = self._calls.run(
            self._what, lambda client: client.files_download(self._revision, extra_headers=there)
        )
        if self._answer.status_code != 206:
            raise StoreError(f"Could not {self._what}: the rest was asked for, and Dropbox sent all", "Try again")
        body: Body = self._answer.raw
        return body

    def given_up(self) -> Exception:
        return translated(self._what, requests.ConnectionError("cut again and again"), in_doubt=False)
