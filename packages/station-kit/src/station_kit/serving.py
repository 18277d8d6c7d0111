"""Where an app listens, and what it tells systemd: sockets that were handed over, ready, stopping, alive.

Outside of systemd nobody hands a socket over and nobody listens to notices: the same app then opens a socket of its own
at BIND and PORT, and telling does nothing.
"""

import logging
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass

from station_kit.environment import LOOPBACK, port_of
from station_kit.errors import BadSetting

FIRST_FD = 3  # systemd hands sockets over from here on
BACKLOG = 2048  # who comes while the app is busy, or starts again, waits here; the kernel's somaxconn may be less
TELL_S = 5.0  # for a notice to be taken

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Listener:
    """A socket that listens and does not block. `name` is systemd's for it (FileDescriptorName=), "" if opened here."""

    socket: socket.socket
    name: str = ""

    @property
    def where(self) -> str:
        """Its address as one writes it: `127.0.0.1:8000`, `[::1]:8000`, or a Unix socket's path."""
        address = self.socket.getsockname()
        if not isinstance(address, tuple):
            text = address.decode(errors="replace") if isinstance(address, bytes) else str(address)
            return text.replace("\0", "@")
        return f"[{address[0]}]:{address[1]}" if ":" in address[0] else f"{address[0]}:{address[1]}"


def listeners(environ: Mapping[str, str]) -> list[Listener]:
    """The sockets to serve on, all of them: those that were handed over, else one at BIND and PORT. BadSetting.

    They belong to the caller. Ask once: a socket that was handed over can be taken once only.
    """
    handed = handed_over(environ)
    if handed:
        return handed
    port = port_of(environ)
    if port is None:
        raise BadSetting("No socket: none was handed over and PORT is not set", "Set PORT to a number from 1 to 65535")
    return [listen(environ.get("BIND") or LOOPBACK, port)]


def handed_over(environ: Mapping[str, str]) -> list[Listener]:
    """The sockets that systemd opened for this very process (LISTEN_FDS); none when there are none. BadSetting.

    What the process starts does not inherit them.
    """
    if environ.get("LISTEN_PID") != str(os.getpid()):  # meant for a process that started this one
        return []
    text = environ.get("LISTEN_FDS", "")
    if not text.isascii() or not text.isdigit():
        raise BadSetting(f"No sockets: LISTEN_FDS is {text!r}", "systemd sets it; nothing else should")
    names = environ.get("LISTEN_FDNAMES", "").split(":")
    names += [""] * int(text)
    return [_taken(FIRST_FD + place, names[place]) for place in range(int(text))]


def listen(bind: str, port: int, *, backlog: int = BACKLOG) -> Listener:
    """A listening TCP socket of our own. BadSetting when the address is taken or not this machine's."""
    where = f"[{bind}]:{port}" if ":" in bind else f"{bind}:{port}"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(bind, port, type=socket.SOCK_STREAM)[0]
        # the protocol by its number: asyncio sets TCP_NODELAY only on a connection whose socket says that it is TCP
        opened = socket.socket(family, kind, protocol or socket.IPPROTO_TCP)
    except OSError as why:
        raise BadSetting(f"Cannot listen on {where}: {why.strerror}", "Set BIND to an address of this host") from why
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # else a restart waits for old connections
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened.bind(address)
        opened.listen(backlog)
        opened.setblocking(False)
    except OSError as why:
        opened.close()
        hint = f"See who has it: ss -ltnp 'sport = :{port}'"
        raise BadSetting(f"Cannot listen on {where}: {why.strerror}", hint) from why
    return Listener(opened)


def ready(environ: Mapping[str, str]) -> bool:
    """Say that requests are answered from now on: when the sockets listen and the app is loaded, not before."""
    return tell(environ, "READY=1")


def stopping(environ: Mapping[str, str]) -> bool:
    """Say that the end has begun."""
    return tell(environ, "STOPPING=1")


def alive(environ: Mapping[str, str]) -> bool:
    """Say that the app is well, at least every `watchdog_s`. From where the work is done: a thread would always do."""
    return tell(environ, "WATCHDOG=1")


def watchdog_s(environ: Mapping[str, str]) -> float | None:
    """How often to say `alive`: twice in the time after which systemd kills. None when it does not ask."""
    text, meant_for = environ.get("WATCHDOG_USEC", ""), environ.get("WATCHDOG_PID", "")
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        return None
    return int(text) / 2_000_000 if meant_for in ("", str(os.getpid())) else None


def tell(environ: Mapping[str, str], notice: str) -> bool:
    """Send lines like `STATUS=…` to systemd: whether somebody took them. What goes wrong is logged, never raised."""
    address = environ.get("NOTIFY_SOCKET", "")
    if address[:1] not in ("/", "@"):
        return False
    name = f"\0{address[1:]}" if address.startswith("@") else address
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
            sender.settimeout(TELL_S)
            sender.connect(name)
            sender.sendall(notice.encode())
    except OSError as why:
        _log.warning("notice not sent notice=%s to=%s why=%s", notice.partition("\n")[0], address, why)
        return False
    return True


def _taken(fd: int, name: str) -> Listener:
    """The socket behind the number. Its family is asked of it: one that is labelled wrongly loses TCP_NODELAY."""
    try:
        taken = socket.socket(fileno=fd)
    except OSError as why:
        raise BadSetting(f"No socket: {fd}, handed over, is none: {why.strerror}", "See Sockets= of its unit") from why
    if taken.type != socket.SOCK_STREAM or not taken.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        taken.close()
        raise BadSetting(f"Socket {fd}, handed over, does not listen", "Its unit wants ListenStream= and Accept=no")
    taken.set_inheritable(False)
    taken.setblocking(False)  # shared with systemd and, in an overlap, with the other release: all want it so
    return Listener(taken, name)
