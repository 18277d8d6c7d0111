"""What a function writes, as a stream that is read: the function runs in a thread, a few blocks ahead of the reader."""

import threading
from collections import deque
from collections.abc import Callable
from io import BytesIO, RawIOBase
from typing import BinaryIO

BLOCK_BYTES = 256 * 1024
BLOCKS_AHEAD = 4

Work = Callable[["Source", "Sink"], None]
"""Reads the one, writes the other; what it raises reaches the reader."""


class Abandoned(Exception):
    """The reader went away."""


class Source:
    """A stream, read in large blocks however small the pieces that are asked for; remembers what reading raised."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._block = BytesIO()
        self.error: BaseException | None = None
        self.abandoned = False

    def read(self, amount: int = -1) -> bytes:
        if not amount or (piece := self._block.read(amount)):
            return piece if amount else b""
        try:
            if self.abandoned:
                raise Abandoned
            self._block = BytesIO(self._stream.read(BLOCK_BYTES))
        except BaseException as why:
            self.error = why
            raise
        return self._block.read(amount)


class Sink:
    """Gathers small pieces into blocks and hands them over; waits when the reader is behind."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._blocks: deque[bytes] = deque()
        self._gathered: list[bytes] = []
        self._gathered_bytes = 0
        self._ended = self._abandoned = False

    def write(self, piece: bytes) -> int:
        self._gathered.append(piece)
        self._gathered_bytes += len(piece)
        if self._gathered_bytes >= BLOCK_BYTES:
            self._hand_over()
        return len(piece)

    def flush(self) -> None:
        """Whoever writes may call it at any time; a block is handed over when it is full, or at the end."""

    def end(self) -> None:
        """Nothing more comes, for good or ill."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def finish(self) -> None:
        """Hand over what is left."""
        if self._gathered:
            self._hand_over()

    def abandon(self) -> None:
        """The reader goes away: the next write fails."""
        with self._changed:
            self._abandoned = True
            self._blocks.clear()
            self._changed.notify_all()

    def take(self) -> bytes:
        """The next block; b"" when there will be none."""
        with self._changed:
            self._changed.wait_for(lambda: self._blocks or self._ended)
            block = self._blocks.popleft() if self._blocks else b""
            self._changed.notify_all()
            return block

    def _hand_over(self) -> None:
        block = b"".join(self._gathered)
        self._gathered.clear()
        self._gathered_bytes = 0
        with self._changed:
            self._changed.wait_for(lambda: self._abandoned or len(self._blocks) < BLOCKS_AHEAD)
            if self._abandoned:
                raise Abandoned
            self._blocks.append(block)
            self._changed.notify_all()


class Pump(RawIOBase):
    """The stream. `close` ends the thread and waits for it; the source is not read afterwards.

    Its end is told only after the work is done: what the work raised is raised in place of the end.
    """

    def __init__(self, source: BinaryIO, work: Work) -> None:
        super().__init__()
        self._source = Source(source)
        self._sink = Sink()
        self._block = BytesIO()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(work,), name="pump", daemon=True)
        self._thread.start()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]  # typeshed: any buffer
        if self.closed:
            raise ValueError("read from a stream that is closed")
        amount = self._block.readinto(buffer)
        if not amount and len(buffer):
            block = self._sink.take()
            if not block:
                self._thread.join()
                if self._error is not None:
                    raise self._error
                return 0
            self._block = BytesIO(block)
            amount = self._block.readinto(buffer)
        return amount

    def close(self) -> None:
        if not self.closed:
            self._source.abandoned = True
            self._sink.abandon()
            self._thread.join()
        super().close()

    def _run(self, work: Work) -> None:
        try:
            work(self._source, self._sink)
            self._sink.finish()
        except BaseException as why:  # noqa: BLE001  # it is raised again, where somebody reads
            self._error = self._source.error or why
        finally:
            self._sink.end()
