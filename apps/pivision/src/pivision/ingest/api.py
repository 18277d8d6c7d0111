"""What devices ask for, as an ASGI application: frame, heartbeat, configuration, enrolment. No vision, no framework."""

import hashlib
import logging
import sqlite3
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs

from pivision.config import Config
from pivision.devices import access, configs
from pivision.devices.access import Caller
from pivision.devices.errors import BadCode
from pivision.ingest import replies
from pivision.ingest.bodies import Bodies, ClientGone
from pivision.ingest.forms import most_bytes, picture_of, table_of
from pivision.ingest.frames import Frame, Heard, Stored
from pivision.ingest.jpeg import size_of
from pivision.ingest.limits import Buckets, Limits
from pivision.ingest.meta import Meta, device_of, moment, telemetry
from pivision.ingest.meter import Meter
from pivision.ingest.pressure import Pressure
from pivision.ingest.refusals import Refusal
from pivision.ingest.signatures import PROVEN, Signatures, is_signed, require_signed_body
from pivision.ingest.writer import Writer
from pivision.moments import utc_text
from station_kit.environment import Secret
from station_serve.wrapping import Receive, Scope, Send

FRAME, HEARTBEAT = "/api/v1/ingest/frame", "/api/v1/ingest/heartbeat"
CONFIG, ENROLL = "/api/v1/device/config", "/api/v1/device/enroll"
METHODS = {FRAME: "POST", HEARTBEAT: "POST", CONFIG: "GET", ENROLL: "POST"}
SMALL_BYTES = 16 * 1024  # of a body without picture
_MOST_CONFIGS = 256

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Parts:
    """What the application works with. `db` is read only, and used on the event loop alone: a look-up by an index."""

    db: sqlite3.Connection
    writer: Writer
    pressure: Pressure
    meter: Meter
    limits: Limits
    now: Callable[[], datetime]


@dataclass
class Request:
    """One request, and what is learnt of it on the way. `size` is what of it is held in memory."""

    scope: Scope
    receive: Receive
    send: Send
    headers: Mapping[bytes, bytes]
    size: int = 0
    is_signed: bool = False

    @property
    def address(self) -> str:
        client = self.scope.get("client")
        return str(client[0]) if client else ""


