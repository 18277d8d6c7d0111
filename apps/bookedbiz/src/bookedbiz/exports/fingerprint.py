"""Key and hash of a workbook tuple, version v1: workbooks keep acknowledgements by it, so it never changes. Pure."""

import hashlib

HASH_VERSION = "v1"
_SEPARATOR = "\x1f"

TupleKey = tuple[str, ...]


def normalised(text: str | None) -> str:
    """For comparing: without outer spaces, in lower case; nothing is the empty text.

    Python's `strip` and `lower` on purpose, not SQLite's, which know ASCII alone.
    """
    return "" if text is None else text.strip().lower()


def row_hash(key: TupleKey) -> str:
    """SHA-1 over the normalised customer, market, revenue class, AE, agency flag and sector, in hexadecimal."""
    return hashlib.sha1(_SEPARATOR.join(key).encode(), usedforsecurity=False).hexdigest()
