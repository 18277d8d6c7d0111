"""Requests that are signed instead of carrying the key: by the right device, now, once, and with nothing changed."""

import hashlib
import hmac
import re
import sqlite3
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush

from pivision import signing
from pivision.devices import access
from pivision.devices.access import Caller
from pivision.ingest.meta import moment
from pivision.ingest.refusals import Clock, Refusal
from pivision.moments import utc_text

WINDOW = timedelta(minutes=5)  # between the moment that a request says and the server's own
MOST_KEPT = 200_000  # requests that are remembered: 20 cameras at their full rate for the whole window, three times
MOST_OF_ONE = 10_000  # of them of one camera, so that none of them pushes what the others sent out
PROVEN = ("signature_old", "signature_replayed", "too_fast")  # whoever is refused so did not guess the key
_NOTHING = bytes(32)
_NONCE = re.compile(r"[A-Za-z0-9_-]{8,64}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_MISSING = "Signed requests carry X-Key-Id, X-Signed-At, X-Nonce, X-Body-Sha256 and X-Signature"


class Signatures:
    """Remembers what it took. What was signed before it began is refused: it cannot know whether it came before."""

    def __init__(self, now: datetime) -> None:
        self._floor = now.timestamp()
        self._taken: set[tuple[int, str]] = set()
        self._oldest: list[tuple[float, int, str]] = []
        self._many: Counter[int] = Counter()

    def caller(
        self, db: sqlite3.Connection, method: str, target: bytes, headers: Mapping[bytes, bytes], now: datetime
    ) -> Caller:
        """Whose request this is. Refusal (401); its body is still to be compared with what was signed."""
        at, nonce = _text(headers, signing.AT), _text(headers, signing.NONCE)
        if not _NONCE.fullmatch(nonce) or not _DIGEST.fullmatch(_text(headers, signing.BODY)):
            raise Refusal(401, "signature_incomplete", _MISSING)
        found = access.by_lookup(db, _text(headers, signing.KEY_ID), now)
        if found is not None and not found[0].signs:  # what is stored of its key must open nothing
            raise Refusal(
                401, "signing_off", "Signed requests are not taken from this device: an admin switches that on"
            )
        key = found[1] if found is not None else _NOTHING
        wanted = signing.signature(key, signing.signed_text(method, target, headers))
        if not hmac.compare_digest(wanted.encode(), headers.get(signing.SIGNATURE.encode(), b"")) or found is None:
            raise Refusal(401, "signature_wrong", "The signature is not one of this request with this key")
        self._forget((now - WINDOW).timestamp())
        at_s = _seconds(at)
        if at_s is None or at_s <= self._floor or abs(at_s - now.timestamp()) > WINDOW.total_seconds():
            raise _old(key, nonce, now)
        self._take(found[0].key_id, nonce, at_s)
        return found[0]

    def _take(self, key_id: int, nonce: str, at_s: float) -> None:
        if (key_id, nonce) in self._taken:
            raise Refusal(401, "signature_replayed", "This request came before: sign it again with another nonce")
        if self._many[key_id] >= MOST_OF_ONE:
            raise Refusal(429, "too_fast", "This device asks too often", retry_after_s=WINDOW.total_seconds())
        self._many[key_id] += 1
        self._taken.add((key_id, nonce))
        heappush(self._oldest, (at_s, key_id, nonce))

    def _forget(self, before_s: float) -> None:
        """What is forgotten is never taken again, also when the clock is set back: the floor rises with it."""
        while self._oldest and (self._oldest[0][0] < before_s or len(self._oldest) > MOST_KEPT):
            at_s, key_id, nonce = heappop(self._oldest)
            self._taken.discard((key_id, nonce))
            self._many[key_id] -= 1
            if not self._many[key_id]:
                del self._many[key_id]
            self._floor = max(self._floor, at_s)


def require_signed_body(headers: Mapping[bytes, bytes], body: bytes) -> None:
    """The body is the one that was signed. Refusal (401)."""
    if hashlib.sha256(body).hexdigest() != _text(headers, signing.BODY):
        raise Refusal(401, "body_altered", "The body is not the one that X-Body-Sha256 was made of")


def is_signed(headers: Mapping[bytes, bytes]) -> bool:
    """Whether the request wants to be known by a signature."""
    return any(name.encode() in headers for name in signing.OURS if name != signing.BODY)


def _old(key: bytes, nonce: str, now: datetime) -> Refusal:
    """With our time, and the proof that it is ours: with a false one a camera would sign for another day."""
    server_time = utc_text(now)
    error = "It was signed at another time: sign it again, at server_time"
    clock = Clock(server_time, signing.time_proof(key, server_time, nonce))
    return Refusal(401, "signature_old", error, clock=clock)


def _text(headers: Mapping[bytes, bytes], name: str) -> str:
    return headers.get(name.encode(), b"").decode("latin-1")


def _seconds(text: str) -> float | None:
    """None for no moment, and for that of a clock that was never set."""
    try:
        found = moment("X-Signed-At", text)
    except Refusal:
        return None
    return None if found is None else found.astimezone(UTC).timestamp()
