"""The three forms in which a picture comes: JSON with base64, multipart, and as it is with headers. Pure."""

import base64
import binascii
import json
import re
from collections.abc import Mapping

from pivision.ingest.meta import Meta, meta_of
from pivision.ingest.multipart import boundary_of, parts_of
from pivision.ingest.refusals import Refusal, bad_field

FORM_BYTES = 64 * 1024  # for all that is not the picture
_MOST_VALUES = 1000  # in a JSON text: more are no metadata, and their objects would fill the memory
_WHOLE = ("seq", "width", "height", "jpeg_quality", "battery_mv", "rssi", "burst")
_HEADERS = {
    name: f"x-{name.replace('_', '-')}".encode()
    for name in (*_WHOLE, "device_id", "capture_ts", "sent_ts", "boot_id", "fw_version", "notes", "sha256")
}

_IMAGE = re.compile(rb'"image_b64"\s*:\s*"')

Headers = Mapping[bytes, bytes]


def most_bytes(kind: str, picture_bytes: int) -> int:
    """How long a body of this kind may be, for a picture of so many bytes. Refusal (415)."""
    if kind == "image/jpeg":
        return picture_bytes
    if kind == "multipart/form-data":
        return picture_bytes + FORM_BYTES
    if kind == "application/json":
        return picture_bytes * 4 // 3 + 4 + FORM_BYTES
    raise Refusal(415, "wrong_type", "Send image/jpeg, multipart/form-data or application/json")


def picture_of(kind: str, headers: Headers, body: bytes) -> tuple[Meta, bytes]:
    """What the camera says, and the picture. Refusal (400, 415)."""
    if kind == "image/jpeg":
        return meta_of(_from_headers(headers), complete=False), body
    if kind == "multipart/form-data":
        parts = parts_of(body, boundary_of(headers.get(b"content-type", b"").decode("latin-1")))
        for name in ("image", "meta"):
            if name not in parts:
                raise Refusal(400, "missing_field", f"The part {name} is missing")
        return meta_of(table_of(parts["meta"]), complete=True), parts["image"]
    rest, image = _lifted(body)
    values = table_of(rest)
    if image is not None and values.get("image_b64") != "":  # it was no field of the object, or there are two
        values, image = table_of(body), None
    meta = meta_of(values, complete=True)
    found = values.get("image_b64") if image is None else image
    if not isinstance(found, str | bytes) or not found:
        raise Refusal(400, "missing_field", "image_b64 is missing")
    try:
        return meta, base64.b64decode(found, validate=True)
    except (binascii.Error, ValueError) as why:
        raise Refusal(400, "bad_base64", "image_b64 is no base64") from why


def _lifted(body: bytes) -> tuple[bytes, bytes | None]:
    """The JSON with an empty `image_b64`, and what stood there: a parser would walk through all of it, twice."""
    field = _IMAGE.search(body)
    ends = body.find(b'"', field.end()) if field else -1
    if field is None or ends < 0:
        return body, None
    image = body[field.end() : ends]
    return (body, None) if b"\\" in image else (body[: field.end()] + body[ends:], image)


def table_of(body: bytes) -> dict[str, object]:
    """The JSON object in the body. Refusal (400)."""
    if body.count(b",") + body.count(b"[") + body.count(b"{") > _MOST_VALUES:
        raise Refusal(400, "bad_json", "The JSON has too many values")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as why:
        place = f": {why.msg}, line {why.lineno}, column {why.colno}" if isinstance(why, json.JSONDecodeError) else ""
        raise Refusal(400, "bad_json", f"The text is no JSON{place}") from why
    if not isinstance(found, dict):
        raise Refusal(400, "bad_json", "The JSON is no object")
    return found


def _from_headers(headers: Headers) -> dict[str, object]:
    values: dict[str, object] = {}
    for name, header in _HEADERS.items():
        text = headers.get(header)
        if text is not None:
            values[name] = _whole(name, text) if name in _WHOLE else _decoded(name, text)
    return values


def _whole(name: str, text: bytes) -> int:
    if not text.removeprefix(b"-").isdigit() or len(text) > 20:
        raise bad_field(name, "a whole number")
    return int(text)


def _decoded(name: str, text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError as why:
        raise bad_field(name, "text in UTF-8") from why
