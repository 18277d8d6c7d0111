"""Sockets handed to a process as systemd hands them, and a place where its notices arrive."""

import secrets
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from station_kit.serving import listen

# LISTEN_PID is known only in the process itself, so it is set there, just before the program takes its place.
_HAND_OVER = """
import fcntl, os, sys
numbers = [fcntl.fcntl(int(fd), fcntl.F_DUPFD, 100) for fd in sys.argv[1].split(",")]
for place, fd in enumerate(numbers):
    os.dup2(fd, 3 + place)
os.closerange(3 + len(numbers), 200)
os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": str(len(numbers)), "LISTEN_FDNAMES": sys.argv[2]}
os.execvp(sys.argv[3], sys.argv[3:])
"""


@dataclass(frozen=True)
class Handing:
    """Listening sockets that outlast the processes that they are handed to, as they do under systemd."""

    sockets: Sequence[socket.socket]
    names: Sequence[str]
    notices: socket.socket
    address: str

    @property
    def fds(self) -> list[int]:
        """What a process must inherit (`pass_fds` of Popen)."""
        return [each.fileno() for each in self.sockets]

    @property
    def port(self) -> int:
        """Of the first socket."""
        return int(self.sockets[0].getsockname()[1])

    @property
    def environ(self) -> dict[str, str]:
        return {"NOTIFY_SOCKET": self.address}

    def command(self, command: Sequence[str]) -> list[str]:
        """The command that hands the sockets over and then is `command`, in one process."""
        if not self.sockets:
            return list(command)
        given = ",".join(str(fd) for fd in self.fds)
        return [sys.executable, "-S", "-c", _HAND_OVER, given, ":".join(self.names), *command]

    def notice(self, within_s: float) -> str:
        """The next notice, waited for; "" when none comes in time."""
        self.notices.settimeout(within_s)
        try:
            return self.notices.recv(4096).decode()
        except TimeoutError:
            return ""


@contextmanager
def handing(names: Sequence[str] = ("web.socket",)) -> Iterator[Handing]:
    """A free loopback socket for each of `names`, and a socket for notices, all closed when the block ends."""
    address = f"@station-kit-{secrets.token_hex(8)}"
    with ExitStack() as stack:
        sockets = [stack.enter_context(listen("127.0.0.1", 0).socket) for _ in names]
        notices = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        notices.bind(f"\0{address[1:]}")
        yield Handing(sockets, names, notices, address)
