"""A device's key: a public part to find it by, 256 random bits, and only its SHA-256 stored. Pure but for chance."""

import hashlib
import re
import secrets
from dataclasses import dataclass, field

from station_kit.environment import Secret

_FORM = re.compile(r"(pv[kt])_([0-9a-f]{16})_[A-Za-z0-9_-]{43}")
OF_DEVICE, OF_PROGRAM = "pvk", "pvt"  # so that neither is taken for the other, by people or by the code
_CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is taken for another
_CODE_LENGTH = 10  # 49 bits: at ten wrong ones a minute nobody finds it in its 15 minutes


@dataclass(frozen=True)
class NewKey:
    """A key on its one way to the device; of it only `lookup`, `digest` and `hint` are stored."""

    secret: Secret = field(repr=False)
    lookup: str
    digest: bytes
    hint: str


def new_key(kind: str = OF_DEVICE) -> NewKey:
    """A key that nobody has."""
    lookup = secrets.token_hex(8)
    text = f"{kind}_{lookup}_{secrets.token_urlsafe(32)}"
    return NewKey(Secret(text), lookup, digest(text), text[-4:])


def lookup_of(key: str, kind: str = OF_DEVICE) -> str | None:
    """The public part; None when this is no key of that kind at all."""
    found = _FORM.fullmatch(key)
    return found[2] if found and found[1] == kind else None


def digest(text: str) -> bytes:
    """What is stored of a key or a code."""
    return hashlib.sha256(text.encode()).digest()


def new_code() -> Secret:
    """A code to read to somebody and type once: `7KQ2M-XW9PD`."""
    letters = "".join(secrets.choice(_CODE_LETTERS) for _ in range(_CODE_LENGTH))
    return Secret(f"{letters[:5]}-{letters[5:]}")


def code_digest(typed: str) -> bytes:
    """Of a code as somebody typed it: without the dash, in small letters, with blanks."""
    return digest("".join(letter for letter in typed.upper() if letter.isalnum()))
