"""Who is behind a connection over Tailscale, as the daemon of this machine says. Headers are not asked."""

import http.client
import ipaddress
import json
import socket
from pathlib import Path
from typing import Final
from urllib.parse import quote

TIMEOUT_S: Final = 2.0  # the daemon answers from memory
_HOST: Final = "local-tailscaled.sock"  # the name that the daemon's local API goes by
_TAGGED: Final = "tagged-devices"  # what it says of a machine that is nobody's


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__(_HOST, timeout=TIMEOUT_S)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def who_is(daemon: Path, address: str, port: str) -> str | None:
    """The e-mail of the person at that end of the connection, in lower case; None when it is nobody's or not known.

    `address` and `port` are the peer's as the socket has them. OSError when the daemon does not answer.
    """
    peer = _peer(address, port)
    if peer is None:
        return None
    connection = _UnixConnection(daemon)
    try:
        connection.request("GET", f"/localapi/v0/whois?addr={quote(peer)}")
        answer = connection.getresponse()
        body = answer.read(1_000_000)
        if answer.status != 200:
            return None
    except http.client.HTTPException as why:
        raise OSError(f"the Tailscale daemon did not answer: {why}") from why
    finally:
        connection.close()
    return _email(body)


def _peer(address: str, port: str) -> str | None:
    """`100.64.0.7:41234`, `[fd7a::1]:41234`; None for a loopback: what is behind a proxy is nobody's own address."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return None
    if ip.is_loopback or not port.isascii() or not port.isdigit():
        return None
    return f"[{ip}]:{port}" if ip.version == 6 else f"{ip}:{port}"


def _email(body: bytes) -> str | None:
    try:
        name = json.loads(body)["UserProfile"]["LoginName"]
    except (ValueError, KeyError, TypeError):
        return None
    return name.strip().lower() if isinstance(name, str) and "@" in name and name != _TAGGED else None
