"""Sending an object to S3: small ones in one call, large ones in parts that are not sent twice."""

import base64
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from station.errors import StoreError
from station.stores.meter import SMALLEST_PIECE, Meter
from station.stores.s3.calls import Body, Calls
from station.stores.s3.errors import BETWEEN, Declined, NotS3
from station.stores.s3.multipart import Multipart, UploadLost
from station.stores.s3.pending import Fingerprint, Pending, Upload, fingerprint, md5, new_nonce, pending
from station.stores.s3.stale import abort_stale
from station.stores.store import KeyExists

MOST_UPLOADS = 3  # how often one upload is begun anew because the service has lost it
TAKEN = ("PreconditionFailed", "412")
Guard = Callable[[], None]


def _nothing() -> None:
    pass


@dataclass(frozen=True)
class Sending:
    """What goes where. `only_new`: not in place of anything. `guard` is called before the object appears."""

    what: str
    key: str
    only_new: bool
    guard: Guard = _nothing


class Uploads:
    """Uploads of one store. `state` is where one that was cut is remembered; None: by this process only."""

    def __init__(self, calls: Calls, name: str, meter: Meter, state: Path | None) -> None:
        self._calls = calls
        self._multipart = Multipart(calls)
        self._name = f"upload-{name}"
        self._meter = meter
        self._state = state

    def send(self, sending: Sending, source: Path | bytes) -> None:
        """Store the source; what is there is what was sent: the service compares SHA-256 and MD5 of every call.

        KeyExists when something is there that may not be replaced. What `guard` raises ends the upload.
        """
        part_bytes = self._calls.place.part_bytes
        if isinstance(source, bytes):
            self._send_small(sending, source)
            return
        with source.open("rb") as file:
            small = file.read(part_bytes + 1)
            if len(small) <= part_bytes:
                self._send_small(sending, small)
                return
            del small
            self._send_large(sending, file, fingerprint(file, part_bytes))

    def _send_small(self, sending: Sending, content: bytes) -> None:
        nonce = new_nonce()
        call: dict[str, Any] = self._multipart.which(sending.key) | _checksum(content) | {"Metadata": {"nonce": nonce}}
        if sending.only_new:
            call["IfNoneMatch"] = "*"
        sending.guard()
        try:
            with self._metered(content) as body:
                answer = self._calls.run(sending.what, lambda client: client.put_object(Body=body(), **call))
        except Declined as why:
            if not sending.only_new or why.code not in TAKEN:
                raise
            if why.in_doubt and self._multipart.is_ours(sending.what, sending.key, nonce):
                return  # an earlier try was carried out, and its answer got lost
            raise KeyExists(f"Could not {sending.what}: there is one already") from None
        if "ETag" not in answer:
            raise NotS3(f"Could not {sending.what}: an answer that S3 does not give", BETWEEN)

    def _send_large(self, sending: Sending, file: BinaryIO, wanted: Fingerprint) -> None:
        with pending(self._state, self._name) as kept:
            given_up = kept.load(sending.key, wanted)
            if given_up is not None:
                self._abort(sending.what, given_up)
            if sending.only_new and self._is_done(sending, kept):
                return
            for _ in range(MOST_UPLOADS):
                try:
                    self._fill(sending, kept, file, wanted)
                    sending.guard()
                    self._complete(sending, kept)
                except UploadLost:
                    done = kept.upload.completing and self._is_ours(sending, kept)
                    kept.forget()
                    if not done:
                        continue
                kept.forget()
                return
        raise StoreError(f"Could not {sending.what}: the service loses the upload again and again", "Try again later")

    def _is_done(self, sending: Sending, kept: Pending) -> bool:
        """Whether a run that was killed has created the object already. KeyExists when somebody else has."""
        there = self._multipart.head(sending.what, sending.key)
        if there is None:
            return False
        ours = bool(kept.upload.nonce) and there.nonce == kept.upload.nonce
        self._abort(sending.what, kept.upload)
        kept.forget()
        if not ours:
            raise KeyExists(f"Could not {sending.what}: there is one already")
        return True

    def _fill(self, sending: Sending, kept: Pending, file: BinaryIO, wanted: Fingerprint) -> None:
        """Send the parts that the service does not hold yet."""
        if kept.upload.upload:
            self._find_parts(sending.what, kept, wanted)
        else:
            abort_stale(self._calls, sending.what)
            nonce = new_nonce()
            upload = self._multipart.start(sending.what, sending.key, nonce)
            kept.keep(Upload(sending.key, list(wanted.parts), upload, nonce))
        for number, expected in enumerate(wanted.parts, 1):
            if str(number) in kept.upload.tags:
                continue
            file.seek((number - 1) * wanted.part_bytes)
            part = file.read(wanted.part_bytes)
            if md5(part).hex() != expected:
                raise StoreError(f"Could not {sending.what}: the file changed while it was sent", "Try again")
            kept.note_part(number, self._send_part(sending.what, kept.upload, number, part))

    def _send_part(self, what: str, upload: Upload, number: int, part: bytes) -> str:
        call = self._multipart.which(upload.key) | _checksum(part) | {"UploadId": upload.upload, "PartNumber": number}
        with self._metered(part) as body:
            return self._multipart.tag(what, lambda client: client.upload_part(Body=body(), **call))

    def _find_parts(self, what: str, kept: Pending, wanted: Fingerprint) -> None:
        """Believe the service, not the note, about the parts that are there.

        A part whose tag is its MD5 was sent before the note could be written; a service that encrypts has other tags.
        """
        there = self._multipart.parts(what, kept.upload)
        noted = kept.upload.tags
        tags = {}
        for number, expected in enumerate(wanted.parts, 1):
            tag = there.get(number)
            if tag is not None and (tag.strip('"') == expected or noted.get(str(number)) == tag):
                tags[str(number)] = tag
        kept.keep(replace(kept.upload, tags=tags))

    def _complete(self, sending: Sending, kept: Pending) -> None:
        kept.note_completing()
        try:
            self._multipart.complete(sending.what, kept.upload, only_new=sending.only_new)
        except Declined as why:
            if why.code not in TAKEN:
                raise
            ours = self._is_ours(sending, kept)
            if not ours:
                self._abort(sending.what, kept.upload)
            kept.forget()
            if not ours:
                raise KeyExists(f"Could not {sending.what}: there is one already") from None

    def _is_ours(self, sending: Sending, kept: Pending) -> bool:
        return self._multipart.is_ours(sending.what, sending.key, kept.upload.nonce)

    def _abort(self, what: str, upload: Upload) -> None:
        """Give up what an upload has sent: it is paid for while it lies there. If that fails, `abort_stale` comes."""
        if upload.upload:
            with suppress(StoreError):
                self._multipart.abort(what, upload)

    def _metered(self, content: bytes) -> "_Metered":
        return _Metered(content, self._meter)


class _Metered:
    """Makes the body of each try of a call. A small one goes at once, and is counted when the call is over."""

    def __init__(self, content: bytes, meter: Meter) -> None:
        self._content = content
        self._meter = meter
        self._is_small = len(content) <= SMALLEST_PIECE

    def __enter__(self) -> Callable[[], bytes | Body]:
        return lambda: self._content if self._is_small else Body(self._content, self._meter)

    def __exit__(self, *_: object) -> None:
        if self._is_small:
            self._meter.sent(len(self._content))


def _checksum(content: bytes) -> dict[str, str]:
    return {"ContentMD5": base64.b64encode(md5(content)).decode()}
