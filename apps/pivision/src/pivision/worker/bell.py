"""The worker's bell: whoever stored a picture rings it, and the worker need not look into the queue all the time."""

import contextlib
import socket
from pathlib import Path

_MOST_BYTES = 64


class Bell:
    """A datagram socket at a path. A ring that nobody hears is lost: the queue is the truth, the bell saves time."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o750, exist_ok=True)
        path.unlink(missing_ok=True)  # of a worker that was killed
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        try:
            self._socket.bind(str(path))
            path.chmod(0o660)
        except BaseException:
            self._socket.close()
            raise

    def wait(self, most_s: float) -> bool:
        """Whether it rang within the time; all rings that came meanwhile are one."""
        self._socket.settimeout(max(0.001, most_s))
        try:
            self._socket.recv(_MOST_BYTES)
        except (TimeoutError, InterruptedError):
            return False
        self._socket.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                self._socket.recv(_MOST_BYTES)
        return True

    def close(self) -> None:
        """Nobody can ring any more."""
        self._socket.close()
