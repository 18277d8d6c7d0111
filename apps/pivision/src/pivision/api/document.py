"""OpenAPI 3.1 of operations: the document is drawn from the declarations that the routes are made of. Pure."""

import re
from collections.abc import Iterable
from typing import Any

from pivision.api.declaring import Operation, Problem
from pivision.api.shapes import Schema, Shapes

_VARIABLE = re.compile(r"<(?:\w+:)?(\w+)>")
_WORDS = {
    400: "The request makes no sense; the sentence names what of it",
    401: "Nobody is known by that: sign in, or send a token or key that is valid",
    403: "Whoever asks may not",
    404: "There is no such thing",
    408: "The body took too long",
    409: "It cannot be done beside what is there",
    411: "No Content-Length",
    413: "Too large",
    415: "None of the forms that are taken",
    422: "It was understood, and cannot be",
    429: "Too often: wait for Retry-After",
    503: "Not now: wait for Retry-After",
}
_SECURITY: dict[str, Schema] = {
    "token": {"type": "http", "scheme": "bearer", "description": "Of a program: made on the page People, shown once"},
    "session": {"type": "apiKey", "in": "cookie", "name": "pivision", "description": "Of a browser that is signed in"},
    "csrf": {
        "type": "apiKey",
        "in": "header",
        "name": "X-CSRFToken",
        "description": "Beside the session, for whatever changes something: from `<meta name=csrf>` of any page",
    },
    "deviceKey": {"type": "apiKey", "in": "header", "name": "X-Device-Key", "description": "Of a camera"},
    "signature": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Signature",
        "description": "Of a camera that signs, beside X-Key-Id, X-Signed-At, X-Nonce and X-Body-Sha256",
    },
}


def document(operations: Iterable[Operation], version: str, *, closed: bool = False) -> dict[str, Any]:
    """The whole document. TypeError where a declared type has no JSON. `closed`: no answer has more than it tells."""
    shapes = Shapes(closed=closed)
    paths: dict[str, dict[str, Any]] = {}
    groups: dict[str, None] = {}
    for each in operations:
        paths.setdefault(path_of(each.address), {})[each.method.lower()] = _operation(each, shapes)
        groups[each.group] = None
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "PiVision",
            "version": version,
            "description": "Cameras push pictures; what was noticed is asked for here. Moments are UTC.",
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name} for name in groups],
        "paths": paths,
        "components": {"schemas": dict(sorted(shapes.components.items())), "securitySchemes": _SECURITY},
    }


def path_of(address: str) -> str:
    """`/events/<int:event_id>` as OpenAPI writes it: `/events/{event_id}`."""
    return _VARIABLE.sub(r"{\1}", address)


def _operation(each: Operation, shapes: Shapes) -> dict[str, Any]:
    summary, _, more = each.words.partition("\n")
    found: dict[str, Any] = {"operationId": each.name, "tags": [each.group], "summary": summary.rstrip(".")}
    if more.strip():
        found["description"] = " ".join(more.split())
    found["security"] = _security(each)
    if each.who:
        found["x-roles"] = sorted(each.who)
    parameters = [*_places(each, shapes), *_asked(each, shapes), *_headers(each)]
    if parameters:
        found["parameters"] = parameters
    if each.bodies:
        content = {media: {"schema": _schema(kind, shapes)} for media, kind in each.bodies.items()}
        found["requestBody"] = {"required": True, "content": content}
    found["responses"] = _responses(each, shapes)
    return found


def _security(each: Operation) -> list[dict[str, list[str]]]:
    if each.who is None:
        return [{"deviceKey": []}, {"signature": []}]
    if not each.who:
        return []
    session: dict[str, list[str]] = {"session": []} if each.method == "GET" else {"session": [], "csrf": []}
    return [{"token": []}, session]


def _places(each: Operation, shapes: Shapes) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": shapes.of(each.places[name])}
        for name in _VARIABLE.findall(each.address)
    ]


def _asked(each: Operation, shapes: Shapes) -> list[dict[str, Any]]:
    if each.asks is None:
        return []
    own = Shapes()
    name = own.of(each.asks)["$ref"].rpartition("/")[2]
    asked: dict[str, Schema] = own.components.pop(name)["properties"]
    shapes.components |= own.components
    return [{"name": name, "in": "query", "required": False, "schema": schema} for name, schema in asked.items()]


def _headers(each: Operation) -> list[dict[str, Any]]:
    words = "with a body of image/jpeg"
    return [
        {"name": name, "in": "header", "required": False, "description": words, "schema": schema}
        for name, schema in each.headers.items()
    ]


def _responses(each: Operation, shapes: Shapes) -> dict[str, Any]:
    if each.media:
        done: dict[str, Any] = {"content": {each.media: {"schema": {}}}}
    else:
        done = {"content": {"application/json": {"schema": _schema(each.answer, shapes)}}}
    if each.tagged:
        done["headers"] = {"ETag": {"schema": {"type": "string"}}}
    found = {str(each.status): {"description": "Done", **done}}
    if each.tagged:
        found["304"] = {"description": "As it was: the ETag of If-None-Match is still right"}
    problems: dict[int, object] = dict.fromkeys(_expected(each), Problem) | dict(each.refuses)
    for status, kind in sorted(problems.items()):
        content = {"application/json": {"schema": _schema(kind, shapes)}}
        found[str(status)] = {"description": _WORDS[status], "content": content}
    return found


def _expected(each: Operation) -> list[int]:
    """What every operation of that form may be refused with."""
    found = [400] if each.bodies or each.asks or each.method != "GET" else []
    if each.who is None or each.who:
        found += [401, 403, 429]
    if each.places:
        found.append(404)
    if each.bodies and each.who:
        found += [413, 422]
    return found


def _schema(kind: object, shapes: Shapes) -> Schema:
    return kind if isinstance(kind, dict) else shapes.of(kind)
