"""Signed numbers with a flag in as few bytes as they need, as a delta lists its pages. Pure.

The number becomes `2 n` or, when it is negative, `-2 n - 1`; that is doubled, plus 1 for the flag; written in groups
of seven bits, the lowest first, with the top bit set in each byte but the last.
"""

from collections.abc import Iterator

MOST_BYTES = 6


def signed(number: int, flag: bool) -> bytes:
    value = (2 * number if number >= 0 else -2 * number - 1) * 2 + flag
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    found.append(value)
    return bytes(found)


def read_signed(listed: bytes) -> Iterator[tuple[int, bool]]:
    """Number and flag, one after another. ValueError when the last one is cut short or one is too long."""
    value = shift = 0
    for byte in listed:
        value |= (byte & 127) << shift
        shift += 7
        if byte > 127:
            if shift >= 7 * MOST_BYTES:
                raise ValueError("a number is too long")
            continue
        number, flag = value >> 1, bool(value & 1)
        yield (-(number + 1) // 2 if number & 1 else number // 2), flag
        value = shift = 0
    if shift:
        raise ValueError("it is cut short")
