"""What a JPEG says of itself without being decoded: where it ends, how large it is, when it was taken. Pure."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA
_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})  # markers without a length
_TAKEN = re.compile(rb"(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)\x00")


def split(several: bytes) -> Iterator[bytes]:
    """The pictures that lie one behind the other. What is no whole picture is left out."""
    at = several.find(b"\xff\xd8\xff")
    while at >= 0:
        end = _end(several, at)
        if end is None:
            at = several.find(b"\xff\xd8\xff", at + 2)
            continue
        yield several[at:end]
        at = several.find(b"\xff\xd8\xff", end)


def size_of(jpeg: bytes) -> tuple[int, int] | None:
    """Width and height, None when it says none."""
    for marker, at in _segments(jpeg, 0):
        if marker in _SIZES and at + 7 <= len(jpeg):
            height, width = int.from_bytes(jpeg[at + 3 : at + 5], "big"), int.from_bytes(jpeg[at + 5 : at + 7], "big")
            return (width, height) if width and height else None
    return None


def taken_at(jpeg: bytes) -> float | None:
    """When the camera says it was taken (EXIF), in seconds of its own clock; None when it says nothing."""
    for marker, at in _segments(jpeg, 0):
        if marker != 0xE1:
            continue
        long = int.from_bytes(jpeg[at : at + 2], "big")
        found = _TAKEN.findall(jpeg[at : at + long])
        if found:
            try:
                year, month, day, hour, minute, second = (int(part) for part in found[-1])
                return datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp()
            except ValueError:
                return None
    return None


def _segments(jpeg: bytes, start: int) -> Iterator[tuple[int, int]]:
    """Each marker up to the picture itself, and where what follows it begins."""
    at = start + 2
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF:
        marker = jpeg[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker == _EOI:
            return
        yield marker, at + 2
        if marker == _SOS:
            return
        at += 2 if marker in _ALONE else 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")


def _end(several: bytes, start: int) -> int | None:
    """Where the picture that begins at `start` ends; None when it is torn."""
    scan = None
    for marker, at in _segments(several, start):
        if marker == _SOS:
            scan = at
    if scan is None:
        return None
    end = several.find(b"\xff\xd9", scan)  # within the scan an FF is always followed by 00 or a restart marker
    return end + 2 if end >= 0 else None
