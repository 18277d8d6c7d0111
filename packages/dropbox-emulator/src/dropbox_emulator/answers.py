"""From one HTTP request to its answer: checks that hold for every route, the route itself, the faults on request."""

import json
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dropbox_emulator.arguments import WrongArgument
from dropbox_emulator.contents import Content, content_hash
from dropbox_emulator.errors import Refusal, bad_input, refused, summary
from dropbox_emulator.ledger import Line
from dropbox_emulator.routes import ROUTES, Call, Route

if TYPE_CHECKING:
    from dropbox_emulator.emulator import Emulator
    from dropbox_emulator.faults import Fault

LARGEST_BODY = 150 * 1024 * 1024
PIECE = 65536
JSON_TYPES = ("application/json", "application/json; charset=utf-8", "text/plain; charset=dropbox-cors-hack")
BYTES_TYPES = ("application/octet-stream", "text/plain; charset=dropbox-cors-hack")
NO_TYPES = ("", "text/plain", "text/plain; charset=utf-8", "application/octet-stream")
TOKEN_ROUTE = "oauth2/token"
OLD_TOKEN_ROUTE = "1/oauth2/token"  # rclone asks there


class Cut(Exception):
    """The connection is to break here."""


@dataclass(frozen=True)
class Exchange:
    """A request. `headers` have names in lower case; `host` is "" when it was not named.

    `read_body` hands the body over piece by piece.
    """

    path: str
    host: str
    headers: Mapping[str, str]
    read_body: Callable[[Callable[[bytes], None]], None]


@dataclass(frozen=True)
class Answer:
    """What is sent back; after `cut_after` bytes of the body the connection breaks."""

    status: int
    headers: dict[str, str]
    body: Callable[[], Iterator[bytes]]
    cut_after: int | None = None


@dataclass
class _Body:
    """The request's body as it comes in."""

    fault: "Fault | None" = None
    pieces: list[bytes] = field(default_factory=list)
    size: int = 0

    def take(self, piece: bytes) -> None:
        end = self.fault.cut_request_after if self.fault else None
        if end is not None and self.size + len(piece) > end:
            self.size = end
            raise Cut
        self.size += len(piece)
        if self.size <= LARGEST_BODY:
            self.pieces.append(piece)


def answer(emulator: "Emulator", exchange: Exchange, wait: Callable[[float], object]) -> Answer:
    """Carry the request out. Cut when the connection is to break before there is an answer."""
    route = exchange.path.removeprefix("/2/").removeprefix("/").partition("?")[0]
    route = TOKEN_ROUTE if route == OLD_TOKEN_ROUTE else route
    fault = emulator.faults.meeting(route, int(exchange.headers.get("content-length") or 0))
    body = _Body(fault)
    status = 0
    try:
        exchange.read_body(body.take)
        given = _answer(emulator, exchange, route, body, wait)
        status = given.status
    finally:
        emulator.ledger.add(Line(route, body.size, status))
    return given


def _answer(
    emulator: "Emulator", exchange: Exchange, route: str, body: _Body, wait: Callable[[float], object]
) -> Answer:
    fault = body.fault
    cut_after = fault.cut_reply_after if fault else None
    if fault and fault.slow_s:
        wait(fault.slow_s)
    try:
        if fault and fault.answer:
            raise fault.refusal()
        if route == TOKEN_ROUTE:
            data = b"".join(body.pieces)
            return _json(200, emulator.tokens.refresh(data, exchange.headers.get("authorization", "")), cut_after)
        given = _carry_out(emulator, exchange, route, body)
    except Refusal as why:
        return _refusal(route, why, cut_after)
    if isinstance(given, tuple):
        metadata, content = given
        return _download(metadata, content, exchange.headers.get("range", ""), cut_after)
    return _json(200, given, cut_after)


