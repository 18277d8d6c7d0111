"""The calls of S3's multipart uploads, and whose an object is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from station.stores.s3.calls import Calls
from station.stores.s3.errors import BETWEEN, Declined, NotS3
from station.stores.s3.pending import Upload

COPY_BYTES = 256 * 1024 * 1024  # one call of a copy: the service has to be done with it before we stop waiting
LOST = ("NoSuchUpload", "InvalidPart", "InvalidPartOrder", "EntityTooSmall")
ABSENT = ("NoSuchKey", "404")


class UploadLost(Exception):
    """The service does not know the upload any more, or not all of its parts."""


@dataclass(frozen=True)
class Head:
    """What is known of an object without reading it. `nonce` "": not an object that a station wrote."""

    size_bytes: int
    tag: str
    nonce: str


class Multipart:
    """Uploads in parts to one store. StoreError for what no part of a run can mend; UploadLost: begin anew."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def which(self, key: str) -> dict[str, Any]:
        """Bucket and key, as the SDK wants them."""
        return {"Bucket": self._calls.place.bucket, "Key": self._calls.place.path(key)}

    def head(self, what: str, key: str) -> Head | None:
        try:
            there = self._calls.run(what, lambda client: client.head_object(**self.which(key)))
        except Declined as why:
            if why.code not in ABSENT:
                raise
            return None
        return Head(int(there["ContentLength"]), there["ETag"], there.get("Metadata", {}).get("nonce", ""))

    def is_ours(self, what: str, key: str, nonce: str) -> bool:
        there = self.head(what, key)
        return there is not None and there.nonce == nonce

    def start(self, what: str, key: str, nonce: str) -> str:
        """The id of a new upload, whose object will carry the nonce."""
        answer = self._calls.run(
            what, lambda client: client.create_multipart_upload(**self.which(key), Metadata={"nonce": nonce})
        )
        return str(answer["UploadId"])

    def tag(self, what: str, send: Callable[[Any], Any]) -> str:
        """The tag of the part that the call sends."""
        try:
            answer = self._calls.run(what, send)
        except Declined as why:
            raise _lost(why) from None
        tag = answer.get("ETag") or answer.get("CopyPartResult", {}).get("ETag")
        if not tag:
            raise NotS3(f"Could not {what}: an answer that S3 does not give", BETWEEN)
        return str(tag)

    def parts(self, what: str, upload: Upload) -> dict[int, str]:
        """The parts that are there, with their tags."""
        found: dict[int, str] = {}
        call = self.which(upload.key) | {"UploadId": upload.upload}
        while True:
            try:
                page = self._calls.run(what, lambda client: client.list_parts(**call))
            except Declined as why:
                raise _lost(why) from None
            found |= {int(part["PartNumber"]): part["ETag"] for part in page.get("Parts", [])}
            if not page.get("IsTruncated"):
                return found
            call["PartNumberMarker"] = page["NextPartNumberMarker"]

    def complete(self, what: str, upload: Upload, *, only_new: bool) -> None:
        parts = [{"PartNumber": int(number), "ETag": tag} for number, tag in upload.tags.items()]
        call: dict[str, Any] = self.which(upload.key) | {"UploadId": upload.upload}
        call["MultipartUpload"] = {"Parts": sorted(parts, key=lambda part: int(part["PartNumber"]))}
        if only_new:
            call["IfNoneMatch"] = "*"
        try:
            self._calls.run(what, lambda client: client.complete_multipart_upload(**call))
        except Declined as why:
            raise _lost(why) from None

    def abort(self, what: str, upload: Upload) -> None:
        call = self.which(upload.key) | {"UploadId": upload.upload}
        self._calls.run(what, lambda client: client.abort_multipart_upload(**call))

    def copy_parts(self, what: str, source: str, there: Head, upload: Upload) -> dict[str, str]:
        """Let the service copy an object, as it is there, into the upload; the parts' tags."""
        tags = {}
        call = self.which(upload.key) | {"UploadId": upload.upload}
        call |= {"CopySource": self.which(source), "CopySourceIfMatch": there.tag}
        for number, start in enumerate(range(0, max(1, there.size_bytes), COPY_BYTES), 1):
            part = call | {"PartNumber": number}
            if there.size_bytes > COPY_BYTES:
                part["CopySourceRange"] = f"bytes={start}-{min(start + COPY_BYTES, there.size_bytes) - 1}"
            tags[str(number)] = self.tag(what, _copying(part))
        return tags


def _copying(part: dict[str, Any]) -> Callable[[Any], Any]:
    return lambda client: client.upload_part_copy(**part)


def _lost(why: Declined) -> Exception:
    return UploadLost() if why.code in LOST else why
