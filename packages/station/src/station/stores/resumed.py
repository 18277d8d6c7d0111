"""Reading an object over HTTP as a stream that survives cuts: it goes on where it was, in the same object."""

import io
from abc import ABC, abstractmethod
from typing import Any, Protocol

import urllib3

from station.stores.patience import Patience

BUFFER_BYTES = 256 * 1024


class Body(Protocol):
    """The bytes of an answer, as they come."""

    def read(self, amount: int) -> bytes: ...

    def close(self) -> None: ...


class ResumedStream(io.RawIOBase, ABC):
    """The bytes of one object of `size` bytes. StoreError when it cannot be gone on with."""

    def __init__(self, patience: Patience, body: Body, size: int) -> None:
        super().__init__()
        self._patience = patience
        self._body = body
        self._size = size
        self._position = 0
        self._cuts = 0

    @abstractmethod
    def rest(self, position: int) -> Body:
        """The bytes from there on, of the same object. StoreError when it is another one by now."""

    @abstractmethod
    def given_up(self) -> Exception:
        """What to raise when it was cut again and again."""

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        view = memoryview(into).cast("B")
        while self._position < self._size and len(view):
            piece = self._piece(min(len(view), self._size - self._position))
            if piece:
                view[: len(piece)] = piece
                self._position += len(piece)
                self._cuts = 0
                return len(piece)
            self._go_on()
        return 0

    def close(self) -> None:
        if not self.closed and hasattr(self, "_body"):
            self._body.close()
        super().close()

    def is_cut(self, why: Exception) -> bool:
        """Whether the error means that the line was cut."""
        return isinstance(why, (urllib3.exceptions.HTTPError, OSError))

    def _piece(self, amount: int) -> bytes:
        try:
            return self._body.read(amount)
        except Exception as why:
            if not self.is_cut(why):
                raise
            return b""

    def _go_on(self) -> None:
        self._body.close()
        self._cuts += 1
        if self._cuts >= self._patience.tries:
            raise self.given_up()
        self._patience.pause(self._cuts)
        self._body = self.rest(self._position)
