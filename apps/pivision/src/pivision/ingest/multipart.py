"""The parts of a small multipart/form-data body. Pure; bounded in parts and headers, and it copies a part once."""

import re

from pivision.ingest.refusals import Refusal

MOST_PARTS = 8
MOST_HEADER_BYTES = 4096
_BOUNDARY = re.compile(r'boundary=(?:"([^"]{1,70})"|([^\s;,"]{1,70}))(?=\s*(?:;|$))', re.IGNORECASE)
_NAME = re.compile(rb'form-data(?=\s*;).*?;\s*name=(?:"([^"\r\n]{0,64})"|([^\s;"]{1,64}))', re.IGNORECASE)


def boundary_of(content_type: str) -> bytes:
    """The boundary that the header names. Refusal (400)."""
    found = _BOUNDARY.search(content_type)
    boundary = (found[1] or found[2]) if found else ""
    if not boundary or not boundary.isascii() or boundary.endswith(" "):
        raise _bad("its boundary is missing")
    return boundary.encode()


def parts_of(body: bytes, boundary: bytes) -> dict[str, bytes]:
    """The parts by name. Refusal (400) when the body is broken, has too many parts, or two of one name."""
    parts: dict[str, bytes] = {}
    line = b"--" + boundary
    separator = b"\r\n" + line
    if body.startswith(line):
        place = len(line)
    else:  # what comes before the first boundary is to be ignored
        place = body.find(separator)
        if place < 0:
            raise _bad("its boundary is not in it")
        place += len(separator)
    for _ in range(MOST_PARTS + 1):
        if body.startswith(b"--", place):
            return parts
        place = _after_blanks(body, place)
        ends = body.find(separator, place)
        if ends < 0:
            raise _bad("its end is missing")
        name, content = _part(body, place, ends)
        if name in parts:
            raise _bad("two parts have the same name")
        parts[name] = content
        place = ends + len(separator)
    raise _bad(f"it has more than {MOST_PARTS} parts")


def _after_blanks(body: bytes, place: int) -> int:
    ends = body.find(b"\r\n", place, place + 64)
    if ends < 0 or body[place:ends].strip(b" \t"):
        raise _bad("a boundary is not alone on its line")
    return ends + 2


def _part(body: bytes, place: int, ends: int) -> tuple[str, bytes]:
    if body.startswith(b"\r\n", place):
        raise _bad("a part has no name")
    header_ends = body.find(b"\r\n\r\n", place, min(ends, place + MOST_HEADER_BYTES))
    if header_ends < 0:
        raise _bad("a part has no header, or too much of it")
    for line in body[place:header_ends].split(b"\r\n"):
        key, _, value = line.partition(b":")
        if key.strip().lower() == b"content-disposition":
            found = _NAME.search(value)
            if found is not None:
                return (found[1] or found[2] or b"").decode("latin-1"), body[header_ends + 4 : ends]
    raise _bad("a part has no name")


def _bad(why: str) -> Refusal:
    return Refusal(400, "bad_multipart", f"The multipart body is not read: {why}")