class DeviceApi:
    """Answers the four paths of METHODS."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        limits = parts.limits
        self._bodies = Bodies(limits)
        self._frames = Buckets(limits.frames_per_s, limits.frames_burst)
        self._calls = Buckets(limits.calls_per_s, limits.calls_burst)
        self._failures = Buckets(limits.failures_per_s, limits.failures_burst)
        self._signatures = Signatures(parts.now())
        self._configs: dict[tuple[int, int], Config] = {}
        self._answers: dict[str, Callable[[Request], Awaitable[str]]] = {
            FRAME: self._frame,
            HEARTBEAT: self._heartbeat,
            CONFIG: self._config,
            ENROLL: self._enroll,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, began_s = scope["path"], time.perf_counter()
        request = Request(scope, receive, send, dict(scope["headers"]))
        try:
            if scope["method"] != METHODS[path]:
                raise Refusal(405, "wrong_method", f"Use {METHODS[path]} here")
            code = await self._answers[path](request)
        except Refusal as why:
            code = why.code
            await replies.refuse(send, why)
        except ClientGone:
            code = "client_gone"
        except Exception:  # noqa: BLE001 -- the outermost: the device is answered, the traceback logged
            code = "bug"
            _log.exception("request failed path=%s", path)
            await replies.refuse(send, Refusal(500, "bug", "Something went wrong here; it was logged"))
        finally:
            self._bodies.let_go(request.size)
        self._parts.meter.add(path, code, time.perf_counter() - began_s, request.size, self._parts.now())

    async def _frame(self, request: Request) -> str:
        caller = self._caller(request, self._frames)
        self._parts.pressure.refuse()
        kind = _kind(request.headers)
        body = await self._body(request, most_bytes(kind, self._parts.limits.picture_bytes))
        meta, image = picture_of(kind, request.headers, body)
        _require_same(meta.device, caller)
        stored = await self._parts.writer.store(self._checked(caller, meta, image))
        assert isinstance(stored, Stored)
        order = self._order(caller)
        reply = {
            "ok": True,
            "frame_id": stored.frame_id,
            "received_ts": utc_text(stored.received_at),
            "duplicate": stored.duplicate,
            **order,
        }
        await replies.answer(request.send, 200, reply)
        return "duplicate" if stored.duplicate else "ok"

    async def _heartbeat(self, request: Request) -> str:
        caller = self._caller(request, self._calls)
        values = table_of(await self._body(request, SMALL_BYTES))
        _require_same(device_of(values), caller)
        news = Heard(caller, telemetry(values), moment("sent_ts", values.get("sent_ts")))
        await self._parts.writer.store(news)
        order = self._order(caller)
        await replies.answer(request.send, 200, {"ok": True, "last_seen": order["server_time"], **order})
        return "ok"

    async def _config(self, request: Request) -> str:
        caller = self._caller(request, self._calls)
        asked = parse_qs(request.scope.get("query_string", b"").decode("latin-1")).get("device_id", [caller.name])
        _require_same(asked[-1], caller)
        order = self._order(caller)
        self._parts.writer.tell(Heard(caller, config_version=caller.config_version))
        tag = replies.etag(order).encode()
        headers = ((b"etag", tag), (b"x-server-time", str(order["server_time"]).encode()))
        if tag in request.headers.get(b"if-none-match", b"").replace(b"W/", b"").replace(b" ", b"").split(b","):
            await replies.send_bytes(request.send, 304, b"", *headers)
            return "not_modified"
        body = replies.configuration(caller.name, self._config_of(caller), order)
        await replies.answer(request.send, 200, body, *headers)
        return "ok"

    async def _enroll(self, request: Request) -> str:
        at_s = time.monotonic()
        self._slow_down(self._failures.wait_s(request.address, at_s))
        values = table_of(await self._body(request, SMALL_BYTES))
        name, code = device_of(values), values.get("code")
        if not isinstance(code, str) or not 1 <= len(code) <= 64:
            raise Refusal(400, "missing_field", "code is missing")
        # A right one counts, too: nobody needs ten a minute. While the body came, others may have come.
        self._slow_down(self._failures.take(request.address, time.monotonic()))
        try:
            key = await self._parts.writer.store(lambda db, now: access.enroll(db, name, code, now))
        except BadCode as why:
            raise Refusal(401, "bad_code", f"{why.message}: ask for another one") from why
        assert isinstance(key, Secret)
        await replies.answer(request.send, 200, {"ok": True, "device_id": name, "key": key.reveal()})
        return "ok"

    def _slow_down(self, wait_s: float) -> None:
        if wait_s:
            raise Refusal(429, "too_many_failures", "Too many wrong keys or codes from there", retry_after_s=wait_s)

    def _caller(self, request: Request, bucket: Buckets) -> Caller:
        """Who is asking, at a rate that is taken. Refusal (401, 403, 429)."""
        at_s = time.monotonic()
        try:
            caller = self._signer(request) if is_signed(request.headers) else self._key_holder(request)
        except Refusal as why:
            if why.code not in PROVEN and (wait_s := self._failures.take(request.address, at_s)):
                error = "Too many wrong keys, codes or signatures from there"
                raise Refusal(429, "too_many_failures", error, retry_after_s=wait_s) from why
            raise
        if not caller.enabled:
            raise Refusal(403, "device_disabled", "This device is disabled: an admin switches it on again")
        wait_s = bucket.take(caller.device_id, at_s)
        if wait_s:
            raise Refusal(429, "too_fast", "This device asks too often", retry_after_s=wait_s)
        return caller

    def _key_holder(self, request: Request) -> Caller:
        key = request.headers.get(b"x-device-key", b"").decode("latin-1")
        if not key:
            raise Refusal(401, "key_missing", "Send the device's key as X-Device-Key")
        caller = access.authenticate(self._parts.db, key, self._parts.now())
        if caller is None:
            raise Refusal(401, "key_unknown", "This key is not valid: ask for a code, and enroll again")
        if caller.signs:
            raise Refusal(
                401, "signature_required", "Only signed requests are taken from this device: sign it, and send no key"
            )
        return caller

    def _signer(self, request: Request) -> Caller:
        scope = request.scope
        query = scope.get("query_string", b"")
        path = scope.get("raw_path") or scope["path"].encode()
        target = path.split(b"?", 1)[0] + (b"?" + query if query else b"")
        request.is_signed = True
        return self._signatures.caller(self._parts.db, scope["method"], target, request.headers, self._parts.now())

    async def _body(self, request: Request, most: int) -> bytes:
        try:
            length = self._bodies.length(request.headers, most)
            self._bodies.hold(length)
        except Refusal as why:
            if not why.closing:
                await self._bodies.drain(request.receive, most)
            raise
        request.size = length
        body = await self._bodies.read(request.receive, length)
        if request.is_signed:
            require_signed_body(request.headers, body)
        return body

    def _checked(self, caller: Caller, meta: Meta, image: bytes) -> Frame:
        """The picture is what it says that it is. Refusal (413, 422)."""
        limits = self._parts.limits
        if len(image) > limits.picture_bytes:
            raise Refusal(413, "too_large", f"The picture has {len(image)} bytes, {limits.picture_bytes} are taken")
        size = size_of(image)
        if size.width * size.height > limits.pixels:
            raise Refusal(422, "too_many_pixels", f"At most {limits.pixels} pixels are taken")
        if (meta.width or size.width, meta.height or size.height) != (size.width, size.height):
            raise Refusal(422, "size_mismatch", f"The picture is {size.width}x{size.height}, not what the fields say")
        digest = hashlib.sha256(image).digest()
        if meta.sha256 is not None and meta.sha256 != digest:
            raise Refusal(422, "sha256_mismatch", "The picture is not the one that sha256 was made of")
        return Frame(caller, meta, size.width, size.height, digest, image)

    def _order(self, caller: Caller) -> dict[str, object]:
        return replies.command(self._config_of(caller), caller.config_version, caller.burst_until, self._parts.now())

    def _config_of(self, caller: Caller) -> Config:
        """Read once for each version."""
        key = (caller.device_id, caller.config_version)
        if key not in self._configs:
            if len(self._configs) >= _MOST_CONFIGS:
                self._configs.clear()
            self._configs[key] = configs.version(self._parts.db, caller.device_id, caller.config_version).config
        return self._configs[key]


def _kind(headers: Mapping[bytes, bytes]) -> str:
    return headers.get(b"content-type", b"").split(b";", 1)[0].strip().lower().decode("latin-1")


def _require_same(name: str, caller: Caller) -> None:
    if name != caller.name:
        raise Refusal(403, "device_mismatch", "The key is another device's: enroll this one")
