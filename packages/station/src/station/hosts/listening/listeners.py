"""Every port of this machine that takes what comes: whose it is, since when, and who can reach it."""

import pwd
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path

from station.errors import StationError
from station.hosts import systemctl
from station.hosts.listening import sockets
from station.hosts.listening.holders import Holder, UnitName, holders


class Reach(StrEnum):
    """Who can come: this machine alone, whoever reaches one of its addresses, or everybody."""

    LOOPBACK = "loopback"
    ONE = "one address"
    EVERYBODY = "everybody"


@dataclass(frozen=True)
class Listener:
    """A port that takes what comes. `owner` is the user that the process runs as, or, of one not seen, who opened it.

    `pid` None: no process that holds it was seen, and so neither program nor unit; systemd itself only when nobody else
    has it. `manager`: the user whose own systemd runs the unit, "" for the machine's. `socket_unit`: the unit whose
    socket it is, when systemd holds it too.
    """

    protocol: str
    address: str
    port: int
    owner: str
    pid: int | None = None
    program: str = ""
    unit: str = ""
    manager: str = ""
    socket_unit: str = ""
    since: datetime | None = None

    @property
    def reach(self) -> Reach:
        address = ip_address(self.address)
        if address.is_unspecified:
            return Reach.EVERYBODY
        return Reach.LOOPBACK if address.is_loopback else Reach.ONE

    @property
    def place(self) -> str:
        """`tcp 0.0.0.0:8000`, as a person writes it."""
        shown = f"[{self.address}]" if ":" in self.address else self.address
        return f"{self.protocol} {shown}:{self.port}"

    def __str__(self) -> str:
        """Who it is, in words."""
        if self.pid is None:
            return f"a process of user {self.owner} that we may not see"
        own = "" if self.pid == 1 else self.unit
        units = [f"{own} of {self.manager}" if self.manager else own, self.socket_unit]
        return f"{self.program} ({', '.join([f'pid {self.pid}', f'user {self.owner}', *filter(None, units)])})"


@dataclass(frozen=True)
class Listening:
    """All listeners, by port. `unseen` processes did not let us look: others than root's see only their own."""

    listeners: tuple[Listener, ...]
    unseen: int


def listeners() -> list[Listener]:
    """Every listener of this machine, by port. What we may not see is left empty."""
    return list(look().listeners)


def look(proc: Path = Path("/proc")) -> Listening:
    """Every listener, and how much could not be seen."""
    found = sockets.read(proc)
    held = holders((each.inode for each in found), proc)
    sockets_of_units = _sockets_of_units() if any(each.pid == 1 for many in held.by.values() for each in many) else {}
    known = {_listener(each, held.by.get(each.inode, ()), sockets_of_units) for each in found if each.port}
    return Listening(tuple(sorted(known, key=_order)), held.unseen)


def stranger(unit: str, port: int, account: str, *, socket: bool) -> str:
    """Empty when a process of the unit holds what listens on the TCP port; otherwise who does.

    Who may not look at other users' processes sees alone who opened it: then `account`, or root for a `socket` unit.
    """
    found = [each for each in sockets.read() if each.protocol == "tcp" and each.port == port]
    if not found:
        return f"nobody listens on port {port}"
    held = holders(each.inode for each in found)
    there = [one for each in found for one in held.by.get(each.inode, ())]
    if any(one.unit == UnitName(unit) or (socket and one.pid == 1 and held.unseen) for one in there):
        return ""
    if there:
        return f"port {port} is answered by {', '.join(sorted({str(one) for one in there}))}"
    users = {_user(each.uid) for each in found}
    is_ours = account in users or (socket and "root" in users)
    return "" if is_ours else f"port {port} is answered by a process of user {', '.join(sorted(users))}"


def _listener(socket: sockets.Socket, held: tuple[Holder, ...], sockets_of_units: Mapping[str, str]) -> Listener:
    by_systemd = any(each.pid == 1 for each in held)
    its = max(held, key=lambda each: (each.pid != 1, -each.pid), default=None)  # the oldest one beside systemd
    place = Listener(socket.protocol, socket.address, socket.port, _user(socket.uid))
    uid = its.uid if its is not None and its.uid is not None else socket.uid
    unit = its.unit if its is not None and its.unit is not None else UnitName("")
    return Listener(
        protocol=socket.protocol,
        address=socket.address,
        port=socket.port,
        owner=_user(uid),
        pid=its.pid if its else None,
        program=its.program if its else "",
        unit=unit.name,
        manager="" if unit.manager_uid is None else _user(unit.manager_uid),
        socket_unit=sockets_of_units.get(place.place, "") if by_systemd else "",
        since=its.since if its else None,
    )


def _sockets_of_units() -> dict[str, str]:
    """`tcp 0.0.0.0:8000` to the unit that has systemd open it. Empty where systemd does not answer."""
    try:
        asked = systemctl.sockets()
    except StationError:
        return {}
    return {_as_opened(protocol, address): unit for unit, many in asked.items() for protocol, address in many}


def _as_opened(protocol: str, address: str) -> str:
    host, _, port = address.rpartition(":")
    return Listener(protocol, host.strip("[]") or "::", int(port), "").place


def _order(one: Listener) -> tuple[int, str, str, int]:
    return one.port, one.protocol, one.address, one.pid or 0


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
