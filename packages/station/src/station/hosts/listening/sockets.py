"""The kernel's tables of sockets, /proc/net/{tcp,tcp6,udp,udp6}: which of them take what comes. Pure but for `read`."""

import ipaddress
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TABLES = ("tcp", "tcp6", "udp", "udp6")
_WAITS = {"tcp": "0A", "udp": "07"}  # TCP_LISTEN; a UDP socket that is connected to nobody is "closed"


@dataclass(frozen=True)
class Socket:
    """A socket that takes what comes. `inode` is its number, by which the processes that hold it are found."""

    protocol: str
    address: str
    port: int
    uid: int
    inode: int


def read(proc: Path = Path("/proc")) -> list[Socket]:
    """All of them, of this process's network."""
    found: list[Socket] = []
    for table in TABLES:
        try:
            text = (proc / "net" / table).read_text(encoding="ascii")
        except OSError:  # a kernel without IPv6 has no such table
            continue
        found += parse(table, text)
    return found


def parse(table: str, text: str) -> Iterator[Socket]:
    """The sockets of one table; its first line is a heading."""
    protocol = table.removesuffix("6")
    for line in text.splitlines()[1:]:
        fields = line.split()
        if len(fields) < 10 or fields[3] != _WAITS[protocol]:
            continue
        address, _, port = fields[1].rpartition(":")
        yield Socket(protocol, address_of(address), int(port, 16), int(fields[7]), int(fields[9]))


def address_of(written: str) -> str:
    """The address that the kernel wrote as hexadecimal words, each in this machine's byte order."""
    words = [int(written[place : place + 8], 16) for place in range(0, len(written), 8)]
    packed = struct.pack(f"={len(words)}I", *words)
    if len(packed) == 4:
        return str(ipaddress.IPv4Address(packed))
    long = ipaddress.IPv6Address(packed)
    return str(long.ipv4_mapped or long)
