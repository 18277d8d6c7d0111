"""The server as the client sees it: one connection that is kept, and answers in three kinds: taken, never, later."""

import hashlib
import hmac
import http.client
import json
import secrets
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.message import Message
from typing import Any
from urllib.parse import urlsplit

from pivision.camera.item import Item
from pivision.errors import PiVisionError
from pivision.signing import Stamp, signed_headers, signing_key, time_proof
from station_kit.environment import Secret

WAIT_S = 15.0
_MOST_ANSWER = 1_000_000
_NEVER = frozenset({400, 409, 411, 413, 415, 422})  # the same picture will never be taken


class Away(PiVisionError):
    """Nobody answered, or not now; `retry_after_s` is what the server asked for."""

    def __init__(self, message: str, hint: str = "", *, retry_after_s: float | None = None) -> None:
        super().__init__(message, hint)
        self.retry_after_s = retry_after_s


class Never(PiVisionError):
    """The server answered, and will never take this: another try is no use."""


class NotLetIn(PiVisionError):
    """The key is not known any more, or the device is switched off; a person has to see to it."""


class Stale(NotLetIn):
    """What was signed says another time than the server's, which is told with the proof that it is the server's."""

    def __init__(self, message: str, server_time: str, proof: str) -> None:
        super().__init__(message)
        self.server_time, self.proof = server_time, proof


@dataclass(frozen=True)
class Answer:
    """What it said. `tag` is the configuration's, for the next question."""

    status: int
    body: dict[str, Any]
    tag: str = ""


@dataclass
class Server:
    """Not for two threads at once. Redirects are not followed: the key is for this address.

    With `signs` the key is never sent; each request is signed, and never sent unsigned, whatever the server says.
    """

    address: str
    device: str
    key: Secret = field(repr=False)
    signs: bool = False
    _ahead_s: float = field(default=0.0, init=False)  # the server's clock, before ours
    _connection: http.client.HTTPConnection | None = field(default=None, init=False, repr=False)

    def send(self, item: Item, life: str, sent_s: float) -> Answer:
        """Hand a picture over. Away, Never, NotLetIn."""
        headers = {
            "Content-Type": "image/jpeg",
            "X-Seq": str(item.seq),
            "X-Boot-Id": life,
            "X-Capture-Ts": f"{item.taken_s:.3f}",
            "X-Sent-Ts": f"{sent_s:.3f}",
            "X-Burst": "1" if item.burst else "0",
            "X-Sha256": hashlib.sha256(item.jpeg).hexdigest(),
        }
        if item.width:
            headers |= {"X-Width": str(item.width), "X-Height": str(item.height)}
        return self._ask("POST", "/api/v1/ingest/frame", item.jpeg, headers)

    def heartbeat(self, told: Mapping[str, object]) -> Answer:
        """Say how we are. Away, Never, NotLetIn."""
        body = json.dumps({"device_id": self.device, **told}).encode()
        return self._ask("POST", "/api/v1/ingest/heartbeat", body, {"Content-Type": "application/json"})

    def configuration(self, tag: str = "") -> Answer:
        """What we are to do; status 304 when that is still what `tag` said. Away, Never, NotLetIn."""
        headers = {"If-None-Match": tag} if tag else {}
        return self._ask("GET", f"/api/v1/device/config?device_id={self.device}", None, headers)

    def close(self) -> None:
        """End the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _ask(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        said, is_retimed = {"X-Device-Id": self.device, **headers}, False
        while True:
            is_fresh = self._connection is None
            whole, nonce = self._known(method, path, body, said)
            try:
                return self._exchange(method, path, body, whole)
            except Stale as why:
                if is_retimed or not self._take_time(why, nonce):
                    raise
                is_retimed = True
            except (OSError, http.client.HTTPException, ValueError) as why:
                self.close()
                if is_fresh:  # a kept connection may have ended meanwhile: then once more on a new one
                    reason = why.strerror if isinstance(why, OSError) and why.strerror else type(why).__name__
                    raise Away(f"{urlsplit(self.address).hostname} does not answer: {reason}") from None

    def _known(self, method: str, path: str, body: bytes | None, said: dict[str, str]) -> tuple[dict[str, str], str]:
        """The headers by which the server knows us, and the nonce of a signature."""
        if not self.signs:
            return {"X-DEVICE-KEY": self.key.reveal(), **said}, ""
        stamp = Stamp(f"{time.time() + self._ahead_s:.3f}", secrets.token_urlsafe(16))
        return signed_headers(self.key.reveal(), stamp, method, path, body or b"", said), stamp.nonce

    def _take_time(self, why: Stale, nonce: str) -> bool:
        """Whether the server itself told us its time, and we go by it now."""
        proof = time_proof(signing_key(self.key.reveal()), why.server_time, nonce)
        if not hmac.compare_digest(proof.encode(), why.proof.encode()):
            return False
        self._ahead_s = datetime.fromisoformat(why.server_time).timestamp() - time.time()
        return True

    def _exchange(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        if self._connection is None:
            self._connection = _connect(self.address)
        self._connection.request(method, _base(self.address) + path, body, dict(headers))
        response = self._connection.getresponse()
        text = response.read(_MOST_ANSWER)
        if response.will_close:
            self.close()
        return _answer(response.status, text, response.headers)


def enroll(address: str, device: str, code: str) -> Secret:
    """The key for a code, once. Away, Never."""
    connection = _connect(address)
    try:
        body = json.dumps({"device_id": device, "code": code}).encode()
        path = _base(address) + "/api/v1/device/enroll"
        connection.request("POST", path, body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        found = _answer(response.status, response.read(_MOST_ANSWER), response.headers)
    except (OSError, http.client.HTTPException) as why:
        reason = why.strerror if isinstance(why, OSError) and why.strerror else type(why).__name__
        raise Away(f"Not enrolled: {urlsplit(address).hostname} does not answer: {reason}") from None
    except NotLetIn as why:
        raise Never(f"Not enrolled: {why.message}", "Make a new code, and use it within 15 minutes") from None
    finally:
        connection.close()
    return Secret(str(found.body["key"]))


def _connect(address: str) -> http.client.HTTPConnection:
    parts = urlsplit(address)
    host = parts.hostname or ""
    if parts.scheme == "https":
        return http.client.HTTPSConnection(host, parts.port, timeout=WAIT_S, context=ssl.create_default_context())
    return http.client.HTTPConnection(host, parts.port, timeout=WAIT_S)


def _base(address: str) -> str:
    return urlsplit(address).path.rstrip("/")


def _answer(status: int, text: bytes, headers: Message) -> Answer:
    try:
        body = json.loads(text) if text else {}
    except ValueError:
        body = {}
    if not isinstance(body, dict):
        body = {}
    said = str(body.get("error", f"it answered {status}"))
    if status == 401 and body.get("code") == "signature_old":
        raise Stale(said, str(body.get("server_time")), str(body.get("proof")))
    if status in (401, 403):
        raise NotLetIn(said)
    if status in _NEVER:
        raise Never(said)
    if status != 304 and not 200 <= status < 300:
        raise Away(said, retry_after_s=_seconds(headers.get("Retry-After")))
    return Answer(status, body, headers.get("ETag") or "")


def _seconds(text: str | None) -> float | None:
    return float(text) if text and text.isdigit() else None
