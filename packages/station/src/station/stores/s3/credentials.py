"""The keys that S3 is entered with: read from a file or a folder that only its owner can read, and never printed."""

from dataclasses import dataclass
from pathlib import Path

from station.stores.credentials import Wanted, read_values
from station.stores.secretfile import Secret

NAMES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
SESSION = "AWS_SESSION_TOKEN"
WANTED = Wanted(NAMES, (SESSION,), "docs/s3.md says how the file is made", "make a new key as docs/s3.md says")


@dataclass(frozen=True)
class S3Credentials:
    """One key and its secret; a key that was lent for a time has a session token too."""

    key_id: str
    secret: Secret
    session: Secret | None = None


def read_credentials(path: Path) -> S3Credentials:
    """The keys of an env file (0600), or of a folder with one file each, as systemd hands them over.

    Neither the environment nor ~/.aws nor the machine's own identity is asked. StoreError when something is missing or
    others can read it.
    """
    values = read_values(path, WANTED)
    key_id, secret = (values[name] for name in NAMES)
    session = values.get(SESSION)
    return S3Credentials(key_id, Secret(secret), Secret(session) if session else None)
