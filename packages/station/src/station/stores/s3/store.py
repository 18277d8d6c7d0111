"""A store in a bucket of S3, or of a service like it, through the official SDK. Imported only where one is opened.

Objects are S3's objects below the store's prefix, named by their keys. A marker tells the store from a prefix that was
emptied or mistaken. That a key is created once hangs on the service's conditional writes (`If-None-Match: *`). Where
there are none a key is looked for and then put, and the marker says so: such a store keeps points, and no lease.
"""

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from station.errors import StoreError
from station.stores.extras import About
from station.stores.meter import Meter
from station.stores.patience import Patience
from station.stores.s3.calls import Calls, Place
from station.stores.s3.download import open_stream
from station.stores.s3.errors import AccessDenied, Declined, NoSuchBucket, Unconditional
from station.stores.s3.multipart import ABSENT, Multipart, UploadLost
from station.stores.s3.pending import Upload, new_nonce
from station.stores.s3.upload import TAKEN, Sending, Uploads
from station.stores.store import MARKER, Entry, KeyExists, NoSuchKey, is_key, require_key

CREATES = "creates"  # a field of the marker; without it keys are created by conditional writes
BY_LOOKING = "by looking"


class S3Store:
    """Whole objects in a bucket; see `station.stores.store.Store` for what each method promises.

    `state` is a folder of this host where an upload that was cut is remembered.
    """

    def __init__(
        self,
        name: str,
        place: Place,
        *,
        state: Path | None = None,
        meter: Meter | None = None,
        patience: Patience | None = None,
    ) -> None:
        self.name = name
        self.place = place
        self.meter = meter or Meter()
        self._calls = Calls(place, patience or Patience())
        self._multipart = Multipart(self._calls)
        self._uploads = Uploads(self._calls, name, self.meter, state)
        self._is_there = False
        self._conditional = True

    def initialise(self) -> None:
        """Make the prefix a store; make the bucket if there is none. On a store it does nothing."""
        identity = {"format": 1, "id": str(uuid.uuid4())}
        try:
            self._conditional = self._create_marker(identity)
        except NoSuchBucket:
            self._make_bucket()
            self._conditional = self._create_marker(identity)
        self._is_there = True

    def creates_once(self) -> bool:
        """Whether of several hosts that create one key one succeeds. StoreError."""
        self._require_store()
        return self._conditional

    def put(self, key: str, source: Path | bytes) -> None:
        require_key(key)
        self._require_store()
        self._send(Sending(self._what(f"store {key}"), key, only_new=False), source)

    def put_guarded(self, key: str, source: Path | bytes, guard: Callable[[], None]) -> None:
        """As `put`, unless `guard` raises right before the object appears; see `station.stores.extras`."""
        require_key(key)
        self._require_store()
        self._send(Sending(self._what(f"store {key}"), key, only_new=False, guard=guard), source)

    def create(self, key: str, source: Path | bytes) -> None:
        """Where `creates_once` is False: look whether the key is free, and then put it.

        Two hosts that do so at once both succeed, and one object stays. For points that never happens: their names
        carry epoch and host, and two runs of one host exclude each other.
        """
        require_key(key)
        self._require_store()
        what = self._what(f"create {key}")
        if self._conditional:
            self._send(Sending(what, key, only_new=True), source)
        else:
            self._send(Sending(what, key, only_new=False, guard=lambda: self._require_free(what, key)), source)

    @contextmanager
    def open(self, key: str) -> Iterator[BinaryIO]:
        require_key(key)
        self._require_store()
        try:
            stream = open_stream(self._calls, self._what(f"read {key}"), self.place.path(key))
        except Declined as why:
            if why.code not in ABSENT:
                raise
            raise NoSuchKey(f"{key} not read from {self.name}: there is no such object") from None
        with stream:
            yield stream

    def list(self, prefix: str = "") -> Iterator[Entry]:
        found = False
        for one in self._objects(self._what(f"list {prefix or 'everything'}"), prefix):
            key = one["Key"].removeprefix(self.place.path(""))
            found = True
            if is_key(key):
                yield Entry(key, int(one["Size"]))
        if not found:
            self._is_there = False  # nothing at all: no such keys, or no store any more
        self._require_store()

    def delete(self, key: str) -> None:
        require_key(key)
        self._require_store()
        self._calls.run(self._what(f"delete {key}"), lambda client: client.delete_object(**self._multipart.which(key)))

    def copy(self, source: str, target: str) -> None:
        """The service makes the copy, in parts: only their completion can be made to create and never to replace."""
        require_key(source)
        require_key(target)
        self._require_store()
        what = self._what(f"copy {source} to {target}")
        original = self._multipart.head(what, source)
        if original is None:
            raise NoSuchKey(f"{source} not copied in {self.name}: there is no such object")
        self._require_free(what, target)
        nonce = new_nonce()
        upload = Upload(target, [], self._multipart.start(what, target, nonce), nonce)
        try:
            tags = self._multipart.copy_parts(what, source, original, upload)
            if not self._conditional:
                self._require_free(what, target)
            self._multipart.complete(what, Upload(target, [], upload.upload, nonce, tags), only_new=self._conditional)
        except KeyExists:
            self._multipart.abort(what, upload)
            raise
        except (UploadLost, Declined) as why:
            if self._multipart.is_ours(what, target, nonce):
                return
            self._multipart.abort(what, upload)
            if isinstance(why, UploadLost):
                raise StoreError(f"Could not {what}: the service lost the copy", "Try again") from None
            raise (self._taken(target) if why.code in TAKEN else why) from None

    def about(self) -> About:
        """What a bucket holds and may hold is not told by S3."""
        self._calls.run(self._what("look at"), lambda client: client.head_bucket(Bucket=self.place.bucket))
        where = self.place.path("")
        at = f" at {self.place.endpoint}" if self.place.endpoint else f" in {self.place.its_region}"
        return About("s3", f"s3://{self.place.bucket}/{where}{at}")

    def close(self) -> None:
        """End the connections that are kept open for the next call."""
        self._calls.close()

    def _send(self, sending: Sending, source: Path | bytes) -> None:
        try:
            self._uploads.send(sending, source)
        except OSError as why:
            raise StoreError(f"Could not {sending.what}: {why.strerror or why} ({why.filename})") from why

    def _create_marker(self, identity: dict[str, Any]) -> bool:
        """Create it, and once more: is a second creation refused? A service may look away at `If-None-Match`."""
        what = self._what("set up the store")
        marker = Sending(what, MARKER, only_new=True)
        try:
            self._send(marker, _as_line(identity))
            self._send(marker, _as_line(identity))
        except KeyExists:
            return True
        except Unconditional:
            if self._multipart.head(what, MARKER) is not None:
                return False
        self._send(Sending(what, MARKER, only_new=False), _as_line(identity | {CREATES: BY_LOOKING}))
        return False

    def _make_bucket(self) -> None:
        call: dict[str, Any] = {"Bucket": self.place.bucket}
        if self.place.its_region != "us-east-1":  # which the service wants left out
            call["CreateBucketConfiguration"] = {"LocationConstraint": self.place.its_region}
        try:
            self._calls.run(self._what("make the bucket of"), lambda client: client.create_bucket(**call))
        except AccessDenied:
            raise NoSuchBucket(
                f"Could not {self._what('set up')}: there is no bucket {self.place.bucket}, and the key may make none",
                "Make it in the service's console, closed to the public, or let the key: docs/s3.md",
            ) from None

    def _require_store(self) -> None:
        """StoreError when there is no store. Once it was found it is looked for after empty answers."""
        if self._is_there:
            return
        what = self._what("find the store")
        try:
            marker = self._calls.run(
                what, lambda client: client.get_object(**self._multipart.which(MARKER))["Body"].read()
            )
        except Declined as why:
            if why.code not in ABSENT:
                raise
            raise StoreError(
                f"The store {self.name} is gone: s3://{self.place.bucket}/{self.place.path('')} does not hold one "
                f"(no {MARKER} in it)",
                f"Was it emptied, or is it another prefix? `station store set-up {self.name}` begins another",
            ) from None
        self._conditional = not _creates_by_looking(marker)
        self._is_there = True

    def _objects(self, what: str, prefix: str) -> Iterator[dict[str, Any]]:
        call = {"Bucket": self.place.bucket, "Prefix": self.place.path(prefix)}
        while True:
            page = self._calls.run(what, lambda client: client.list_objects_v2(**call))
            yield from page.get("Contents", [])
            if not page.get("IsTruncated"):
                return
            call["ContinuationToken"] = page["NextContinuationToken"]

    def _require_free(self, what: str, key: str) -> None:
        if self._multipart.head(what, key) is not None:
            raise self._taken(key)

    def _taken(self, key: str) -> KeyExists:
        return KeyExists(f"{key} not created in {self.name}: there is one already")

    def _what(self, what: str) -> str:
        return f"{what} in the store {self.name}"


def _as_line(marker: dict[str, Any]) -> bytes:
    return (json.dumps(marker) + "\n").encode()


def _creates_by_looking(marker: bytes) -> bool:
    try:
        return bool(json.loads(marker).get(CREATES) == BY_LOOKING)
    except (ValueError, AttributeError):
        return False
