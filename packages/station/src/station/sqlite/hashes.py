"""Hashes of pages and the digest of a whole database. Pure.

A page's hash is xxh3-128 of its bytes, seeded with its number. The digest is the sum of all hashes modulo 2^128, so it
does not depend on the order in which pages are seen, and it names the content: pages swapped are not pages equal.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Self, TypeVar

import numpy as np
import xxhash

from station.sqlite.header import as_fresh_copy, lock_page

HASH_BYTES = 16
MODULUS = 2**128
NO_PAGE = bytes(HASH_BYTES)  # the lock page's hash: it adds nothing to the sum

page_hash = xxhash.xxh3_128_digest


def hash_as_scanned(number: int, page: bytes | memoryview) -> bytes:
    """The hash that a scan gives a page as it lies in a database or a log."""
    return page_hash(as_fresh_copy(bytes(page)) if number == 1 else page, number)


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
        return f"{_total(self.hashes) % MODULUS:032x}"

    def hash_of(self, number: int) -> bytes:
        """The hash of a page; empty when there is no such page."""
        return self.hashes[(number - 1) * HASH_BYTES : number * HASH_BYTES]

    def differing(self, known: bytes) -> list[int]:
        """The numbers of the pages whose hash is not the one in `known`, which is as `hashes` of other Pages."""
        ours, theirs = (np.frombuffer(hashes, dtype=">u8").reshape(-1, 2) for hashes in (self.hashes, known))
        both = min(len(ours), len(theirs))
        different = np.flatnonzero((ours[:both] != theirs[:both]).any(axis=1)) + 1
        lock = lock_page(self.page_size)
        return [*different.tolist(), *(number for number in range(both + 1, len(ours) + 1) if number != lock)]

    def changed(self, found: Mapping[int, bytes], page_count: int) -> Self:
        """These pages with other hashes for some, and with that many pages.

        It costs a copy of the table: the digest is brought up from the old one, not summed anew.
        """
        end = page_count * HASH_BYTES
        if not found and end == len(self.hashes):
            return self
        table = bytearray(self.hashes[:end]).ljust(end, b"\0")
        total = int(self.digest, 16) - _total(self.hashes[end:])
        for number, page in found.items():
            at = slice((number - 1) * HASH_BYTES, number * HASH_BYTES)
            total += int.from_bytes(page, "big") - int.from_bytes(table[at], "big")
            table[at] = page
        return _with_digest(type(self)(self.page_size, bytes(table)), total)


class PageHashes:
    """The hashes of a database while pages are put over it, as a change file does. The digest is kept up with them."""

    def __init__(self, pages: Pages) -> None:
        self._page_size = pages.page_size
        self._lock_page = lock_page(pages.page_size)
        self._hashes = bytearray(pages.hashes)
        self._total = int(pages.digest, 16)

    def put(self, number: int, page: bytes) -> None:
        if number == self._lock_page:
            return  # its hash stays zero
        hashes, end = self._hashes, number * HASH_BYTES
        if len(hashes) < end:
            hashes.extend(bytes(end - len(hashes)))
        at = slice(end - HASH_BYTES, end)
        found = page_hash(page, number)
        self._total += int.from_bytes(found, "big") - int.from_bytes(hashes[at], "big")
        hashes[at] = found

    def cut(self, page_count: int) -> Pages:
        """The pages after the commit, when the database has that many pages."""
        end = page_count * HASH_BYTES
        total = self._total - _total(self._hashes[end:])
        with memoryview(self._hashes) as hashes:
            kept = bytes(hashes[:end]).ljust(end, b"\0")
        return _with_digest(Pages(self._page_size, kept), total)


def hashes_of(block: bytes | memoryview, page_size: int, first: int) -> bytes:
    """The hashes of whole pages that follow one another, the first of which has the number `first`."""
    view = memoryview(block)
    pages = [view[at : at + page_size] for at in range(0, len(view), page_size)]
    hashes = bytearray().join(map(page_hash, pages, range(first, first + len(pages))))
    never = (lock_page(page_size) - first) * HASH_BYTES
    if 0 <= never < len(hashes):
        hashes[never : never + HASH_BYTES] = NO_PAGE
    return bytes(hashes)


PagesT = TypeVar("PagesT", bound=Pages)


def _with_digest(pages: PagesT, total: int) -> PagesT:
    pages.__dict__["digest"] = f"{total % MODULUS:032x}"  # what cached_property would find
    return pages


def _total(hashes: bytes | bytearray) -> int:
    words = np.frombuffer(hashes, dtype=">u4").reshape(-1, 4).sum(axis=0, dtype=np.uint64)
    return sum(int(word) << shift for word, shift in zip(words, (96, 64, 32, 0), strict=True))
