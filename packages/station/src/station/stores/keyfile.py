"""An age identity file, as `age-keygen` writes it: the first identity is the current one, the others open old objects.

No message shows a line of it, and nothing that is returned prints its secret.
"""

import stat
from dataclasses import dataclass, field
from pathlib import Path

from pyrage import IdentityError, x25519

from station.errors import StoreError
from station.stores.secretfile import OWNER_ONLY, read_secrets

HINT = "docs/encryption.md says how the file is made"
RENEW = "make a new one: `station key rotate`"
LARGEST_BYTES = 64 * 1024
SECRET = "AGE-SECRET-KEY-1"
ENCRYPTED = ("age-encryption.org/v1", "-----BEGIN AGE ENCRYPTED FILE-----")
OTHERS = {
    "age1": "a public key; the secret one begins with AGE-SECRET-KEY-1",
    "AGE-SECRET-KEY-PQ-1": "a key of a kind that is not known here; make one with `station key new`",
    "AGE-PLUGIN-": "a key of a plugin, which needs somebody at the keyboard; make one with `station key new`",
    "-----BEGIN": "a key of another program; make one with `station key new`",
}


@dataclass(frozen=True)
class Identity:
    """One key pair. `key_id` is its public half, which names it."""

    key_id: str
    age: x25519.Identity = field(repr=False)

    @property
    def recipient(self) -> x25519.Recipient:
        return self.age.to_public()


def read_identities(path: Path, forbidden: int = OWNER_ONLY) -> tuple[Identity, ...]:
    """Every identity of the file, the current one first.

    StoreError when it is no such file, or its mode has a bit of `forbidden`.
    """
    try:
        mode, size_bytes = path.stat().st_mode, path.stat().st_size
    except OSError as why:
        raise StoreError(f"The keys in {path} cannot be read: {why.strerror}", HINT) from why
    if not stat.S_ISREG(mode) or size_bytes > LARGEST_BYTES:
        raise StoreError(f"{path} is no key file", HINT)
    _refuse_encrypted(path)
    text = read_secrets(path, "The keys in", HINT, forbidden=forbidden, renew=RENEW)
    return identities_of(text, str(path))


def identities_of(text: str, where: str) -> tuple[Identity, ...]:
    """Every identity of the text. StoreError naming `where` and the line, never what stands there."""
    found: dict[str, Identity] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if (line := line.strip()) and not line.startswith("#"):
            one = _identity(line, f"Line {number} of {where}")
            found.setdefault(one.key_id, one)
    if not found:
        raise StoreError(f"There is no key in {where}", HINT)
    return tuple(found.values())


def _identity(line: str, which: str) -> Identity:
    try:
        age = x25519.Identity.from_str(line)
    except IdentityError:
        age = None
    if age is None:
        why = next((other for begin, other in OTHERS.items() if line.startswith(begin)), "mistyped, or no key at all")
        raise StoreError(f"{which} is no key: it is {why}", HINT)
    return Identity(str(age.to_public()), age)


def _refuse_encrypted(path: Path) -> None:
    try:
        with path.open("rb") as file:
            start = file.read(64)
    except OSError as why:
        raise StoreError(f"The keys in {path} cannot be read: {why.strerror}", HINT) from why
    if start.startswith(tuple(begin.encode() for begin in ENCRYPTED)):
        raise StoreError(
            f"The keys in {path} cannot be read: the file is encrypted, and nobody is there to type its passphrase",
            f"(umask 077; age -d {path} > {path}.plain) makes one that can be read",
        )
