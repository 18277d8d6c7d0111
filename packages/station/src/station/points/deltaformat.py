"""The parts of a delta's groups: the list of pages, and the zstd frame with old pages as dictionary. Pure.

docs/format.md defines them.
"""

import struct
from collections.abc import Callable

import zstandard

from station.points.varint import read_signed, signed

MAGIC = b"CSdelta1"
HEADER = struct.Struct(">8sI8s")  # magic, page size, salts of the log
GROUP = struct.Struct(">III")  # pages, bytes of the list, bytes of the zstd frame; pages 0: the end, page count, pages
GROUP_BYTES = 1 << 20
LEVEL = 1  # with the tables below 3 finds nothing more
HASH_LOG, CHAIN_LOG = (
    18,
    17,
)  # for this level; too small they find nothing in a megabyte of old pages: ten times the bytes

Old = Callable[[int], bytes | None]
"""The page of that number as it was at the point before; None when it is not at hand."""


def compressed(content: bytes, dictionary: bytes) -> bytes:
    """A frame that needs the dictionary."""
    window_log = max(17, (len(content) + len(dictionary)).bit_length())  # every place must be in reach of every other
    parameters = zstandard.ZstdCompressionParameters.from_level(
        LEVEL,
        source_size=len(content),
        dict_size=len(dictionary),
        window_log=window_log,
        hash_log=min(HASH_LOG, window_log),
        chain_log=min(CHAIN_LOG, window_log),
        write_checksum=1,
    )
    if not dictionary:
        return zstandard.ZstdCompressor(compression_params=parameters).compress(content)
    return zstandard.ZstdCompressor(dict_data=_raw(dictionary), compression_params=parameters).compress(content)


def decompressed(frame: bytes, dictionary: bytes, size: int) -> bytes:
    """ZstdError when the frame does not hold exactly that many bytes."""
    if zstandard.frame_content_size(frame) != size:
        raise zstandard.ZstdError("its size is wrong")
    decompressor = zstandard.ZstdDecompressor(dict_data=_raw(dictionary) if dictionary else None)
    return decompressor.decompress(frame, allow_extra_data=False)


def _raw(dictionary: bytes) -> zstandard.ZstdCompressionDict:
    return zstandard.ZstdCompressionDict(dictionary, dict_type=zstandard.DICT_TYPE_RAWCONTENT)


def to_list(pages: list[tuple[int, bool]], kin: list[int]) -> bytes:
    """A group's pages, each with whether its own old image is in the dictionary; then the other pages there."""
    listed = bytearray()
    before = 0
    for number, has_own in pages:
        listed += signed(number - before, has_own)
        before = number
    before = 0
    for number in kin:
        listed += signed(number - before, False)
        before = number
    return bytes(listed)


def from_list(listed: bytes, count: int) -> tuple[list[int], list[int]]:
    """The numbers of the pages, and of the dictionary's in its order. ValueError."""
    found = list(read_signed(listed))
    if len(found) < count:
        raise ValueError("it is too short")
    numbers, own, kin = [], [], []
    at = 0
    for step, has_own in found[:count]:
        at += step
        numbers.append(at)
        if has_own:
            own.append(at)
    at = 0
    for step, _ in found[count:]:
        at += step
        kin.append(at)
    return numbers, kin + own