def _carry_out(emulator: "Emulator", exchange: Exchange, name: str, body: _Body) -> Any:
    route = ROUTES.get(name)
    if route is None or not exchange.path.startswith("/2/"):
        raise Refusal(400, text=f"Unknown API function: {name!r}")
    if exchange.host.startswith(("api.", "content.")) and not exchange.host.startswith(f"{route.host}."):
        raise bad_input(name, f"call it at {route.host}.dropboxapi.com")
    if route.scope:
        emulator.tokens.check(name, exchange.headers, route.scope)
    else:
        emulator.tokens.check_app(exchange.headers)
    data = b"".join(body.pieces)
    arg = _argument(name, route, exchange.headers, data)
    if route.style == "upload":
        if body.size > LARGEST_BODY:
            raise refused("payload_too_large")
        if arg.get("content_hash") not in (None, content_hash(data)):
            raise refused("content_hash_mismatch")
    stale_by = body.fault.stale_by if body.fault else 0
    with emulator.account.lock:
        return route.act(Call(emulator.account, arg, data, stale_by))


def _argument(name: str, route: Route, headers: Mapping[str, str], data: bytes) -> dict[str, Any]:
    """The checked argument, from where the route's style has it."""
    kind = headers.get("content-type", "").strip()
    allowed = {"rpc": JSON_TYPES, "upload": BYTES_TYPES, "download": NO_TYPES}[route.style]
    is_nothing = route.style == "rpc" and not data and not kind
    if not is_nothing and kind.lower() not in allowed:
        shown = ", ".join(f'"{one}"' for one in allowed)
        raise bad_input(name, f'Bad HTTP "Content-Type" header: "{kind}". Expecting one of {shown}.')
    where = "request body" if route.style == "rpc" else 'HTTP header "Dropbox-API-Arg"'
    written: Any = (data or b"null") if route.style == "rpc" else headers.get("dropbox-api-arg")
    if written is None:
        raise bad_input(name, 'Must provide HTTP header "Dropbox-API-Arg" or URL parameter "arg".')
    try:
        if isinstance(written, str):
            written = written.encode("latin-1").decode()  # UTF-8 that is not escaped is taken: rclone sends it
        checked = route.arg(json.loads(written))
    except (WrongArgument, ValueError) as why:
        raise bad_input(name, f"{where}: {why}") from why
    return dict(checked)


def _json(status: int, value: object, cut_after: int | None, headers: dict[str, str] | None = None) -> Answer:
    data = json.dumps(value).encode()
    return _whole(status, "application/json", data, cut_after, headers or {})


def _refusal(route: str, why: Refusal, cut_after: int | None) -> Answer:
    if why.error is None:
        return _whole(why.status, "text/plain; charset=utf-8", why.text.encode(), cut_after, why.headers)
    if route == TOKEN_ROUTE and why.status == 400:
        return _json(400, why.error, cut_after)
    tagged = why.error.get("reason", why.error) if why.status == 429 else why.error
    return _json(why.status, {"error_summary": summary(tagged), "error": why.error}, cut_after, why.headers)


def _whole(status: int, kind: str, data: bytes, cut_after: int | None, headers: dict[str, str]) -> Answer:
    about = {"Content-Type": kind, "Content-Length": str(len(data)), "X-Dropbox-Request-Id": secrets.token_hex(16)}
    return Answer(status, about | headers, lambda: iter([data]), cut_after)


def _download(metadata: dict[str, Any], content: Content, wanted: str, cut_after: int | None) -> Answer:
    first, last = 0, content.size - 1
    if wanted:
        found = re.fullmatch(r"bytes=(\d*)-(\d*)", wanted)
        if not found or not any(found.groups()):
            return _whole(400, "text/plain; charset=utf-8", b"malformed Range header", cut_after, {})
        first = int(found[1]) if found[1] else max(0, content.size - int(found[2]))
        last = min(last, int(found[2])) if found[1] and found[2] else last
        if first > last:
            return _whole(416, "text/plain; charset=utf-8", b"range not satisfiable", cut_after, {})
    headers = {
        "Content-Type": "application/octet-stream",
        "Content-Length": str(last - first + 1),
        "Dropbox-API-Result": json.dumps(metadata),
        "Original-Content-Length": str(content.size),
        "Accept-Ranges": "bytes",
        "ETag": f'W/"{metadata["rev"]}"',
    }
    if wanted:
        headers["Content-Range"] = f"bytes {first}-{last}/{content.size}"

    def pieces() -> Iterator[bytes]:
        with content.path.open("rb") as file:
            file.seek(first)
            left = last - first + 1
            while left and (piece := file.read(min(PIECE, left))):
                left -= len(piece)
                yield piece

    return Answer(206 if wanted else 200, headers, pieces, cut_after)
