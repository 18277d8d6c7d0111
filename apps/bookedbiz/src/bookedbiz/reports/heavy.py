"""Answers that take much memory while they are made: one after the other, and what they took is given back."""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock

from bookedbiz.collector import without_collector

_one = RLock()  # what makes one may call what makes one
_libc = ctypes.CDLL(None)


@contextmanager
def heavy() -> Iterator[None]:
    """Wait until nobody else makes such an answer; afterwards the allocator returns its free pages to the system."""
    with _one:
        try:
            with without_collector():
                yield
        finally:
            trim = getattr(_libc, "malloc_trim", None)  # of glibc alone
            if trim is not None:
                trim(0)
