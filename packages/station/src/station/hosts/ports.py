"""Who listens on a TCP port of this machine, so that a taken port can be named with its owner. Linux: reads /proc."""

import pwd
from dataclasses import dataclass

from station.errors import PortTaken
from station.hosts.listening import sockets
from station.hosts.listening.holders import holders


@dataclass(frozen=True)
class Owner:
    """Who listens. `pid` and `program` are None when another user's process does and we may not look."""

    user: str
    pid: int | None = None
    program: str | None = None

    def __str__(self) -> str:
        if self.pid is None:
            return f"a process of user {self.user}"
        return f"{self.program} (pid {self.pid}, user {self.user})"


def owner(port: int) -> Owner | None:
    """Who listens on the port on any address, or None when nobody does."""
    for each in sockets.read():
        if each.protocol == "tcp" and each.port == port:
            held = holders([each.inode]).by.get(each.inode)
            return Owner(_user(each.uid), held[0].pid, held[0].program) if held else Owner(_user(each.uid))
    return None


def require_free(ports: dict[str, int]) -> None:
    """PortTaken, naming each taken port and its owner. `ports` is what `--port` names (`bookedbiz.web`) to number."""
    taken = [(name, port, who) for name, port in ports.items() if (who := owner(port)) is not None]
    if not taken:
        return
    lines = [f"Port {port} of {name.replace('.', '/')} is taken: by {who}" for name, port, who in taken]
    choices = " ".join(f"--port {name}={_free_after(port)}" for name, port, _ in taken)
    raise PortTaken("\n".join(lines), f"Choose another: `station up {choices}`, or `ports` in fleet.toml")


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _free_after(port: int) -> int:
    """The next port nobody listens on, ten further on: close enough to remember."""
    return next((number for number in range(port + 10, 65536, 10) if owner(number) is None), port)
