"""Who listens on a TCP port of this machine, so that a taken port can be named with its owner. Linux: reads /proc."""

import pwd
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from station.errors import PortTaken

_LISTENING = "0A"
_PROC = Path("/proc")


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
    for name in ("tcp", "tcp6"):
        for inode, uid in _listeners(_PROC / "net" / name, port):
            user = _user(uid)
            pid = _who_holds(inode)
            return Owner(user, pid, _program(pid)) if pid is not None else Owner(user)
    return None


def require_free(ports: dict[str, int]) -> None:
    """PortTaken, naming each taken port and its owner. `ports` is what `--port` names (`bookedbiz.web`) to number."""
    taken = [(name, port, who) for name, port in ports.items() if (who := owner(port)) is not None]
    if not taken:
        return
    lines = [f"Port {port} of {name.replace('.', '/')} is taken: by {who}" for name, port, who in taken]
    choices = " ".join(f"--port {name}={_free_after(port)}" for name, port, _ in taken)
    raise PortTaken("\n".join(lines), f"Choose another: `station up {choices}`, or `ports` in fleet.toml")


def _listeners(table: Path, port: int) -> Iterator[tuple[str, int]]:
    """(inode, uid) of every listening socket on the port."""
    try:
        lines = table.read_text().splitlines()[1:]
    except OSError:
        return
    for line in lines:
        fields = line.split()
        if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
            yield fields[9], int(fields[7])


def _who_holds(inode: str) -> int | None:
    wanted = f"socket:[{inode}]"
    for folder in _PROC.iterdir():
        if not folder.name.isdigit():
            continue
        try:
            if any(str(link.readlink()) == wanted for link in (folder / "fd").iterdir()):
                return int(folder.name)
        except OSError:  # it ended, or is another user's
            continue
    return None


def _program(pid: int) -> str:
    try:
        return (_PROC / str(pid) / "comm").read_text().strip()
    except OSError:
        return "a process that just ended"


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _free_after(port: int) -> int:
    """The next port nobody listens on, ten further on: close enough to remember."""
    return next((number for number in range(port + 10, 65536, 10) if owner(number) is None), port)
