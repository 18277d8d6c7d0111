"""Hashes of pages and the digest of a whole database. Pure.

A page's hash is xxh3-128 of its bytes, seeded with its number. The digest is the sum of all hashes modulo 2^128, so it
does not depend on the order in which pages are seen, and it names the content: pages swapped are not pages equal.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import xxhash

from station.sqlite.header import lock_page

HASH_BYTES = 16
NO_PAGE = bytes(HASH_BYTES)  # the lock page's hash: it adds nothing to the sum

page_hash = xxhash.xxh3_128_digest


@dataclass(frozen=True)
class Pages:
    """What a database holds: the page size and the hash of every page, page 1 first."""

    page_size: int
    hashes: bytes

    @property
    def page_count(self) -> int:
        return len(self.hashes) // HASH_BYTES

    @cached_property
    def digest(self) -> str:
        """32 hex digits that are equal when page size, page count and every page are equal."""
        words = np.frombuffer(self.hashes, dtype=">u4").reshape(-1, 4).sum(axis=0, dtype=np.uint64)
        total = sum(int(word) << shift for word, shift in zip(words, (96, 64, 32, 0), strict=True))
        return f"{total % 2**128:032x}"


class PageHashes:
    """The hashes of a database while pages are put over it, as a change file does."""

    def __init__(self, pages: Pages) -> None:
        self._page_size = pages.page_size
        self._hashes = bytearray(pages.hashes)

    def put(self, number: int, page: bytes) -> None:
        end = number * HASH_BYTES
        if len(self._hashes) < end:
            self._hashes.extend(bytes(end - len(self._hashes)))
        self._hashes[end - HASH_BYTES : end] = page_hash(page, number)

    def cut(self, page_count: int) -> Pages:
        """The pages after the commit, when the database has that many pages."""
        end = page_count * HASH_BYTES
        hashes = self._hashes[:end].ljust(end, b"\0")
        lock = (lock_page(self._page_size) - 1) * HASH_BYTES
        if lock < end:
            hashes[lock : lock + HASH_BYTES] = NO_PAGE
        return Pages(self._page_size, bytes(hashes))
