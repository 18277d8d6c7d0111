"""Reading an object over SFTP as a stream: asked for ahead, and gone on with where it was cut."""

import io
from contextlib import suppress
from typing import Any

from paramiko import sftp

from station.errors import StoreError
from station.stores.sftp.line import ConnectionLost, Line
from station.stores.sftp.session import AHEAD, BLOCK_BYTES, END, READ, Refusal, Session, Window

BUFFER_BYTES = 256 * 1024


class NoFile(Exception):
    """There is a folder under that path."""


def open_stream(line: Line, what: str, path: str) -> io.BufferedReader:
    """The file from its start; to be closed. Refusal when there is none, NoFile when it is a folder."""
    return io.BufferedReader(_Stream(line, what, path), BUFFER_BYTES)


def read_back(session: Session, path: str, offset: int, length: int) -> bytes:
    """Part of a file, to be compared with what was sent."""
    handle = session.open_handle(path, READ)
    try:
        ahead = _Ahead(session, handle, offset, offset + length)
        found = bytearray()
        while piece := ahead.piece():
            found += piece
        return bytes(found)
    finally:
        session.close_handle(handle)


class _Ahead:
    """The bytes of an open file from one place to another, with requests that are sent ahead."""

    def __init__(self, session: Session, handle: bytes, start: int, end: int) -> None:
        self._window = Window(session)
        self._handle = handle
        self._asked: list[int] = []  # how many bytes each waiting request is about
        self._position = self._next = start
        self._end = end

    def piece(self) -> bytes:
        """The next bytes; none at the end."""
        while self._next < self._end and self._window.waiting < AHEAD:
            length = min(BLOCK_BYTES, self._end - self._next)
            self._window.ask(sftp.CMD_READ, self._handle, sftp.int64(self._next), length)
            self._asked.append(length)
            self._next += length
        if not self._asked:
            return b""
        wanted = self._asked.pop(0)
        try:
            _, answer = self._window.answer()
        except Refusal as why:
            if why.code == END:  # it became shorter
                return b""
            raise
        found = bytes(answer.get_binary())
        self._position += len(found)
        if len(found) < wanted:  # a server may give less than was asked for: what was sent ahead is of no use
            while self._asked:
                self._asked.pop()
                self._window.answer()
            self._next = self._position
        return found


class _Stream(io.RawIOBase):
    """The bytes of one file as it was when it was opened. StoreError when it cannot be gone on with."""

    def __init__(self, line: Line, what: str, path: str) -> None:
        super().__init__()
        self._line = line
        self._what = what
        self._path = path
        self._position = 0
        self._left = b""
        self._session: Session | None = None
        self._size, self._changed_at = line.run(what, self._begin)

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        view = memoryview(into).cast("B")
        if not self._left and self._position < self._size:
            self._left = self._next_piece()
            self._position += len(self._left)
        given = min(len(view), len(self._left))
        view[:given] = self._left[:given]
        self._left = self._left[given:]
        return given

    def close(self) -> None:
        session, self._session = self._session, None
        if not self.closed and session is not None and self._line.is_open(session):
            with suppress(StoreError):
                self._line.once(self._what, lambda _: session.close_handle(self._handle))
        super().close()

    def _begin(self, session: Session) -> tuple[int, int]:
        handle = session.open_handle(self._path, READ)
        size, changed_at, is_file = session.size_of(handle)
        if not is_file:
            session.close_handle(handle)
            raise NoFile
        self._session, self._handle = session, handle
        self._ahead = _Ahead(session, handle, self._position, size)
        return size, changed_at

    def _next_piece(self) -> bytes:
        """The next bytes, though the connection be lost meanwhile: once for each piece."""
        session, ahead = self._session, self._ahead
        piece = b""
        try:
            if session is not None and self._line.is_open(session):
                piece = self._line.once(self._what, lambda _: ahead.piece())
            else:
                piece = self._go_on()
        except ConnectionLost:
            piece = self._go_on()
        if not piece:
            raise StoreError(f"Could not {self._what}: it became shorter while it was read", "Try again")
        return piece

    def _go_on(self) -> bytes:
        self._session = None
        if self._line.run(self._what, self._begin) != (self._size, self._changed_at):
            raise StoreError(f"Could not {self._what}: it was replaced while it was read", "Try again")
        return self._line.once(self._what, lambda _: self._ahead.piece())
