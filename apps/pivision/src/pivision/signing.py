"""A signed request: what is signed, and how. Server and camera agree on it by docs/devices.md. Pure."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass

KEY_ID, AT, NONCE, BODY, SIGNATURE = "x-key-id", "x-signed-at", "x-nonce", "x-body-sha256", "x-signature"
OURS = (KEY_ID, AT, NONCE, BODY, SIGNATURE)
# Headers in which something is said of a picture: changed on the way, they would be another picture's.
SAID = (
    "x-battery-mv", "x-boot-id", "x-burst", "x-capture-ts", "x-device-id", "x-fw-version", "x-height", "x-jpeg-quality",
    "x-notes", "x-rssi", "x-sent-ts", "x-seq", "x-sha256", "x-width",
)  # fmt: skip
_BEGINS = b"pivision-1"


def signing_key(device_key: str) -> bytes:
    """The 32 bytes that are signed with: the SHA-256 of the device's key, which is all that the server stores of it."""
    return hashlib.sha256(device_key.encode()).digest()


def signed_text(method: str, target: bytes, headers: Mapping[bytes, bytes]) -> bytes:
    """What is signed: lines without one at the end. `target` is path and query; `headers` have small letters.

    A header that is not there is an empty line, but one of SAID is left out.
    """
    said = [name.encode() for name in SAID if name.encode() in headers]
    lines = [_BEGINS, method.encode(), target, *(headers.get(name.encode(), b"") for name in (AT, NONCE, BODY))]
    lines += [name + b":" + headers[name] for name in said]
    return b"\n".join(lines)


def signature(key: bytes, text: bytes) -> str:
    """64 hexadecimal digits."""
    return hmac.new(key, text, hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Stamp:
    """When a request is signed, by the server's clock, and a word that no other request of the device has."""

    at: str
    nonce: str


def signed_headers(
    device_key: str, stamp: Stamp, method: str, target: str, body: bytes, said: Mapping[str, str]
) -> dict[str, str]:
    """The headers `said`, and those that sign the request; the key itself is not among them."""
    whole = {**said, "X-Signed-At": stamp.at, "X-Nonce": stamp.nonce, "X-Body-Sha256": hashlib.sha256(body).hexdigest()}
    sent = {name.lower().encode("latin-1"): value.encode("latin-1") for name, value in whole.items()}
    text = signed_text(method, target.encode("latin-1"), sent)
    return {**whole, "X-Key-Id": device_key.split("_")[1], "X-Signature": signature(signing_key(device_key), text)}


def time_proof(key: bytes, server_time: str, nonce: str) -> str:
    """That the server said this time to the request of that nonce: nobody else sets a camera's clock."""
    return signature(key, b"\n".join((_BEGINS, b"server-time", server_time.encode(), nonce.encode())))
