"""Reading an object from S3 as a stream that survives cuts: it goes on in the same object, known by its ETag."""

import io

from botocore.exceptions import BotoCoreError, ConnectionClosedError

from station.errors import StoreError
from station.stores.resumed import BUFFER_BYTES, Body, ResumedStream
from station.stores.s3.calls import Calls
from station.stores.s3.errors import Declined, translated


def open_stream(calls: Calls, what: str, key: str) -> io.BufferedReader:
    """The object from its start; to be closed. Declined when there is no such object."""
    return io.BufferedReader(_Stream(calls, what, key), BUFFER_BYTES)


class _Stream(ResumedStream):
    """The bytes of one object."""

    def __init__(self, calls: Calls, what: str, key: str) -> None:
        which = {"Bucket": calls.place.bucket, "Key": key}
        answer = calls.run(what, lambda client: client.get_object(**which))
        super().__init__(calls.patience, answer["Body"], int(answer["ContentLength"]))
        self._calls = calls
        self._what = what
        self._which = which | {"IfMatch": answer["ETag"]}

    def is_cut(self, why: Exception) -> bool:
        return isinstance(why, BotoCoreError) or super().is_cut(why)

    def rest(self, position: int) -> Body:
        there = {"Range": f"bytes={position}-"}
        try:
            answer = self._calls.run(self._what, lambda client: client.get_object(**self._which, **there))
        except Declined as why:
            if why.code not in ("PreconditionFailed", "412", "NoSuchKey", "InvalidRange"):
                raise
            raise StoreError(f"Could not {self._what}: it was replaced while it was read", "Try again") from None
        body: Body = answer["Body"]
        if answer["ResponseMetadata"]["HTTPStatusCode"] != 206:
            body.close()
            raise StoreError(f"Could not {self._what}: the rest was asked for, and the service sent all", "Try again")
        return body

    def given_up(self) -> Exception:
        return translated(self._what, ConnectionClosedError(endpoint_url=""), in_doubt=False)
