"""Every trouble with S3 told apart, each with what to do. Makes messages of codes, never of what was sent."""

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    ParamValidationError,
    ProxyConnectionError,
    ReadTimeoutError,
    SSLError,
)

from station.errors import StoreError


class Unreachable(StoreError):
    """No answer from the service."""


class NotS3(StoreError):
    """Something between here and the service answered in its place."""


class ServiceFailing(StoreError):
    """The service answers, and says that it cannot."""


class RateLimited(StoreError):
    """The service asks for fewer calls."""


class KeysRefused(StoreError):
    """The service does not know the key, or the secret is not its."""


class ClockWrong(StoreError):
    """This host's clock and the service's differ too much."""


class AccessDenied(StoreError):
    """The key is known, and may not do that."""


class NoSuchBucket(StoreError):
    """There is no such bucket, or not in that region."""


class S3Full(StoreError):
    """There is no space left, or the bill is not paid."""


class Unconditional(StoreError):
    """The service does not know `If-None-Match`: of two hosts that create a key neither would be refused."""


class Declined(StoreError):
    """A call was refused. `code` is S3's; `in_doubt`: an earlier try of the same call may have been carried out."""

    def __init__(self, message: str, hint: str, code: str, *, in_doubt: bool) -> None:
        super().__init__(message, hint)
        self.code = code
        self.in_doubt = in_doubt


KEYS = (
    "Compare AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY with the service's console; docs/s3.md says how they are made"
)
POLICY = "docs/s3.md shows the policy that the key needs, for this bucket and this prefix"
REGION = "Look at `bucket`, `region` and `endpoint` of the store in the manifest"
BILLING = "Look at the account's billing and limits in the service's console"
BETWEEN = "Something answers in the service's place: a proxy, a captive portal? Look at `endpoint`, `proxy` and `ca`"
BRIEFLY = ("SlowDown", "503", "429", "Throttling", "ThrottlingException", "TooManyRequests", "RequestLimitExceeded")

TOLD: dict[str, tuple[type[StoreError], str, str]] = {
    "InvalidAccessKeyId": (KeysRefused, "the service does not know the key", KEYS),
    "SignatureDoesNotMatch": (KeysRefused, "the secret does not belong to the key", KEYS),
    "InvalidToken": (KeysRefused, "the session token is not valid", KEYS),
    "ExpiredToken": (KeysRefused, "the session token has expired", "Give the station a key that lasts: docs/s3.md"),
    "RequestTimeTooSkewed": (
        ClockWrong,
        "this host's clock and the service's differ too much",
        "Set the clock: timedatectl; it must be right to a few minutes",
    ),
    "RequestExpired": (ClockWrong, "the service finds the call too old", "Set the clock: timedatectl"),
    "AccessDenied": (AccessDenied, "the key may not do that", POLICY),
    "403": (AccessDenied, "the key may not do that", POLICY),
    "AllAccessDisabled": (AccessDenied, "the bucket is closed", BILLING),
    "NoSuchBucket": (NoSuchBucket, "there is no such bucket", f"{REGION}; `station store set-up` makes a new one"),
    "PermanentRedirect": (NoSuchBucket, "the bucket is in another region", REGION),
    "301": (NoSuchBucket, "the bucket is in another region", REGION),
    "AuthorizationHeaderMalformed": (NoSuchBucket, "the bucket is in another region", REGION),
    "IllegalLocationConstraintException": (NoSuchBucket, "the bucket is in another region", REGION),
    "BucketAlreadyExists": (NoSuchBucket, "a bucket of that name belongs to somebody else", "Choose another name"),
    "QuotaExceeded": (S3Full, "the account's limit is reached", BILLING),
    "XMinioStorageFull": (S3Full, "the service's disks are full", "Free space there"),
    "InsufficientStorage": (S3Full, "the service's disks are full", "Free space there"),
    "507": (S3Full, "the service's disks are full", "Free space there"),
    "AccountProblem": (S3Full, "there is a problem with the account", BILLING),
    "NotSignedUp": (S3Full, "the account is not signed up for the service", BILLING),
    "NotImplemented": (
        Unconditional,
        "the service does not know conditional writes (If-None-Match)",
        "It did when the store was set up. Without them it can hold no lease: docs/s3.md",
    ),
    "BadDigest": (StoreError, "what arrived is not what was sent", "The network alters it? Try again"),
    "XAmzContentSHA256Mismatch": (StoreError, "what arrived is not what was sent", "The network alters it? Try again"),
}
TOLD["501"] = TOLD["NotImplemented"]


def translated(what: str, why: Exception, *, in_doubt: bool) -> StoreError:
    """The trouble in words: `what` was to be done."""
    if isinstance(why, ClientError):
        return _of_service(what, code_of(why), status_of(why), in_doubt)
    if isinstance(why, ParamValidationError):
        return StoreError(f"Could not {what}: that is no name of a bucket or key", REGION)
    return _of_network(what, why)


def code_of(why: ClientError) -> str:
    """S3's code; the answer to a HEAD has only its status."""
    return str(why.response.get("Error", {}).get("Code") or status_of(why))


def status_of(why: ClientError) -> int:
    return int(why.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def is_untrusted(why: Exception) -> bool:
    """Whoever answered has no certificate of the service's: trying again does not help."""
    return isinstance(why, SSLError) and "CERTIFICATE_VERIFY_FAILED" in str(why)


def _of_service(what: str, code: str, status: int, in_doubt: bool) -> StoreError:
    if code in TOLD:
        kind, reason, hint = TOLD[code]
        return kind(f"Could not {what}: {reason}", hint)
    if code in BRIEFLY or status in (429, 503):
        return RateLimited(
            f"Could not {what}: the service asks for fewer calls, again and again",
            "It passes by itself; take points less often",
        )
    if status >= 500:
        return ServiceFailing(
            f"Could not {what}: the service answers {status}", "Look at the service's status page; try again later"
        )
    if status < 400 or not code.isascii() or not code.isalnum():
        return NotS3(f"Could not {what}: an answer that S3 does not give", BETWEEN)
    return Declined(
        f"Could not {what}: the service refuses ({code})", "docs/s3.md lists refusals", code, in_doubt=in_doubt
    )


def _of_network(what: str, why: Exception) -> StoreError:
    if is_untrusted(why):
        return NotS3(f"Could not {what}: whoever answers has a certificate that this host does not trust", BETWEEN)
    if isinstance(why, BotoCoreError) and type(why).__name__ == "ResponseParserError":
        return NotS3(f"Could not {what}: an answer that S3 does not give", BETWEEN)
    timed_out = isinstance(why, (ReadTimeoutError, ConnectTimeoutError))
    kind = "no answer in time from" if timed_out else "no connection to"
    if isinstance(why, ProxyConnectionError):
        kind = "no connection through the proxy to"
    return Unreachable(
        f"Could not {what}: {kind} the service", "Is this host in the network? What was sent already is kept"
    )
