"""The way to a machine over SSH: its host key compared, signed in with a private key, nothing else tried.

Nothing of ~/.ssh is read, no agent is asked, and there are no passwords.
"""

import logging
import socket
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import paramiko

from station.errors import StoreError
from station.stores.sftp.hosts import HostKey, KnownHosts, read_known_hosts
from station.stores.sftp.session import LOST, Refusal, Session

CONNECT_S = 15.0  # for each of: the connection, the greeting, the signing in
ANSWER_S = 60.0  # the longest wait for any one answer
KEEP_ALIVE_S = 15
UNHEARD_MS = 45_000  # what was sent and not acknowledged for so long: the connection is gone
RSA_SIGNATURES = ("rsa-sha2-512", "rsa-sha2-256")

logging.getLogger("paramiko").addHandler(logging.NullHandler())  # what it has to say comes to us as exceptions


@dataclass(frozen=True)
class Place:
    """A folder of another machine, and how we get there."""

    server: str
    port: int
    user: str
    private_key: Path
    known_hosts: Path
    path: str

    def __str__(self) -> str:
        return f"{self.user}@{self.server}:{self.path}"


def enter(place: Place) -> Session:
    """A new session. StoreError: nobody answers, it is another machine, or it does not let us in."""
    key = _read_key(place.private_key)
    known = read_known_hosts(place.known_hosts, place.server, place.port)
    connection = _connect(place)
    transport = None
    try:
        transport = paramiko.Transport(connection)
        _greet(transport, known, place)
        _sign_in(transport, key, place)
        transport.set_keepalive(KEEP_ALIVE_S)
        return _open_session(transport, place)
    except BaseException:
        if transport is not None:
            transport.close()
        connection.close()
        raise


def _read_key(file: Path) -> Any:
    """The private key. StoreError when it is missing, encrypted, no key, or others may read it."""
    try:
        if file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise StoreError(f"The private key {file} may be read by others than its owner", f"chmod 600 {file}")
        return paramiko.PKey.from_path(file)
    except OSError as why:
        raise StoreError(
            f"The private key cannot be read: {why.strerror} ({file})",
            f"`ssh-keygen -t ed25519 -N '' -f {file}` makes one; its .pub goes into ~/.ssh/authorized_keys over there",
        ) from why
    except (TypeError, paramiko.PasswordRequiredException) as why:
        raise StoreError(
            f"The private key {file} is encrypted, and there is nobody here to type its passphrase",
            f"`ssh-keygen -p -f {file}` takes the passphrase off; or make a key for this alone",
        ) from why
    except (ValueError, paramiko.SSHException) as why:
        raise StoreError(
            f"The private key {file} is none: it cannot be understood",
            "It is the file without .pub that `ssh-keygen` made, of type ed25519, ecdsa or rsa",
        ) from why


def _connect(place: Place) -> socket.socket:
    try:
        connection = socket.create_connection((place.server, place.port), CONNECT_S)
    except OSError as why:
        raise StoreError(
            f"{place.server} cannot be reached on port {place.port}: {why.strerror or why}",
            "Is the machine up, the network there, and its SSH server running?",
        ) from why
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNHEARD_MS)
    return connection


def _greet(transport: Any, known: KnownHosts, place: Place) -> None:
    """Agree on keys and see who is there."""
    options = transport.get_security_options()
    wanted = [one for kind in known.kinds for one in (RSA_SIGNATURES if kind == "ssh-rsa" else (kind,))]
    offered = [one for one in wanted if one in options.key_types]
    # the types that we know first, so that a server with several keys shows one that can be compared
    options.key_types = (*offered, *(one for one in options.key_types if one not in offered))
    transport.banner_timeout = transport.auth_timeout = CONNECT_S
    try:
        transport.start_client(timeout=CONNECT_S)
        shown = transport.get_remote_server_key()
    except LOST as why:
        raise StoreError(
            f"{place.server} does not speak SSH with us on port {place.port}: {why or 'it hung up'}",
            "Is that the port of its SSH server?",
        ) from why
    known.require(HostKey(shown.get_name(), shown.asbytes()))


def _sign_in(transport: Any, key: Any, place: Place) -> None:
    mine = HostKey(key.get_name(), key.asbytes()).fingerprint
    try:
        left = transport.auth_publickey(place.user, key)
    except paramiko.AuthenticationException as why:
        raise StoreError(
            f"{place.server} does not let {place.user} in with the key {place.private_key} ({mine})",
            f"Its line in {place.private_key}.pub belongs into {place.user}'s ~/.ssh/authorized_keys over there",
        ) from why
    except LOST as why:
        raise StoreError(f"{place.server} hung up while {place.user} signed in: {why}", "Try again") from why
    if left:
        raise StoreError(f"{place.server} wants more of {place.user} than a key: {', '.join(left)}", "Allow key alone")


def _open_session(transport: Any, place: Place) -> Session:
    try:
        channel = transport.open_session(timeout=CONNECT_S)
        channel.settimeout(ANSWER_S)
        channel.invoke_subsystem("sftp")
        return Session(channel)
    except (Refusal, *LOST) as why:
        raise StoreError(
            f"{place.server} lets {place.user} in and offers no SFTP: {why or 'it hung up'}",
            "Its sshd_config needs a line `Subsystem sftp internal-sftp`",
        ) from why
