"""Which host keys of a machine are known: a known_hosts file, read as OpenSSH reads it."""

import base64
import binascii
import fnmatch
import hashlib
import hmac
from dataclasses import dataclass
from pathlib import Path

from station.errors import StoreError

SSH_PORT = 22


@dataclass(frozen=True)
class HostKey:
    """A public key of a machine: its type and its bytes."""

    kind: str
    blob: bytes

    @property
    def fingerprint(self) -> str:
        """As `ssh-keygen -l` prints it."""
        digest = base64.b64encode(hashlib.sha256(self.blob).digest()).decode().rstrip("=")
        return f"{self.kind} SHA256:{digest}"


@dataclass(frozen=True)
class KnownHosts:
    """The keys that a file names for one machine, and those that it calls revoked."""

    file: Path
    machine: str
    keys: tuple[HostKey, ...]
    revoked: tuple[HostKey, ...]

    @property
    def kinds(self) -> tuple[str, ...]:
        """The types of key by which the machine can be recognised."""
        return tuple(dict.fromkeys(key.kind for key in self.keys))

    def require(self, shown: HostKey) -> None:
        """StoreError unless the key that the machine showed is one of its known ones."""
        if shown in self.revoked:
            raise StoreError(
                f"{self.machine} showed the key {shown.fingerprint}, which {self.file} calls revoked",
                "Somebody may be in between: find out before anything else is sent there",
            )
        if shown in self.keys:
            return
        if not self.keys:
            raise StoreError(
                f"{self.machine} is not known: it showed {shown.fingerprint}, and {self.file} has no key of it",
                f"Compare that with `ssh-keygen -lf /etc/ssh/ssh_host_{_short(shown.kind)}_key.pub` on the machine "
                f"itself; if it is the same: `{self._scan(shown.kind)} >> {self.file}`",
            )
        known = ", ".join(key.fingerprint for key in self.keys)
        raise StoreError(
            f"{self.machine} is not the machine it was: it showed {shown.fingerprint}, and {self.file} has {known}",
            "If it was installed anew, compare with `ssh-keygen -lf` on the machine itself, take its lines out of the "
            f"file and `{self._scan(shown.kind)} >> {self.file}`; if it was not, somebody is in between",
        )

    def _scan(self, kind: str) -> str:
        host, _, port = self.machine.removeprefix("[").partition("]:")
        return f"ssh-keyscan {f'-p {port} ' if port else ''}-t {_short(kind)} {host}"


def machine_name(server: str, port: int) -> str:
    """A machine as known_hosts names it: with its port when that is not 22."""
    return server if port == SSH_PORT else f"[{server}]:{port}"


def read_known_hosts(file: Path, server: str, port: int) -> KnownHosts:
    """The keys of that machine. StoreError when the file cannot be read; lines that say nothing are passed by."""
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as why:
        raise StoreError(
            f"The file of known hosts cannot be read: {why.strerror} ({file})",
            f"`ssh-keyscan {f'-p {port} ' if port != SSH_PORT else ''}{server} > {file}`, then compare the "
            "fingerprints with the machine's own",
        ) from why
    machine = machine_name(server, port)
    keys: list[HostKey] = []
    revoked: list[HostKey] = []
    for line in lines:
        words = line.split()
        marker = words.pop(0) if words and words[0].startswith("@") else ""
        if len(words) < 3 or words[0].startswith("#") or marker not in ("", "@revoked"):
            continue
        if _names(words[0], machine) and (key := _key(words[1], words[2])) is not None:
            (revoked if marker else keys).append(key)
    return KnownHosts(file, machine, tuple(keys), tuple(revoked))


def _names(written: str, machine: str) -> bool:
    """Whether the first word of a line is about the machine: a hash, or a list of patterns of which none says no."""
    if written.startswith("|1|"):
        return _is_hash_of(written, machine)
    named = False
    for pattern in written.split(","):
        # fnmatch knows [..], which known_hosts does not: there it is part of a name with a port
        plain = pattern.removeprefix("!").lower().replace("[", "[[]")
        if fnmatch.fnmatchcase(machine.lower(), plain):
            if pattern.startswith("!"):
                return False
            named = True
    return named


def _is_hash_of(written: str, machine: str) -> bool:
    try:
        _, _, salt, wanted = written.split("|")
        expected = base64.b64decode(wanted, validate=True)
        found = hmac.new(base64.b64decode(salt, validate=True), machine.encode(), hashlib.sha1).digest()
    except (ValueError, binascii.Error):
        return False
    return hmac.compare_digest(found, expected)


def _key(kind: str, encoded: str) -> HostKey | None:
    try:
        return HostKey(kind, base64.b64decode(encoded, validate=True))
    except (ValueError, binascii.Error):
        return None


def _short(kind: str) -> str:
    """The type as ssh-keyscan and the names of host key files have it."""
    return next((short for short in ("ed25519", "ecdsa", "rsa") if short in kind), kind)
