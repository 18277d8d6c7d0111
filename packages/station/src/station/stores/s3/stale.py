"""Multipart uploads that nobody will end: no listing of objects shows them, and they are paid for until aborted."""

from datetime import timedelta
from email.utils import parsedate_to_datetime

from station.errors import StoreError
from station.stores.s3.calls import Calls

STALE_AFTER = timedelta(days=7)  # longer than anybody tries to send one file


def abort_stale(calls: Calls, what: str) -> None:
    """Abort the uploads below the store's prefix that are older than that by the service's clock.

    A key that may not list or abort them leaves them to a rule of the bucket: docs/s3.md.
    """
    bucket, below = calls.place.bucket, calls.place.path("")
    try:
        page = calls.run(what, lambda client: client.list_multipart_uploads(Bucket=bucket, Prefix=below))
        now = parsedate_to_datetime(page["ResponseMetadata"]["HTTPHeaders"]["date"])
        for old in page.get("Uploads", []):
            if now - old["Initiated"] > STALE_AFTER:
                call = {"Bucket": bucket, "Key": old["Key"], "UploadId": old["UploadId"]}
                _abort(calls, what, call)
    except (StoreError, KeyError, ValueError, TypeError):
        return


def _abort(calls: Calls, what: str, call: dict[str, str]) -> None:
    calls.run(what, lambda client: client.abort_multipart_upload(**call))
