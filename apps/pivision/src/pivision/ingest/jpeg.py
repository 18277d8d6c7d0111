"""What the header of a JPEG says, without decoding it. Pure; whatever the bytes are, it looks at each at most once."""

from collections.abc import Iterator
from dataclasses import dataclass

from pivision.ingest.refusals import Refusal

_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA
_SIZES = frozenset({0xC0, 0xC1, 0xC2})  # baseline, extended, progressive: what OpenCV reads
_OTHER_SIZES = frozenset({0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_COMPONENTS = (1, 3, 4)


@dataclass(frozen=True)
class Size:
    """Width and height in pixels."""

    width: int
    height: int


def size_of(image: bytes) -> Size:
    """The size that the picture's one frame header names. Refusal (422) when this is no whole JPEG."""
    if image[:3] != b"\xff\xd8\xff":
        raise _not("it does not begin as one")
    size: Size | None = None
    place = 2
    for marker, begins, ends in _headers(image):
        place = ends
        if marker in _OTHER_SIZES:
            raise _not("its kind of compression is not read here")
        if marker in _SIZES:
            if size is not None:
                raise _not("it has two sizes")
            size = _size(image[begins:ends])
    if size is None:
        raise _not("its size is missing")
    if image.rfind(b"\xff\xd9", place) < 0:
        raise _not("its end is missing")
    return size


def _headers(image: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, begin and end of each header, up to the one that the pixels follow."""
    place, marker = 2, 0
    while marker != _SOS:
        marker, place = _marker(image, place)
        if marker in _ALONE:
            continue
        length = int.from_bytes(image[place : place + 2])
        if length < 2 or place + length > len(image):
            raise _not("it ends in its header")
        yield marker, place + 2, place + length
        place += length


def _marker(image: bytes, place: int) -> tuple[int, int]:
    """The marker at this place and where it ends. Any number of FF may come before it."""
    if image[place : place + 1] != b"\xff":
        raise _not("its header is broken")
    while image[place : place + 1] == b"\xff":
        place += 1
    if place >= len(image):
        raise _not("it ends in its header")
    if image[place] in (0, _SOI, _EOI):
        raise _not("its header is broken")
    return image[place], place + 1


def _size(header: bytes) -> Size:
    if len(header) < 6:
        raise _not("its size is missing")
    size = Size(int.from_bytes(header[3:5]), int.from_bytes(header[1:3]))
    components = header[5]
    if header[0] != 8 or components not in _COMPONENTS or len(header) != 6 + 3 * components:
        raise _not("its kind of pixels is not read here")
    if size.width == 0 or size.height == 0:
        raise _not("it has no pixels")
    return size


def _not(why: str) -> Refusal:
    return Refusal(422, "not_jpeg", f"The picture is no JPEG that can be read: {why}")
